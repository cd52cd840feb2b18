"""Mutants that no test should kill, each with the reason: accepted.jsonl beside this module."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from mutants.mutant import Mutant

FILE = Path(__file__).with_name("accepted.jsonl")


@dataclass
class Accepted:
    """The reasons by mutant."""

    root: Path
    reasons: dict[tuple[str, str, str], str] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> "Accepted":
        """Every line is an object with file, before, after and why.

        Raises:
            ValueError: a line has no reason.
        """
        reasons = {}
        for line in FILE.read_text().splitlines():
            entry = json.loads(line)
            if not entry.get("why", "").strip():
                raise ValueError(f"accepted.jsonl: an entry of {entry['file']} says no reason: write it in `why`")
            reasons[entry["file"], entry["before"], entry["after"]] = entry["why"]
        return cls(root, reasons)

    def __contains__(self, mutant: object) -> bool:
        return isinstance(mutant, Mutant) and (mutant.path, mutant.before, mutant.after) in self.reasons

    def stale(self) -> list[str]:
        """Entries whose lines are no longer in their file: the code changed, so the reason must be found again."""
        return [f"{file}: {before}" for file, before, _ in self.reasons if not self._is_there(file, before)]

    def _is_there(self, file: str, before: str) -> bool:
        path = self.root / file
        return path.exists() and before in " ".join(line.strip() for line in path.read_text().splitlines())
