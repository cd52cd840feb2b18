"""Mutates the construct's sources with StrykerJS: starts construct.ts, and reads what it leaves."""

import json
import subprocess
from collections import defaultdict
from pathlib import Path

from mutants.accepted import Accepted
from mutants.mutant import Mutant
from mutants.scores import Result, score

ROOT = Path(__file__).parents[2]
OUTCOMES = ROOT / "reports" / "mutants" / "construct.jsonl"
#: Stryker makes about so many of src/. What it samples is a share of them.
MUTANTS = 1850


def run(rooms: list[str], count: int, seed: int, accepted: Accepted) -> list[Result]:
    """Runs a sample of the mutants of the rooms and prints the score of each file."""
    share = min(1.0, count / MUTANTS)
    command = ["node_modules/.bin/tsx", "test/mutants/construct.ts", *rooms, f"--share={share}", f"--seed={seed}"]
    subprocess.run(command, cwd=ROOT, check=True)
    results = [result(json.loads(line), accepted) for line in OUTCOMES.read_text().splitlines()]
    for line in by_file(results):
        print(line)
    return results


def by_file(results: list[Result]) -> list[str]:
    """The score of each file."""
    statuses: dict[str, list[str]] = defaultdict(list)
    for result in results:
        statuses[result.mutant.path].append(result.status)
    return [f"{path:40} {len(found):7} mutants {score(found):5.1f} %" for path, found in sorted(statuses.items())]


def result(outcome: dict[str, str], accepted: Accepted) -> Result:
    """A mutant that no test reaches survives as well."""
    mutant = Mutant(outcome["file"], outcome["before"], outcome["after"])
    if outcome["status"] not in ("survived", "nocoverage"):
        return Result(mutant, outcome["status"])
    return Result(mutant, "accepted" if mutant in accepted else "survived")
