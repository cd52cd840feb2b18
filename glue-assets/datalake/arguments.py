"""The arguments of a job, as Glue passes them."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from datalake import policy


@dataclass(frozen=True)
class Arguments:
    """The arguments, each by its own name.

    Attributes:
        JOB_NAME: set by Glue.
        JOB_RUN_ID: set by Glue; leases in the manifest belong to it.
        organization: first part of the names of buckets and databases.
        environment: last part of these names.
        manifest_table: name of the DynamoDB table.
        work_queue_url: the stage's queue.
        dead_letter_queue_url: receives the messages of objects that were given up.
        data_role_arn: the role that reads and writes customers' data.
        idle_seconds: the run ends after this time of an empty queue.
        max_seconds: the run begins nothing after this time.
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
        """The Region in the queue's URL, which Glue's workers may not have in their environment. None: it has none."""
        found = re.match(r"https://sqs\.([a-z0-9-]+)\.", self.work_queue_url)
        return found[1] if found else None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Ends with one line instead of a usage: nobody types these arguments."""
        self.exit(2, f"{self.prog}: {message}\n")


def parse(argv: Sequence[str]) -> Arguments:
    """Reads `--name value` pairs, and ignores those that are Glue's own.

    Raises:
        SystemExit: an argument is missing or not a number; stderr has one line that names it.
    """
    parser = _Parser(allow_abbrev=False)
    for name, field in Arguments.__dataclass_fields__.items():
        is_required = field.type == "str" or field.type is str
        parser.add_argument(
            f"--{name}",
            required=is_required,
            default=None if is_required else field.default,
            type=str if is_required else float,
        )
    return Arguments(**vars(parser.parse_known_args(argv)[0]))
