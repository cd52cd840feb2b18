"""Runs tests in children that have pytest and the libraries loaded already: that is most of the time of a short test.

Reads a line of JSON, [seconds or null, [argument of pytest, ...]], and answers with the exit code, or null where the
time is up. Starts in the environment of the jobs. It loads nothing of the jobs themselves: those are the mutants.
"""

import json
import os
import select
import signal
import sys
from typing import Any

import boto3.session
import duckdb  # noqa: F401
import hypothesis
import pyarrow.compute
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet  # noqa: F401
import pytest


class CheapTestsFirst:
    """Most mutants are killed by an example: tests of many examples come last."""

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Leaves the order as it is otherwise."""
        items.sort(key=lambda item: hypothesis.is_hypothesis_test(getattr(item, "obj", None)))


def run(arguments: list[str]) -> None:
    """The child's life. What its tests start is of its process group."""
    os.setpgid(0, 0)
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    os._exit(pytest.main(arguments, plugins=[CheapTestsFirst()]))


def outcome(pid: int, seconds: float | None) -> int | None:
    """The exit code of a child; after its time, the end of its whole group."""
    handle = os.pidfd_open(pid)
    ended, _, _ = select.select([handle], [], [], seconds)
    os.close(handle)
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) if ended else None


def main() -> None:
    """Serves until its input ends."""
    boto3.session.Session()
    for line in sys.stdin:
        seconds, arguments = json.loads(line)
        pid = os.fork()
        if pid == 0:
            run(arguments)
        print(json.dumps(outcome(pid, seconds)), flush=True)


if __name__ == "__main__":
    main()
