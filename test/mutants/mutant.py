"""A mutant, and the lines by which it is known."""

import difflib
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One change of one file."""

    path: str
    before: str
    after: str
    source: str = ""

    @property
    def room(self) -> str:
        """The folder of the file."""
        return self.path.rpartition("/")[0]

    @property
    def language(self) -> str:
        """That of the jobs or that of the construct."""
        return "Python" if self.path.endswith(".py") else "TypeScript"

    def __str__(self) -> str:
        return f"{self.path}\n    - {self.before}\n    + {self.after}"


def changed_lines(before: str, after: str) -> tuple[str, str]:
    """The lines that differ, without indentation and joined to one: they stay the same wherever the lines move to."""
    old, new = before.splitlines(), after.splitlines()
    blocks = [
        code for code in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if code[0] != "equal"
    ]
    removed = [line.strip() for _, start, end, _, _ in blocks for line in old[start:end]]
    added = [line.strip() for _, _, _, start, end in blocks for line in new[start:end]]
    return " ".join(removed), " ".join(added)
