"""Orders tests by their cost and tells a hang, from the seconds that the unchanged code took."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

#: A test hangs if it computes for this many times its own seconds, and for a minute at least.
PATIENCE, AT_LEAST_SECONDS = 10, 60
#: A test that waits for ever computes nothing. On a busy machine others wait for long, too.
LONGEST_WAIT_SECONDS = 600


class Timed:
    """A plugin of pytest. A signal ends the process where a test hangs: a mutant might catch an exception."""

    def __init__(self, file: Path) -> None:
        """Reads the seconds of each test from a file, or records them in it if it does not exist.

        Args:
            file: a JSON object of seconds by test.
        """
        self._file = file
        self._seconds: dict[str, float] | None = json.loads(file.read_text()) if file.exists() else None
        self._recorded: dict[str, float] = {}
        self._may_take(0.0)  # a mutant may hang as it is imported

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Cheap tests first: most mutants are killed by an example."""
        known = self._seconds or {}

        def cost(item: Any) -> tuple[bool, float]:
            return "spark" in item.fixturenames, known.get(item.nodeid, 0.0)

        items.sort(key=cost)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        """The alarms stay set after a test, for what comes between two tests."""
        self._may_take((self._seconds or {}).get(item.nodeid, 0.0))
        started = time.monotonic()
        yield
        self._recorded[item.nodeid] = time.monotonic() - started

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Records the seconds of tests that all passed."""
        if self._seconds is None and exitstatus == 0:
            self._file.write_text(json.dumps(self._recorded))

    def _may_take(self, seconds: float) -> None:
        if self._seconds is not None:
            signal.setitimer(signal.ITIMER_PROF, max(AT_LEAST_SECONDS, PATIENCE * seconds))
            signal.setitimer(signal.ITIMER_REAL, max(LONGEST_WAIT_SECONDS, PATIENCE * seconds))
