"""Seconds of each step of a run."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Timings:
    """Measures named steps. Steps may overlap, so their sum can exceed the total."""

    def __init__(self) -> None:
        """Starts the clock of the total."""
        self._started = time.monotonic()
        self.steps: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measures the block, even if it fails."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.add(name, time.monotonic() - started)

    def add(self, name: str, seconds: float) -> None:
        """Adds a step that was measured elsewhere."""
        self.steps[name] = round(seconds, 1)

    @property
    def total(self) -> float:
        """Seconds since the start."""
        return round(time.monotonic() - self._started, 1)

    def longest(self) -> list[tuple[str, float]]:
        """All steps, longest first."""
        return sorted(self.steps.items(), key=lambda step: -step[1])
