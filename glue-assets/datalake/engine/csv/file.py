"""CSV files of the real world as blocks of text columns: read as Python's csv module reads them, at Arrow's speed."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from io import IOBase
from itertools import chain
from typing import BinaryIO, TypeVar, cast

import pyarrow as pa

from datalake.engine.conversion import Rejected
from datalake.engine.csv.encoding import to_utf8
from datalake.engine.csv.form import find_form, refuse_foreign
from datalake.engine.csv.parser import CsvParser
from datalake.engine.csv.pieces import UnprovedError, record_pieces
from datalake.engine.csv.records import LONGEST_RECORD_BYTES, Block, too_long, without_blank_end
from datalake.engine.dataset import CsvOptions
from datalake.engine.parallel import in_order
from datalake.engine.streams import CsvChunks, Rewindable

SAMPLE_BYTES = 1 << 20
BLOCK_BYTES = 1 << 20
#: What a block has per column at least: a block of few rows costs as much time per column as one of many.
_BLOCK_BYTES_PER_COLUMN = 2048
_Result = TypeVar("_Result")


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
        self._parser = CsvParser(self._form, options)
        self._block_bytes = min(max(BLOCK_BYTES, self.width * _BLOCK_BYTES_PER_COLUMN), LONGEST_RECORD_BYTES)

    @property
    def size(self) -> int:
        """Its bytes as they are stored, as far as it has been read."""
        return self._source.size

    def map(
        self, work: Callable[[Block], _Result], columns: Sequence[int] | None = None, threads: int = 1
    ) -> Iterator[_Result]:
        """What the work makes of each block of rows below the header, in their order, from the first one at each call.

        A blank line is no row, except among the rows of a file of one column: there it is a row with a null.

        Args:
            work: called in the threads.
            columns: the positions of the only columns that the blocks shall have; all of them without it.
            threads: on so many, as long as it is proved where records end.

        Raises:
            Rejected: it is no CSV file after all, from some record on.
        """
        wanted = [*(range(self.width) if columns is None else columns), 0]  # the last one tells the end mark's record
        given = 0
        with contextlib.suppress(UnprovedError):
            for results in self._map_pieces(work, wanted, threads):
                for rows, result in results:
                    given += rows
                    yield result
            if given:
                return
        blocks = self._all_blocks(wanted, given)
        yield from map(work, map(_without_last, blocks if self.width > 1 else without_blank_end(blocks)))

    def _map_pieces(
        self, work: Callable[[Block], _Result], columns: list[int], threads: int
    ) -> Iterator[list[tuple[int, _Result]]]:
        if threads == 1 or not self._can_be_cut:
            return

        def work_on(piece: memoryview) -> list[tuple[int, _Result]]:
            text = b"".join((piece, self._parser.end_mark))
            try:
                blocks = list(self._parser.plain_blocks(pa.BufferReader(text), len(text), columns))
            except (pa.ArrowInvalid, Rejected) as error:
                raise UnprovedError from error
            return [(block.rows, work(_without_last(block))) for block in blocks]

        rows = self._below_header()
        pieces = record_pieces(rows, self._form.delimiter, self._options.quote, self._block_bytes // 2)
        yield from in_order(work_on, pieces, threads)

    @property
    def _can_be_cut(self) -> bool:
        """It is large enough, and of a form whose quotes can prove where records end."""
        is_ascii = (self._form.delimiter + self._options.quote).isascii()
        return not self.is_small and self._is_plain and self.width > 1 and is_ascii

    def _all_blocks(self, columns: list[int], given: int) -> Iterator[Block]:
        """The blocks behind so many rows."""
        while True:
            position = 0
            try:
                for block in (
                    self._plain_blocks(columns) if self._is_plain else self._parser.exact_blocks(self._rows(), columns)
                ):
                    start, position = position, position + block.rows
                    if position > given:
                        yield block.slice(given - start, block.rows) if given > start else block
                        given = position
            except _Reread:
                continue
            return

    def _utf8(self) -> Iterator[bytes]:
        return to_utf8(self._source.chunks(), self._options.encoding)

    def _below_header(self) -> Iterator[bytes]:
        left = self._form.prologue_bytes
        for chunk in self._utf8():
            yield chunk[left:] if left else chunk
            left = max(0, left - len(chunk))

    def _rows(self) -> Iterator[bytes]:
        """The file in UTF-8, from the first record below the header to the one that marks its end."""
        return chain(self._below_header(), [self._parser.end_mark])

    def _plain_blocks(self, columns: list[int]) -> Iterator[Block]:
        try:
            yield from self._parser.plain_blocks(self._arrow_source(), self._block_bytes, columns)
        except pa.ArrowInvalid as error:
            self._doubt_form(error)

    def _arrow_source(self) -> pa.NativeFile:
        """A file of one block needs no calls back into Python, each of which is a change of threads."""
        chunks: Iterable[bytes] = self._rows()
        if self.is_small and len(rows := b"".join(chunks)) <= self._block_bytes:
            return pa.BufferReader(rows)
        return pa.PythonFile(cast(IOBase, CsvChunks([rows] if self.is_small else chunks)), "r")

    def _doubt_form(self, error: pa.ArrowInvalid) -> None:
        """Takes note of why Arrow could not go on and has the file read again."""
        if "straddl" not in str(error):
            self._is_plain = False
        elif self._block_bytes >= LONGEST_RECORD_BYTES:
            raise too_long() from error
        else:
            self._block_bytes = min(self._block_bytes * 8, LONGEST_RECORD_BYTES)
        raise _Reread from error


def _without_last(block: Block) -> Block:
    """The block without its last column."""
    return replace(block, columns=block.columns[:-1])
