"""CSV files of the real world as blocks of text columns: read as Python's csv module reads them, at Arrow's speed.

Arrow's parser and the csv module read quotes, newlines and blank lines alike (the tests compare them). Where they
differ, in rows that are longer or shorter than the header and in files with an escape character, the csv module reads.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pa_csv

from datalake.byte_streams import ChunkStream, CsvChunks, Rewindable
from datalake.csv_form import find_form, refuse_foreign
from datalake.csv_records import (
    END_MARK,
    LONGEST_RECORD_BYTES,
    Block,
    mix,
    read_records,
    text_lines,
    to_block,
    too_long,
    without_blank_end,
    without_end,
)
from datalake.dataset import CsvOptions
from datalake.text_encoding import to_utf8

SAMPLE_BYTES = 1 << 20
BLOCK_BYTES = 1 << 20
#: What a block has per column at least: a block of few rows costs as much time per column as one of many.
_BLOCK_BYTES_PER_COLUMN = 2048
_ROWS_PER_BLOCK = 10_000
#: Rows of another length than the header's that wait for their place among the others; a file of many of them is read
#: by the csv module altogether.
_MOST_UNEVEN_ROWS = 50_000


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
        self._form = find_form(next(self._utf8(), b"").decode(), options)
        self.header, self.width = self._form.header, self._form.width
        self._is_plain = options.escape is None
        self._block_bytes = min(max(BLOCK_BYTES, self.width * _BLOCK_BYTES_PER_COLUMN), LONGEST_RECORD_BYTES)

    @property
    def size(self) -> int:
        """Its bytes as they are stored, as far as it has been read."""
        return self._source.size

    def blocks(self, columns: Sequence[int] | None = None) -> Iterator[Block]:
        """All rows below the header, from the first one at each call.

        A blank line is no row, except among the rows of a file of one column: there it is a row with a null.

        Args:
            columns: the positions of the only columns that the blocks shall have; all of them without it.

        Raises:
            Rejected: it is no CSV file after all, from some record on.
        """
        wanted = list(range(self.width) if columns is None else columns)
        blocks = self._all_blocks([*wanted, 0])  # the last column tells the record that marks the end
        for block in blocks if self.width > 1 else without_blank_end(blocks):
            yield Block(block.columns[:-1], block.surplus)

    def _all_blocks(self, columns: list[int]) -> Iterator[Block]:
        given = 0
        while True:
            position = 0
            try:
                for block in self._plain_blocks(columns) if self._is_plain else self._exact_blocks(columns):
                    start, position = position, position + block.rows
                    if position > given:
                        yield block.slice(given - start, block.rows) if given > start else block
                        given = position
            except _Reread:
                continue
            return

    def _utf8(self) -> Iterator[bytes]:
        return to_utf8(self._source.chunks(), self._options.encoding)

    def _rows(self) -> Iterator[bytes]:
        """The file in UTF-8, from the first record below the header to the one that marks its end."""
        left = self._form.prologue_bytes
        for chunk in self._utf8():
            yield chunk[left:] if left else chunk
            left = max(0, left - len(chunk))
        yield f"\n{END_MARK}{self._form.delimiter * (self.width - 1)}\n".encode()

    def _plain_blocks(self, columns: list[int]) -> Iterator[Block]:
        """The rows as Arrow reads them; those of another length are put back among them."""
        uneven: list[tuple[int, str]] = []

        def keep(row: pa_csv.InvalidRow) -> str:
            uneven.append((row.number - 1, row.text))
            return "skip" if len(uneven) < _MOST_UNEVEN_ROWS else "error"

        position = 0
        held: Block | None = None
        try:
            with self._arrow_reader(keep, columns) as reader:
                for batch in reader:
                    even = [batch.column(str(column)) for column in columns]
                    block = self._with_uneven(even, uneven, position, columns)
                    if block.rows:  # an unfinished record at the end of a block can leave it empty
                        if held is not None:
                            yield held
                        held, position = block, position + block.rows
        except pa.ArrowInvalid as error:
            self._doubt_form(error)
        yield without_end(held)

    def _arrow_reader(self, keep: Callable[[pa_csv.InvalidRow], str], columns: list[int]) -> pa_csv.CSVStreamingReader:
        names = [str(position) for position in range(self.width)]
        return pa_csv.open_csv(
            pa.PythonFile(CsvChunks(self._rows()), "r"),
            pa_csv.ReadOptions(use_threads=False, block_size=self._block_bytes, column_names=names),
            pa_csv.ParseOptions(
                delimiter=self._form.delimiter,
                quote_char=self._options.quote,
                newlines_in_values=True,
                ignore_empty_lines=self.width > 1,
                invalid_row_handler=keep,
            ),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=[names[column] for column in sorted(set(columns))],
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=self.width > 1,
                check_utf8=False,  # it was looked at before
            ),
        )

    def _with_uneven(
        self, even: list[pa.Array], uneven: list[tuple[int, str]], position: int, columns: list[int]
    ) -> Block:
        """Rows of the header's length, the first of them at a position in the file, with the others among them."""
        count = 0
        while count < len(uneven) and uneven[count][0] <= position + len(even[0]) + count:
            count += 1
        if not count:
            return Block(even)
        taken, uneven[:] = uneven[:count], uneven[count:]
        records = [next(read_records(text_lines(text), self._options, self._form.delimiter)) for _, text in taken]
        return mix(even, to_block(records, self.width).select(columns), [place - position for place, _ in taken])

    def _doubt_form(self, error: pa.ArrowInvalid) -> None:
        """Takes note of why Arrow could not go on and has the file read again."""
        if "straddl" not in str(error):
            self._is_plain = False
        elif self._block_bytes >= LONGEST_RECORD_BYTES:
            raise too_long() from error
        else:
            self._block_bytes = min(self._block_bytes * 8, LONGEST_RECORD_BYTES)
        raise _Reread from error

    def _exact_blocks(self, columns: list[int]) -> Iterator[Block]:
        """The rows as the csv module reads them."""
        text = io.TextIOWrapper(io.BufferedReader(ChunkStream(self._rows())), "utf-8", newline="")
        records = read_records(text, self._options, self._form.delimiter)
        rows = (record for record in records if record or self.width == 1)
        held: Block | None = None
        while some := list(islice(rows, _ROWS_PER_BLOCK)):
            if held is not None:
                yield held
            held = to_block(some, self.width).select(columns)
        yield without_end(held)
