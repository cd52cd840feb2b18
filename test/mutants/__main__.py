"""Mutates the construct and the jobs, and prints the share of the mutants that tests kill, by room.

python -m mutants [ROOM ...] [--count N] [--seed N] [--workers N]
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from mutants import construct, jobs
from mutants.accepted import Accepted
from mutants.scores import Result, report

#: Of each language: enough for a score of every room.
COUNT = 340
SAMPLE = """
The sample is not stored, but drawn anew: the same seed draws the same mutants of each file that has not changed.
Another seed, or a larger count of one room, looks where nobody has looked yet. Jobs and construct run side by side.
"""


def parsed() -> argparse.Namespace:
    """The options, with all rooms if none is named."""
    parser = argparse.ArgumentParser("mutants", description="mutate the construct and the jobs", epilog=SAMPLE)
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"a folder or a module in src or {jobs.PACKAGE}")
    parser.add_argument("--count", type=int, default=COUNT, help="mutants of a language; of a room, its part of them")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other mutants")
    parser.add_argument("--workers", type=int, default=1, help="mutants of the jobs that run at the same time")
    options = parser.parse_args()
    rooms = [room.rstrip("/") for room in options.rooms] or ["src", "src/private", jobs.PACKAGE]
    options.jobs = [room for room in rooms if room.startswith(jobs.PACKAGE)]
    options.construct = [room for room in rooms if room == "src" or room.startswith("src/")]
    for room in rooms:
        if room not in options.jobs + options.construct or not (jobs.ROOT / room).exists():
            parser.error(f"no room {room!r}: write src, {jobs.PACKAGE}, or a folder or a module in one of them")
    return options


def main() -> int:
    """The exit code is 1 below the target."""
    options, accepted = parsed(), Accepted.read(jobs.ROOT)
    lanes: list[Callable[[], list[Result]]] = []
    if options.jobs:
        lanes.append(lambda: jobs.run(options.jobs, options.count, options.seed, options.workers, accepted))
    if options.construct:
        lanes.append(lambda: construct.run(options.construct, options.count, options.seed, accepted))
    started = time.monotonic()
    with ThreadPoolExecutor(len(lanes)) as pool:
        results = [result for lane in pool.map(lambda run: run(), lanes) for result in lane]
    code = report(results, stale=accepted.stale())
    minutes, used = (time.monotonic() - started) / 60, resource.getrusage(resource.RUSAGE_CHILDREN)
    computed = (used.ru_utime + used.ru_stime) / 60
    print(f"{len(results)} mutants in {minutes:.0f} min, in which tests computed for {computed:.0f} min")
    return code


if __name__ == "__main__":
    sys.exit(main())
