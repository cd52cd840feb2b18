"""CPU, time and memory of a command and all processes that it starts."""

import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)
_PAGE = os.sysconf("SC_PAGE_SIZE")


def adopt_orphans() -> None:
    """Makes this process the parent of what a command leaves behind, so that it counts as the command's."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def measure(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float, int]:
    """CPU seconds, wall seconds and peak of resident bytes. Ends this program if the command fails."""
    before, started, peak = _children_cpu(), time.monotonic(), 0
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, env=environment, stderr=errors)
        while process.poll() is None:
            peak = max(peak, sum(_resident(pid) for pid in _descendants(os.getpid())))
            time.sleep(0.05)
        wall = time.monotonic() - started
        if process.returncode:
            errors.seek(0)
            sys.exit(f"{' '.join(command)}: {errors.read()[-2000:]}")
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        return _children_cpu() - before, wall, peak


def _children_cpu() -> float:
    """CPU seconds of all ended child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _descendants(pid: int) -> Iterator[int]:
    """All running descendants of a process."""
    children: list[int] = []
    with suppress(OSError):  # it has just ended
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += map(int, (task / "children").read_text().split())
    for child in children:
        yield child
        yield from _descendants(child)


def _resident(pid: int) -> int:
    """Resident memory of a process in bytes."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:  # it has just ended
        return 0
