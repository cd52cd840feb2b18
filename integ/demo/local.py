"""A lake in the local AWS."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from emulator.client import LocalAws
from emulator.settings import S3_EVENTS_AFTER_SECONDS

from demo.deploy import QUICKSTART, ROOT, Cdk
from demo.lake import Lake
from demo.timings import Timings

GLUE_PYTHON = ROOT / ".venv" / "glue" / "bin" / "python"


@dataclass(frozen=True)
class LocalLake:
    """A deployed lake, its AWS and the CLI that deployed it."""

    lake: Lake
    aws: LocalAws
    cdk: Cdk

    def deploy(self) -> dict[str, str]:
        """Deploys again; returns the outputs."""
        return deploy(self.aws, self.cdk)


@contextmanager
def local_lake(
    folder: Path,
    timings: Timings,
    customers: Path | None = None,
    *,
    app: str | None = None,
    may_stay: bool = False,
    calls: Path | None = None,
) -> Iterator[LocalLake]:
    """Starts a local AWS and deploys examples/quickstart into it. Stops it at the end, unless it was detached.

    Args:
        folder: for the files of the CDK CLI and the local AWS.
        timings: record the seconds of each step.
        customers: a customers.json that replaces the app's own.
        app: command of an app that replaces the quickstart's.
        may_stay: keeps the files of the local AWS in another folder, so that it can outlive `folder`.
        calls: file that records the calls of roles and services.
    """
    with timings.step("start the local AWS"):
        aws = LocalAws(directory=None if may_stay else folder / "aws", glue_python=GLUE_PYTHON, calls=calls)
    with aws:
        cdk = Cdk(aws.environment, folder / "cdk", timings, app)
        cdk.bootstrap_and_synth(customers)
        yield LocalLake(Lake(aws.environment, deploy(aws, cdk)), aws, cdk)


def deploy(aws: LocalAws, cdk: Cdk) -> dict[str, str]:
    """Deploys, and turns the clock until new buckets send events."""
    outputs = cdk.deploy()
    aws.turn_clock(S3_EVENTS_AFTER_SECONDS)
    return outputs


def quickstart_customers() -> list[str]:
    """The customerIds of the app's own customers.json."""
    return [customer["customerId"] for customer in json.loads((QUICKSTART / "customers.json").read_text())]


def write_customers(customer_ids: Sequence[str], path: Path) -> Path:
    """Writes a customers.json with ids only."""
    path.write_text(json.dumps([{"customerId": customer_id} for customer_id in customer_ids], indent=2) + "\n")
    return path
