"""An end that cleans up, however it comes."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

WATCH_SECONDS = 1.0


@contextmanager
def ends_cleanly() -> Iterator[None]:
    """Turns SIGTERM, SIGHUP and the end of the parent process into SystemExit, so that what was started is stopped.

    The parent is watched because npx and the task runner do not pass a SIGTERM on. A program that was started with
    nohup or setsid is meant to outlive whoever started it: then only SIGTERM ends it.
    """
    numbers = {signal.SIGTERM} if is_detached() else {signal.SIGTERM, signal.SIGHUP}
    before = {number: signal.signal(number, stop) for number in numbers}
    if not is_detached():
        threading.Thread(target=watch_parent, args=(os.getppid(),), daemon=True).start()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def is_detached() -> bool:
    """True if nohup or setsid has started this process, itself or by way of another."""
    return signal.getsignal(signal.SIGHUP) == signal.SIG_IGN or os.getsid(0) == os.getpid()


def stop(number: int, _frame: FrameType | None) -> None:
    """Leaves through every `with` and `finally`, with the exit code that a shell gives to the signal."""
    raise SystemExit(128 + number)


def watch_parent(parent: int) -> None:
    """Sends this process SIGTERM when it has become an orphan."""
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
