"""What the conversion asks of an input format. CSV is the only one so far; a second one would implement `InputFile`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import pyarrow as pa

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Block:
    """Consecutive rows of a file.

    Attributes:
        columns: one string array per column; null or empty where the row is too short or the field is empty.
        surplus: the fields that a row has beyond the header's, by the row's position in the block.
        short: the positions of the rows that have fewer fields than the header.
    """

    columns: list[pa.StringArray]
    surplus: dict[int, list[str]] = field(default_factory=dict)
    short: frozenset[int] = frozenset()

    @property
    def rows(self) -> int:
        """How many they are."""
        return len(self.columns[0])

    def select(self, columns: Iterable[int]) -> "Block":
        """The same rows with only these columns."""
        return Block([self.columns[column] for column in columns], self.surplus, self.short)


class InputFile(Protocol):
    """One object of any format, as rows of text.

    Attributes:
        header: the names of its columns; empty if it has none.
        width: the number of its columns.
    """

    header: list[str]
    width: int

    @property
    def size(self) -> int:
        """Stored bytes that have been read so far."""

    @property
    def found(self) -> Mapping[str, str | int]:
        """What was found out about it. Complete when all rows were read."""

    @property
    def advice(self) -> Sequence[str]:
        """What its owner should check or declare. Complete when all rows were read."""

    def map(
        self, work: Callable[[Block], _Result], columns: Sequence[int] | None = None, threads: int = 1
    ) -> Iterator[_Result]:
        """What the work makes of each block of rows, in their order; from the first one at each call.

        Args:
            work: called in the threads.
            columns: the positions of the only columns that the blocks shall have; all of them without it.
            threads: how many work on it.

        Raises:
            Rejected: it is no file of its format after all.
        """
