"""The scores by room."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from mutants.mutant import Mutant

TARGET = 90


@dataclass(frozen=True)
class Result:
    """What became of a mutant: killed, timeout, survived or accepted."""

    mutant: Mutant
    status: str

    def __str__(self) -> str:
        return f"{self.status:9} {self.mutant}"


def report(results: list[Result], stale: list[str]) -> int:
    """Prints the survivors and the scores; the exit code is 1 if a language is below the target, or a reason stale."""
    for result in results:
        if result.status == "survived":
            print(result)
    rooms, languages = _by(results, lambda mutant: mutant.room), _by(results, lambda mutant: mutant.language)
    print(f"\n{'room':40} judged  killed  accepted  survived  score")
    for name, statuses in [*rooms, *languages]:
        accepted, survived = statuses.count("accepted"), statuses.count("survived")
        killed = len(statuses) - accepted - survived
        print(f"{name:40} {len(statuses):6} {killed:7} {accepted:9} {survived:9} {score(statuses):5.1f} %")
    for entry in stale:
        print(f"accepted.jsonl: this code is gone, remove the entry: {entry}")
    return 1 if stale or any(score(statuses) < TARGET for _, statuses in languages) else 0


def score(statuses: list[str]) -> float:
    """Killed mutants of a hundred that a test should kill."""
    counted = [status for status in statuses if status != "accepted"]
    return 100.0 * sum(status != "survived" for status in counted) / len(counted) if counted else 100.0


def _by(results: list[Result], group: Callable[[Mutant], str]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = defaultdict(list)
    for result in results:
        found[group(result.mutant)].append(result.status)
    return sorted(found.items())
