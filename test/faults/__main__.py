"""Injects all faults, and prints how many there were and how many left a difference."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from faults.lanes import Choice, Verdict, play


def main() -> int:
    """Returns 1 if a fault has left a difference."""
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--only", default="", help="those whose name contains this")
    parser.add_argument("--sample", type=int, help="so many of them, chosen by the seed")
    parser.add_argument("--seed", type=int, default=0, help="of choice and order (default: %(default)s)")
    parser.add_argument("--lanes", type=int, default=2, help="local AWS accounts at once (default: %(default)s)")
    parser.add_argument("--keep", type=Path, help="folder for the logs of what left a difference")
    options = parser.parse_args()
    choice = Choice(options.only, options.sample, options.seed)
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        return report(play(choice, options.lanes, options.keep or Path(folder)))


def report(verdicts: Iterable[Verdict]) -> int:
    """Says what is wrong as it comes, and the two numbers at the end."""
    started, injected, different, missed = time.monotonic(), 0, 0, list[str]()
    for number, verdict in enumerate(verdicts, 1):
        if number % 100 == 0:
            print(f"... {number}", flush=True)
        injected += verdict.is_injected
        different += bool(verdict.differences)
        missed += [] if verdict.is_injected else [verdict.name]
        for line in verdict.differences:
            print(f"{verdict.name}\n    {line}", flush=True)
    if missed:
        print(f"{len(missed)} could not be injected, since no run came so far:", *sorted(missed), sep="\n    ")
    seconds = time.monotonic() - started
    print(f"{injected} faults injected, {different} left a difference ({seconds:.0f} s)")
    return bool(different) or not injected


if __name__ == "__main__":
    sys.exit(main())
