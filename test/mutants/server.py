"""Runs tests in children that have pytest, the libraries and a local AWS already: most of the time of a short test.

Reads a line of JSON, [file of seconds, [argument of pytest, ...]], and answers with the exit code.
Starts in the environment of the jobs. It loads nothing of the jobs themselves: those are the mutants.
"""

import contextlib
import json
import os
import signal
import sys
from pathlib import Path

import boto3.session
import duckdb  # noqa: F401
import emulator.client
import hypothesis
import pyarrow.compute
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet  # noqa: F401
import pytest

from mutants.timed import Timed


def run(aws: emulator.client.LocalAws, seconds: Path, arguments: list[str]) -> None:
    """The child's life. The processes that its tests start are in its process group."""
    os.setpgid(0, 0)
    # All children share one. The lakes of their tests have names of their own.
    emulator.client.LocalAws = lambda *_, **__: contextlib.nullcontext(aws)  # type: ignore[assignment,misc]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    log = os.open(seconds.with_suffix(".log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(log, stream)
    # A failure is all that is asked for, not its simplest example.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("mutants", phases=phases, database=None, deadline=None)
    os._exit(pytest.main(["--hypothesis-profile=mutants", *arguments], plugins=[Timed(seconds)]))


def outcome(pid: int) -> int:
    """The exit code of a child; minus the signal that ended it. Its whole group ends with it."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def main() -> None:
    """Serves until its input ends."""
    boto3.session.Session()
    with emulator.client.LocalAws(glue_python=Path(sys.executable)) as aws:
        for line in sys.stdin:
            seconds, arguments = json.loads(line)
            pid = os.fork()
            if pid == 0:
                run(aws, Path(seconds), arguments)
            print(json.dumps(outcome(pid)), flush=True)


if __name__ == "__main__":
    main()
