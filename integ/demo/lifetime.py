"""Makes sure that the program cleans up, however it ends."""

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
    """Turns SIGTERM, SIGHUP and the end of the parent process into SystemExit, so that everything started is stopped.

    The parent is watched because npx and the task runner do not forward SIGTERM. A program started with nohup or
    setsid is meant to outlive its parent: only SIGTERM ends it.
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
    """True if nohup or setsid started this process, directly or indirectly."""
    return signal.getsignal(signal.SIGHUP) == signal.SIG_IGN or os.getsid(0) == os.getpid()


def stop(number: int, _frame: FrameType | None) -> None:
    """Unwinds every `with` and `finally`, and exits with the code that a shell gives for the signal."""
    raise SystemExit(128 + number)


def watch_parent(parent: int) -> None:
    """Sends SIGTERM to this process when its parent has ended."""
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
