"""The sign of life of a worker: it renews the lease while an object is worked on."""

import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Self

from datalake.log import log
from datalake.worker.outcome import error_of


class LostLeaseError(Exception):
    """The version belongs to somebody else by now: whatever this worker does with it is in vain."""


class Heartbeat:
    """Calls a function every few seconds, in a thread, from the beginning to the end of a `with`."""

    def __init__(self, seconds: float, beat: Callable[[], bool]) -> None:
        """Starts with `with`.

        Args:
            seconds: between two calls.
            beat: renews the lease; False if the renewal is refused. An exception is logged, and the next call may well
                come through.
        """
        self._seconds, self._beat = seconds, beat
        self._over, self._is_lost = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def check(self) -> None:
        """Lets the work go on.

        Raises:
            LostLeaseError: a renewal was refused.
        """
        if self._is_lost:
            raise LostLeaseError("the lease was not renewed: another worker or a newer version has taken over")

    def __enter__(self) -> Self:
        """Starts."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stops, after a call that is under way."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_lost and not self._over.wait(self._seconds):
            try:
                self._is_lost = not self._beat()
            except Exception as error:
                # Without a heartbeat the lease ends, and another worker begins with the same object.
                traceback.print_exc()
                log("heartbeat_failed", error=error_of(error))
