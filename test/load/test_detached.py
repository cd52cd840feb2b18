"""A detached run outlives its terminal; any other run ends with its parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Prints its pid, and prints again after it would have noticed the end of its parent.
PROGRAM = """
import os, sys, time
from demo.lifetime import WATCH_SECONDS, ends_cleanly
with ends_cleanly():
    print(os.getpid(), flush=True)
    time.sleep(3 * WATCH_SECONDS)
    print("still there", flush=True)
"""


@pytest.mark.parametrize(
    ("starter", "stays"), [([], False), (["nohup"], True), (["setsid"], True)], ids=["plain", "nohup", "setsid"]
)
def test_only_a_detached_program_outlives_its_starter(starter: list[str], stays: bool) -> None:
    command = [*starter, sys.executable, "-c", PROGRAM]
    start = f"import subprocess, sys, time; subprocess.Popen({command!r}); time.sleep(1)"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "integ")}
    shell = [sys.executable, "-c", start]

    done = subprocess.run(shell, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, timeout=30)

    assert (b"still there" in done.stdout) is stays


def test_a_detached_program_ends_in_order_with_sigterm() -> None:
    program = f"{PROGRAM}\n".replace('print("still there", flush=True)', "")
    environment = os.environ | {"PYTHONPATH": str(ROOT / "integ")}
    with subprocess.Popen(["nohup", sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout
        process.stdout.readline()
        started = time.monotonic()
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 128 + signal.SIGTERM
        assert time.monotonic() - started < 2
