"""The arguments of a job, as Glue hands them over."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from datalake import policy


@dataclass(frozen=True)
class Arguments:
    """What a job has to know; every name is the argument's own.

    Attributes:
        JOB_NAME: given by Glue.
        JOB_RUN_ID: given by Glue; it owns the leases in the manifest.
        organization: first part of the names of buckets and databases.
        environment: of the lake: part of these names.
        manifest_table: name of the DynamoDB table.
        work_queue_url: of the stage's queue.
        dead_letter_queue_url: takes what failed for good.
        data_role_arn: the role in which a customer's data is read and written.
        idle_seconds: of an empty queue, after which the run ends.
        max_seconds: after which the run begins nothing more.
    """

    JOB_NAME: str
    JOB_RUN_ID: str
    organization: str
    environment: str
    manifest_table: str
    work_queue_url: str
    dead_letter_queue_url: str
    data_role_arn: str
    idle_seconds: float = policy.IDLE_SECONDS
    max_seconds: float = policy.RUN_SECONDS

    @property
    def region(self) -> str | None:
        """Of the queue, by its URL: workers of Glue need not know it from their environment. None: ask that."""
        found = re.match(r"https://sqs\.([a-z0-9-]+)\.", self.work_queue_url)
        return found[1] if found else None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, in place of the usage that nobody types."""
        self.exit(2, f"{self.prog}: {message}\n")


def parse(argv: Sequence[str]) -> Arguments:
    """Reads `--name value` pairs; those that are not the job's own are left out.

    Raises:
        SystemExit: an argument is missing or no number; stderr has one line that names it.
    """
    parser = _Parser(allow_abbrev=False, add_help=False)
    for name, field in Arguments.__dataclass_fields__.items():
        is_required = field.type == "str" or field.type is str
        parser.add_argument(
            f"--{name}",
            required=is_required,
            default=None if is_required else field.default,
            type=str if is_required else float,
        )
    return Arguments(**vars(parser.parse_known_args(argv)[0]))
