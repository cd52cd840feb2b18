"""Records as Python's csv module reads them, and blocks of rows made of them."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datalake.engine.conversion import Rejected
from datalake.engine.dataset import CsvOptions

#: A record must fit into one block of the input. A longer one is a missing quote rather than a record.
LONGEST_RECORD_BYTES = 32 << 20

#: A record put behind the end of a text: it is read as a record of its own unless a quote was left open.
END_MARK = "\x1eend\x1e"

csv.field_size_limit(LONGEST_RECORD_BYTES)


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

    def slice(self, start: int, end: int) -> "Block":
        """The rows from one position to before another."""
        surplus = {place - start: fields for place, fields in self.surplus.items() if start <= place < end}
        short = frozenset(place - start for place in self.short if start <= place < end)
        return Block([column[start:end] for column in self.columns], surplus, short)

    def select(self, columns: Iterable[int]) -> "Block":
        """The same rows with only these columns."""
        return replace(self, columns=[self.columns[column] for column in columns])


def read_records(lines: Iterable[str], options: CsvOptions, delimiter: str) -> Iterator[list[str]]:
    """The records of a text; a blank line is a record without fields.

    Raises:
        Rejected: a field is too long, the only error that the csv module knows as it is used here.
    """
    reader = csv.reader(lines, delimiter=delimiter, quotechar=options.quote, escapechar=options.escape)
    try:
        yield from reader
    except csv.Error as error:
        raise too_long() from error


def too_long() -> Rejected:
    """The verdict on a file with a record that is too long."""
    return Rejected(
        f"a record is longer than {LONGEST_RECORD_BYTES >> 20} MiB: a closing quote may be missing, "
        "or split the file's longest field"
    )


def open_quote() -> Rejected:
    """The verdict on a file whose end mark became part of a record."""
    return Rejected("a quote is opened and never closed, so that records ran together: add the closing quote")


def to_block(records: Sequence[Sequence[str]], width: int) -> Block:
    """Records as rows of that many columns."""
    surplus = {place: list(record[width:]) for place, record in enumerate(records) if len(record) > width}
    short = frozenset(place for place, record in enumerate(records) if 0 < len(record) < width)
    even: list[list[str | None]] = [[*record[:width], *[None] * (width - len(record))] for record in records]
    return Block([pa.array(column, pa.string()) for column in zip(*even, strict=True)], surplus, short)


def mix(even: Sequence[pa.StringArray], uneven: Block, places: Sequence[int]) -> Block:
    """Rows among others.

    Args:
        even: the columns of the others.
        uneven: the rows.
        places: where each of them is to stand in the result.
    """
    rows = len(even[0]) + uneven.rows
    others: npt.NDArray[np.bool_] = np.ones(rows, np.bool_)
    others[list(places)] = False
    order: npt.NDArray[np.int64] = np.empty(rows, np.int64)
    order[others], order[~others] = np.arange(len(even[0])), np.arange(len(even[0]), rows)
    columns = [pa.concat_arrays(pair).take(pa.array(order)) for pair in zip(even, uneven.columns, strict=True)]
    surplus = {places[place]: fields for place, fields in uneven.surplus.items()}
    return Block(columns, surplus, frozenset(places[place] for place in uneven.short))


def without_end(last: Block | None) -> Block:
    """The last block of a file without the record that marks the end, by the last of its columns.

    Raises:
        Rejected: the mark is not there.
    """
    if last is None or last.columns[-1][-1].as_py() != END_MARK:
        raise open_quote()
    return last.slice(0, last.rows - 1)


def without_blank_end(blocks: Iterable[Block]) -> Iterator[Block]:
    """The rows of a file of one column without the blank lines at its end; the others are rows, of a null each."""
    blank = 0
    for block in blocks:
        filled = np.flatnonzero(block.columns[0].is_valid())
        end = int(filled[-1]) + 1 if len(filled) else 0
        if end and blank:
            yield Block([pa.nulls(blank, pa.string())] * len(block.columns))
        if end:
            yield block.slice(0, end)
        blank = block.rows - end + (0 if end else blank)


def text_lines(text: str) -> Iterator[str]:
    """The lines of a text, their ends (CRLF, LF or CR) included."""
    return io.StringIO(text, newline="")
