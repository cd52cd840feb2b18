"""Mutates the construct and the jobs, and prints the share of the mutants that tests kill, by room.

python -m mutants [ROOM ...] [--count N] [--seed N] [--workers N]
"""

import argparse
import sys

from mutants import construct, jobs
from mutants.accepted import Accepted
from mutants.scores import report

#: Of each language: enough for a score of every room.
COUNT = 340


def main() -> int:
    """The exit code is 1 below the target."""
    parser = argparse.ArgumentParser(description="mutate the construct and the jobs")
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"a folder or a module in src or {jobs.PACKAGE}")
    parser.add_argument("--count", type=int, default=COUNT, help="mutants of a language; of a room, its part of them")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other mutants")
    parser.add_argument("--workers", type=int, default=1, help="mutants of the jobs that run at the same time")
    options = parser.parse_args()
    rooms = [room.rstrip("/") for room in options.rooms] or ["src", "src/private", jobs.PACKAGE]
    of_jobs = [room for room in rooms if room.startswith(jobs.PACKAGE)]
    of_construct = [room for room in rooms if room == "src" or room.startswith("src/")]
    for room in rooms:
        if room not in of_jobs + of_construct or not (jobs.ROOT / room).exists():
            parser.error(f"no room {room!r}: write src, {jobs.PACKAGE}, or a folder or a module in one of them")
    accepted = Accepted.read(jobs.ROOT)
    results = []
    if of_jobs:
        results += jobs.run(of_jobs, options.count, options.seed, options.workers, accepted)
    if of_construct:
        results += construct.run(of_construct, options.count, options.seed, accepted)
    return report(results, stale=accepted.stale())


if __name__ == "__main__":
    sys.exit(main())
