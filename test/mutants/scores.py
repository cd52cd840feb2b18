"""The scores by room."""

from collections import defaultdict
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
    """Prints the scores; the exit code is 1 below the target, or where a reason is out of date."""
    rooms: dict[str, list[str]] = defaultdict(list)
    for result in results:
        rooms[result.mutant.room].append(result.status)
    print(f"\n{'room':40} mutants  killed  accepted  score")
    for room, statuses in [*sorted(rooms.items()), ("all", [result.status for result in results])]:
        accepted, survived = statuses.count("accepted"), statuses.count("survived")
        killed = len(statuses) - accepted - survived
        print(f"{room:40} {len(statuses):7} {killed:7} {accepted:9} {score(statuses):5.1f} %")
    for entry in stale:
        print(f"accepted.jsonl: this code is gone, remove the entry: {entry}")
    return 1 if stale or score([result.status for result in results]) < TARGET else 0


def score(statuses: list[str]) -> float:
    """Killed mutants of a hundred that a test should kill."""
    counted = [status for status in statuses if status != "accepted"]
    return 100.0 * sum(status != "survived" for status in counted) / len(counted) if counted else 100.0
