"""Injects faults into a lake on this machine and lets it recover by itself, one lake for each fault.

What a lake comes to in the end (objects and their rows, manifest, catalog, queues, dead letters, the truth check) is
compared with one without a fault; each difference is printed under the name of its fault. The last two lines are the
numbers of faults that were injected, and of those that left a difference. The exit code is 1 if the second is not 0.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from faults.lanes import Choice, Verdict, play, recorded_calls


def main() -> int:
    """Returns 1 if a fault has left a difference."""
    keep_lines = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="npx projen faults", description=__doc__, formatter_class=keep_lines)
    parser.add_argument("--list", action="store_true", help="print the names of the faults and inject none")
    parser.add_argument("--only", default="", help="faults whose name contains this (default: all)")
    parser.add_argument("--sample", type=int, help="so many of them, chosen by the seed (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="of choice and order (default: %(default)s)")
    parser.add_argument("--lanes", type=int, default=2, help="local AWS accounts at once (default: %(default)s)")
    parser.add_argument("--keep", type=Path, help="folder for the logs of what left a difference")
    options = parser.parse_args()
    choice = Choice(options.only, options.sample, options.seed)
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        if options.list:
            print(*(scenario.name for scenario in choice.scenarios(recorded_calls(Path(folder)))), sep="\n")
            return 0
        return report(play(choice, options.lanes, options.keep or Path(folder)))


def report(verdicts: Iterable[Verdict]) -> int:
    """Says what is wrong as it comes, and the two numbers at the end; returns the exit code."""
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
        print(f"not injected, since no run came so far: {len(missed)}", *sorted(missed), sep="\n    ")
    print(f"seconds: {time.monotonic() - started:.0f}")
    print(f"faults injected: {injected}")
    print(f"faults that left a difference: {different}")
    return bool(different) or not injected


if __name__ == "__main__":
    sys.exit(main())
