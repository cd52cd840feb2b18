"""CSV files of the real world as blocks of text columns: read as Python's csv module reads them, at Arrow's speed.

Arrow's parser and the csv module read quotes, newlines and blank lines alike (the tests compare them). Where they
differ, in rows that are longer or shorter than the header and in files with an escape character, the csv module reads.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from datalake.byte_streams import ChunkStream, Rewindable, to_utf8
from datalake.csv_form import detect_delimiter, refuse_foreign, refuse_other_text
from datalake.dataset import CsvOptions
from datalake.rejected import Rejected

SAMPLE_BYTES = 1 << 20
BLOCK_BYTES = 1 << 20
#: A record must fit into one block. A longer one is a missing quote rather than a record.
LONGEST_RECORD_BYTES = 32 << 20
ROWS_PER_BLOCK = 10_000
#: Rows of another length than the header's that wait for their place among the others; a file of many of them is read
#: by the csv module altogether.
_MOST_UNEVEN_ROWS = 50_000

#: A record put behind the end of the file: it is read as a record of its own unless a quote was left open.
_END = "\x1eend\x1e"

csv.field_size_limit(LONGEST_RECORD_BYTES)


@dataclass(frozen=True)
class Block:
    """Consecutive rows of a file.

    Attributes:
        columns: one string array per column; null or empty where the row is too short or the field is empty.
        surplus: the fields that a row has beyond the header's, by the row's position in the block.
    """

    columns: list[pa.Array]
    surplus: dict[int, list[str]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many they are."""
        return len(self.columns[0])

    def after(self, rows: int) -> "Block":
        """The block without its first rows."""
        surplus = {position - rows: fields for position, fields in self.surplus.items() if position >= rows}
        return Block([column[rows:] for column in self.columns], surplus) if rows else self


class _Reread(Exception):  # noqa: N818 - a turn of the reading, never seen outside
    """Arrow cannot go on this way; what was found out is noted, and the file is read from its start again."""


