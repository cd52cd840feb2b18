"""Fuzzes the reading of CSV files: `npx projen fuzz -- --minutes N`."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from fuzz.cases import make
from fuzz.differential import disagreements

#: Characters of a case that are printed.
_LONGEST = 2000


def main() -> None:
    """Tries seeds until the time is over. Prints each disagreement with its seed, and the figures."""
    parser = argparse.ArgumentParser(description="compare the engine with Python's csv module and with DuckDB")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=time.time_ns() // 1_000_000, help="the first seed")
    words = sys.argv[1:]
    options = parser.parse_args(words[1:] if words[:1] == ["--"] else words)  # npm's habit, which projen passes on
    figures, seed, end = Counter[str](), options.seed, time.monotonic() + 60 * options.minutes
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        while time.monotonic() < end:
            for text in disagreements(seed, Path(folder, "case.csv"), figures):
                figures["DISAGREEMENTS"] += 1
                print(f"seed {seed}: {text[:_LONGEST]}\n  {str(make(seed))[:_LONGEST]}")
            seed += 1
    print(f"seeds {options.seed} to {seed - 1}: {dict(figures)}")
    sys.exit(1 if figures["DISAGREEMENTS"] else 0)


if __name__ == "__main__":
    main()
