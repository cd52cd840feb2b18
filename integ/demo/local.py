"""A lake on the local AWS."""

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
    """A deployed lake, the AWS that it is in and the CLI that deployed it."""

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
    """Starts a local AWS and deploys examples/quickstart into it; stops it at the end, unless it was detached.

    Args:
        folder: takes the files of the CDK CLI and those of the local AWS.
        timings: get the seconds of each step.
        customers: a customers.json in place of the app's own.
        app: command of an app in place of the quickstart's.
        may_stay: the local AWS has its files in a folder of its own, so that it can outlive `folder`.
        calls: file that gets the calls of roles and services.
    """
    with timings.step("start the local AWS"):
        aws = LocalAws(directory=None if may_stay else folder / "aws", glue_python=GLUE_PYTHON, calls=calls)
    with aws:
        cdk = Cdk(aws.environment, folder / "cdk", timings, app)
        cdk.bootstrap_and_synth(customers)
        yield LocalLake(Lake(aws.environment, deploy(aws, cdk)), aws, cdk)


def deploy(aws: LocalAws, cdk: Cdk) -> dict[str, str]:
    """Deploys, and turns the clock to when new buckets send events."""
    outputs = cdk.deploy()
    aws.turn_clock(S3_EVENTS_AFTER_SECONDS)
    return outputs


def quickstart_customers() -> list[str]:
    """The customerIds of the app's own customers.json."""
    return [customer["customerId"] for customer in json.loads((QUICKSTART / "customers.json").read_text())]


def write_customers(customer_ids: Sequence[str], path: Path) -> Path:
    """A customers.json with nothing but names."""
    path.write_text(json.dumps([{"customerId": customer_id} for customer_id in customer_ids], indent=2) + "\n")
    return path