class CsvFile:
    """One CSV object: what its form is, and its rows.

    Args:
        open_source: opens the object from its first byte; called again only for one over 1 MiB that must be reread.
        options: what is declared of its form. The rest is found out from its first MiB.

    Attributes:
        header: the names in its first record; empty if it is declared to have none.
        width: the number of its columns.
        is_small: it is held in memory as a whole.

    Raises:
        Rejected: it is not a CSV file.
    """

    def __init__(self, open_source: Callable[[], BinaryIO], options: CsvOptions) -> None:
        """Finds out the form of the file."""
        self._options = options
        self._source = Rewindable(open_source, SAMPLE_BYTES)
        self.is_small = self._source.is_whole
        refuse_foreign(self._source.head, options.encoding)
        text = next(self._utf8(), b"").decode()
        refuse_other_text(text)
        title = "".join(islice(io.StringIO(text, newline=""), options.skip_lines))
        text = text.removeprefix(title)
        self._delimiter = options.delimiter or detect_delimiter(text, options.quote)
        self._is_plain = options.escape is None
        self._block_bytes = BLOCK_BYTES
        first, lines = self._first_record(text)
        self.header = first if options.header else []
        self.width = len(first)
        self._prologue_bytes = len((title + lines if options.header else title).encode())

    def _first_record(self, text: str) -> tuple[list[str], str]:
        """The first record that is no blank line, and the lines up to its end."""
        read: list[str] = []

        def lines() -> Iterator[str]:
            for line in io.StringIO(f"{text}\n{_END}\n", newline=""):
                read.append(line)
                yield line

        first = next((record for record in self._records(lines()) if record), [_END])
        if first == [_END]:
            raise Rejected("the file has no record: it is empty or only blank lines")
        if _END in first[-1]:
            raise (
                _open_quote()
                if self.is_small
                else Rejected(
                    f"its first record does not end within {SAMPLE_BYTES >> 20} MiB: a closing quote may be missing"
                )
            )
        return first, "".join(read)[: len(text)]

    @property
    def size(self) -> int:
        """Its bytes as they are stored, as far as it has been read."""
        return self._source.size

    def blocks(self) -> Iterator[Block]:
        """All rows below the header, from the first one at each call.

        Raises:
            Rejected: it is no CSV file after all, from some record on.
        """
        blocks = self._all_blocks()
        return blocks if self.width > 1 else _without_blank_end(blocks)

    def _all_blocks(self) -> Iterator[Block]:
        given = 0
        while True:
            position = 0
            try:
                for block in self._plain_blocks() if self._is_plain else self._exact_blocks():
                    position += block.rows
                    if position > given:
                        yield block.after(given - (position - block.rows))
                        given = position
            except _Reread:
                continue
            return

    def _utf8(self) -> Iterator[bytes]:
        return to_utf8(self._source.chunks(), self._options.encoding)

    def _records(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The records of a text as the csv module reads them."""
        options = self._options
        reader = csv.reader(
            lines,
            delimiter=self._delimiter,
            quotechar=options.quote,
            escapechar=options.escape,
            doublequote=True,
        )
        try:
            yield from reader
        except csv.Error as error:
            raise Rejected(f"line {reader.line_num}: {error}: a closing quote may be missing there") from error

    def _open(self) -> BinaryIO:
        """The file in UTF-8, from the first record below the header to the one that marks its end."""
        end = "\n" + self._delimiter.join([_END] + [""] * (self.width - 1)) + "\n"
        stream = io.BufferedReader(ChunkStream(chain(self._utf8(), [end.encode()])), BLOCK_BYTES)
        stream.read(self._prologue_bytes)
        return stream

    def _plain_blocks(self) -> Iterator[Block]:
        """The rows as Arrow reads them; those of another length are put back among them."""
        uneven: list[tuple[int, str]] = []

        def keep(row: pa_csv.InvalidRow) -> str:
            uneven.append((row.number - 1, row.text))
            return "skip" if len(uneven) < _MOST_UNEVEN_ROWS else "error"

        position = 0
        held: Block | None = None
        try:
            for batch in self._arrow_reader(keep):
                if held is not None:
                    yield held
                held = self._mix(batch.columns, uneven, position)
                position += held.rows
        except pa.ArrowInvalid as error:
            self._doubt_form(error)
        yield from self._without_end(held)

    def _arrow_reader(self, keep: Callable[[pa_csv.InvalidRow], str]) -> pa_csv.CSVStreamingReader:
        names = [str(position) for position in range(self.width)]
        return pa_csv.open_csv(
            pa.PythonFile(self._open(), "r"),
            pa_csv.ReadOptions(use_threads=False, block_size=self._block_bytes, column_names=names),
            pa_csv.ParseOptions(
                delimiter=self._delimiter,
                quote_char=self._options.quote,
                newlines_in_values=True,
                ignore_empty_lines=self.width > 1,
                invalid_row_handler=keep,
            ),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=self.width > 1,
            ),
        )

    def _mix(self, even: Sequence[pa.Array], uneven: list[tuple[int, str]], position: int) -> Block:
        """Rows of the header's length, the first of them at a position in the file, with the others among them."""
        count, rows = 0, len(even[0])
        while count < len(uneven) and uneven[count][0] <= position + rows + count:
            count += 1
        if not count:
            return Block(list(even))
        taken, uneven[:] = uneven[:count], uneven[count:]
        block = self._block([next(self._records(io.StringIO(text, newline=""))) for _, text in taken])
        places = np.array([place for place, _ in taken]) - position
        order: npt.NDArray[np.int64] = np.empty(rows + count, np.int64)
        others: npt.NDArray[np.bool_] = np.ones(rows + count, np.bool_)
        others[places] = False
        order[places], order[others] = np.arange(rows, rows + count), np.arange(rows)
        columns = [pa.concat_arrays(pair).take(order) for pair in zip(even, block.columns, strict=True)]
        return Block(columns, {int(places[position]): fields for position, fields in block.surplus.items()})

    def _doubt_form(self, error: pa.ArrowInvalid) -> None:
        """Takes note of why Arrow could not go on and has the file read again."""
        if "straddl" not in str(error):
            self._is_plain = False
        elif self._block_bytes >= LONGEST_RECORD_BYTES:
            raise Rejected(
                f"a record is longer than {LONGEST_RECORD_BYTES >> 20} MiB: a closing quote may be missing, "
                "or split the file's longest field"
            ) from error
        else:
            self._block_bytes = min(self._block_bytes * 8, LONGEST_RECORD_BYTES)
        raise _Reread from error

    def _exact_blocks(self) -> Iterator[Block]:
        """The rows as the csv module reads them."""
        text = io.TextIOWrapper(self._open(), "utf-8", newline="")
        records = (record for record in self._records(text) if record or self.width == 1)
        held: Block | None = None
        while rows := list(islice(records, ROWS_PER_BLOCK)):
            if held is not None:
                yield held
            held = self._block(rows)
        yield from self._without_end(held)

    def _block(self, rows: list[list[str]]) -> Block:
        width = self.width
        surplus = {position: row[width:] for position, row in enumerate(rows) if len(row) > width}
        even: list[list[str | None]] = [[*row, *[None] * (width - len(row))][:width] for row in rows]
        return Block([pa.array(column, pa.string()) for column in zip(*even, strict=True)], surplus)

    def _without_end(self, last: Block | None) -> Iterator[Block]:
        """The last block without the record that marks the end."""
        if last is None or last.columns[0][-1].as_py() != _END:
            raise _open_quote()
        yield Block([column[:-1] for column in last.columns], last.surplus)


def _without_blank_end(blocks: Iterator[Block]) -> Iterator[Block]:
    """A file of one column without the blank lines at its end: the others are rows, of a null each."""
    blank = 0
    for block in blocks:
        filled = np.flatnonzero(block.columns[0].is_valid())
        end = int(filled[-1]) + 1 if len(filled) else 0
        if end and blank:
            yield Block([pa.nulls(blank, pa.string())])
        if end:
            yield Block([block.columns[0][:end]], block.surplus)
        blank = block.rows - end + (0 if end else blank)


def _open_quote() -> Rejected:
    return Rejected("a quote is opened and never closed, so that records ran together: add the closing quote")
