"""The sign of life of a worker that works on an object for long."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError

from datalake.log import log


class Heartbeat:
    """Calls a function every few seconds, in a thread, from the beginning to the end of a `with`."""

    def __init__(self, seconds: float, beat: Callable[[], object]) -> None:
        """Starts with `with`.

        Args:
            seconds: between two calls.
            beat: what is called; an error of AWS is left to the next call, which may well come through.
        """
        self._seconds, self._beat, self._over = seconds, beat, threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        """Starts."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stops, after a call that is under way."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._seconds):
            try:
                self._beat()
            except (BotoCoreError, ClientError) as error:
                log(heartbeat=str(error))
