"""The records of a CSV text as blocks of text columns.

Arrow's parser and the csv module read quotes, newlines and blank lines alike (the tests compare them). The records of
each piece have been counted independently. Where Arrow's are not as many, where rows are longer or shorter than the
header, and for what Arrow does not know at all, the csv module reads.
"""

from collections.abc import Iterable, Iterator
from typing import IO, Literal, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from datalake.engine.csv.escapes import Escapes
from datalake.engine.csv.form import CsvForm
from datalake.engine.csv.piece import Piece
from datalake.engine.csv.quotes import QuoteCheck
from datalake.engine.csv.records import (
    END_MARK,
    mix,
    open_quote,
    read_records,
    reordered_header,
    text_lines,
    to_block,
)
from datalake.engine.format import Block

#: Rows of a piece with another length than the header's, from which on it is faster to have the csv module read it all.
_MOST_UNEVEN_ROWS = 1000
#: The memory of a larger piece goes back to the system with it. Arrow's own pool would keep it, three times as much at
#: worst, since pieces of different sizes fit into none of what it has kept.
_LARGE_BYTES = 16 << 20
_POOL = pa.default_memory_pool()
_NO_COLUMN = 0


class MiscountError(Exception):
    """A piece has another number of records than were counted. Nobody has seen it; it must never become a success."""


class CsvParser:
    """Reads pieces of texts of one form. Threads may do it side by side."""

    def __init__(self, form: CsvForm) -> None:
        """Reads nothing yet."""
        self._form, self._dialect, self._width = form, form.dialect, form.width
        self._escapes = Escapes(form.dialect) if form.dialect.escape else None
        # A row that repeats the header is looked for in the column whose name is the least likely value.
        self._key = max(range(len(form.header)), key=lambda place: len(form.header[place]), default=_NO_COLUMN)
        self._may_repeat = self._width > 1 and any(form.header)
        self._names = pa.array([name or None for name in form.header], pa.string())
        is_proper = all(form.header) and len({*form.header}) == self._width
        self._different_names = {*form.header} if is_proper else set[str]()

    def read(self, piece: Piece, columns: list[int]) -> Block:
        """The rows of a piece, without those that repeat the header.

        Args:
            piece: at least one record.
            columns: the positions of the only columns that the block shall have.

        Raises:
            MiscountError: it has another number of records than were counted.
            Rejected: a field is too long, or the header is repeated in another order.
        """
        is_large = len(piece.text) > _LARGE_BYTES
        if is_large:
            _POOL.release_unused()
        pa.set_memory_pool(pa.system_memory_pool() if is_large else _POOL)
        if piece.rows is None and not piece.footer:
            block = self._by_arrow(piece.text, [*columns, self._key])
            if block and block.rows == piece.records and not self._repeats_header(block):
                return block.select(range(len(columns)))
        return self._by_csv(piece).select(columns)

    def _repeats_header(self, block: Block) -> bool:
        """A row has nothing but names of columns. It may be the header in another order."""
        if not self._may_repeat:
            return False
        rows = pc.indices_nonzero(pc.is_in(block.columns[-1], self._names))
        for column in block.columns if len(rows) else ():
            rows = rows.filter(pc.is_in(column.take(rows), self._names))
        return len(rows) > 0

    def _by_csv(self, piece: Piece) -> Block:
        rows = piece.rows
        if rows is None:
            records = read_records(text_lines(bytes(piece.text).decode()), self._dialect)
            rows = [record for record in records if record or self._width == 1]
        if len(rows) != piece.records:
            raise MiscountError(f"{piece.records} records were counted and {len(rows)} read: nothing was written")
        rows = rows[: len(rows) - piece.footer]
        if self._may_repeat:
            rows = [row for row in rows if row != self._form.header]
            if found := next(filter(self._is_reordered, rows), None):
                raise reordered_header(found)
        return to_block(rows, self._width)

    def _is_reordered(self, row: list[str]) -> bool:
        if len(row) != self._width or row[self._key] not in self._different_names:
            return False
        return sorted(row) == sorted(self._form.header)

    def _by_arrow(self, text: bytes | memoryview, columns: list[int]) -> Block | None:
        """All rows as Arrow reads them, those of another length put back among them; None if it cannot."""
        uneven: list[tuple[int, str]] = []

        def keep(row: pa_csv.InvalidRow) -> Literal["skip", "error"]:
            uneven.append((cast(int, row.number) - 1, row.text))  # it has a number, since one thread reads
            return "skip" if len(uneven) < _MOST_UNEVEN_ROWS else "error"

        text = self._escapes.without(text) if self._escapes else text
        names = [str(position) for position in range(self._width)]
        try:
            with pa_csv.open_csv(
                cast(IO[bytes], pa.BufferReader(text)),
                pa_csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
                pa_csv.ParseOptions(
                    delimiter=self._dialect.delimiter,
                    quote_char=self._dialect.quote or False,
                    newlines_in_values=True,
                    ignore_empty_lines=self._width > 1,
                    invalid_row_handler=keep,
                ),
                pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    include_columns=[names[column] for column in sorted(set(columns))],
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=self._width > 1,
                    check_utf8=False,  # it was looked at before
                ),
            ) as reader:
                table = reader.read_all()
        except pa.ArrowInvalid:
            return None
        even = [_one(table.column(names[column])) for column in columns]
        if self._escapes:
            even = [self._escapes.values(column) for column in even]
        if not uneven:
            return Block(even)
        records = [next(read_records(text_lines(row), self._dialect)) for _, row in uneven]
        return mix(even, to_block(records, self._width).select(columns), [place for place, _ in uneven])

    def counted(self, lines: Iterable[str], block_bytes: int, quotes: QuoteCheck, line: int) -> Iterator[Piece]:
        """The records of a text as the csv module reads them, in pieces of so many bytes.

        Args:
            lines: of the text, up to the end mark.
            block_bytes: of the lines that make a piece, about.
            quotes: looks at each record.
            line: the number of the first line.

        Raises:
            MisreadError: backslashes before quotes mean something else than in the sample.
            Rejected: a field is too long, a quote is left open, or makes records run together.
        """
        read, rows = 0, list[list[str]]()
        held: list[str] | None = None
        begun: list[str] = []

        def count() -> Iterator[str]:
            nonlocal read
            for text in lines:
                read += len(text)
                begun.append(text)
                yield text

        for record in read_records(count(), self._dialect):
            quotes.look_at(begun, line)
            line += len(begun)
            begun.clear()
            if held or (held is not None and self._width == 1):
                rows.append(held)
            held = record
            if rows and read >= block_bytes:
                yield Piece(b"", len(rows), rows)
                read, rows = 0, []
        if held != [END_MARK]:
            quotes.confirm_open()
            raise open_quote(quotes.line)
        if rows:
            yield Piece(b"", len(rows), rows)


def _one(column: "pa.ChunkedArray[pa.StringScalar]") -> pa.StringArray:
    chunks = cast(list[pa.StringArray], column.chunks)
    return chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks or [pa.array([], pa.string())])
