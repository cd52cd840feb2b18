"""Explores the model with more that goes wrong at once: `npx projen model`."""

import sys
import time

from rich.console import Console
from rich.table import Table

from model.tlc import LIVENESS, SAFETY, check

#: From what takes a minute to what takes an hour.
WORLDS = (
    {"Crashes": 1, "Expiries": 1, "Duplicates": 1, "Failures": 1, "MaxAttempts": 1, "Redrives": 1},
    {"Crashes": 2, "Expiries": 2, "Duplicates": 1, "Failures": 2},
    {"V": 3, "Crashes": 1, "Expiries": 1},
)


def main() -> None:
    """Prints what each world is, how many states it has, and the first history that breaks a promise, if any."""
    broken = 0
    table = Table("what may happen", "states", "seconds", "breaks")
    for world in WORLDS:
        started = time.monotonic()
        found = check(world, SAFETY + LIVENESS)
        broken += bool(found.violated)
        what = ", ".join(f"{name} {value}" for name, value in world.items())
        seconds = f"{time.monotonic() - started:,.0f}"
        table.add_row(what, f"{found.states:,}", seconds, " → ".join((found.violated, *found.steps)) or "nothing")
    Console(width=120).print(table)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
