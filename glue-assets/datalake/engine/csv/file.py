"""CSV files of the real world as blocks of text columns: read as Python's csv module reads them, at Arrow's speed."""

import io
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import BinaryIO, TypeVar, cast

from datalake.engine.conversion import Rejected
from datalake.engine.csv.encoding import Utf8Text
from datalake.engine.csv.escapes import ProvingCutter, UnprovedError
from datalake.engine.csv.foreign import refuse_foreign
from datalake.engine.csv.form import CsvForm, find_form
from datalake.engine.csv.one_column import without_blank_end, without_last
from datalake.engine.csv.parser import CsvParser
from datalake.engine.csv.piece import Cut, Piece, cut_again, without_footer
from datalake.engine.csv.pieces import RecordCutter
from datalake.engine.csv.quotes import MisreadError, QuoteCheck
from datalake.engine.csv.records import END_MARK, LONGEST_RECORD_BYTES, text_lines, too_long
from datalake.engine.csv.report import advise, describe
from datalake.engine.dataset import Column, CsvOptions
from datalake.engine.format import Block
from datalake.engine.parallel import in_order
from datalake.engine.streams import ChunkStream, Rewindable

SAMPLE_BYTES = 2 << 20
BLOCK_BYTES = 2 << 20
#: What a block has per column at least: a block of few rows costs as much time per column as one of many.
_BLOCK_BYTES_PER_COLUMN = 2048
_Result = TypeVar("_Result")


class CsvFile:
    """One CSV object: what its form is, and its rows. It is an `InputFile`.

    Args:
        open_source: opens the object from its first byte; called again only for one over 2 MiB that must be reread.
        options: what is declared of its form. The rest is found out from its first 2 MiB.
        columns: that are declared; a file without header has as many at least.
        escapes: backslashes before quotes make them part of the value, as a `MisreadError` says; None: by its sample.

    Attributes:
        header: the names in its first record; empty if it is declared to have none.
        width: the number of its columns.
        is_small: it is held in memory as a whole.

    Raises:
        Rejected: it is not a CSV file.
    """

    def __init__(
        self,
        open_source: Callable[[], BinaryIO],
        options: CsvOptions,
        columns: Sequence[Column] = (),
        escapes: bool | None = None,
    ) -> None:
        """Finds out the form of the file."""
        self._options, self._escapes = options, escapes
        self._source = Rewindable(open_source, SAMPLE_BYTES)
        self.is_small = self._source.is_whole
        refuse_foreign(self._source.head, options.encoding)
        self._text = Utf8Text(options.encoding)
        self._form = self._find_form(columns)
        self.header, self.width = self._form.header, self._form.width
        self._parser = CsvParser(self._form)
        self._block_bytes = min(max(BLOCK_BYTES, self.width * _BLOCK_BYTES_PER_COLUMN), LONGEST_RECORD_BYTES)
        self._cutter, self._rows, self._repeated = self._new_cutter(), 0, 0
        self._quotes: RecordCutter | QuoteCheck = self._cutter
        self._cuts: list[Cut] = []
        self._is_unproved = self._form.dialect.is_plain or not self._form.dialect.may_be_plain

    @property
    def size(self) -> int:
        """Stored bytes that have been read so far."""
        return self._source.size

    @property
    def found(self) -> Mapping[str, str | int]:
        """What was found out about it. Complete when all rows were read."""
        return describe(self._form, self._text, self._cutter, self._quotes, self._rows, self._repeated)

    @property
    def advice(self) -> Sequence[str]:
        """What its owner should check or declare. Complete when all rows were read."""
        return advise(self._form, self._text, self._quotes, self._repeated)

    def map(
        self, work: Callable[[Block], _Result], columns: Sequence[int] | None = None, threads: int = 1
    ) -> Iterator[_Result]:
        """What the work makes of each block of rows below the header, in their order, from the first one at each call.

        A blank line is no row, except among the rows of a file of one column: there it is a row with a null.

        Args:
            work: called in the threads.
            columns: the positions of the only columns that the blocks shall have; all of them without it.
            threads: how many work on it.

        Raises:
            Rejected: it is no CSV file after all, from some record on.
            MisreadError: the file is to be opened again, with the other meaning of backslashes.
        """
        wanted = [*range(self.width)] if columns is None else [*columns]
        self._rows, self._repeated = 0, 0
        if not self._cuts:
            self._quotes = self._cutter = self._new_cutter()
        if self.width == 1:
            blocks = without_blank_end(self._parser.read(piece, [0]) for piece in self._pieces())
            for block in without_last(blocks, self._options.skip_footer):
                self._rows += block.rows
                yield work(block.select(wanted))
            return

        def work_on(piece: Piece) -> tuple[int, int, _Result | None]:
            block = self._parser.read(piece, wanted or [0])
            repeated = piece.records - piece.footer - block.rows
            return repeated, block.rows, work(block.select(range(len(wanted)))) if block.rows else None

        for repeated, rows, result in in_order(work_on, self._pieces(), threads):
            self._rows += rows
            self._repeated += repeated
            if result is not None:
                yield result
            del result  # before the next one grows

    def _pieces(self) -> Iterator[Piece]:
        if not self._cuts and not self._is_unproved:
            self._prove()
        if self._cuts:
            pieces = cut_again(self._below_header(), self._cuts)
        elif self._form.dialect.is_plain:
            pieces = self._cut(self._below_header())
        else:
            bytes_to_end = chain(self._below_header(), [f"\n{END_MARK}\n".encode()])
            lines = io.TextIOWrapper(io.BufferedReader(ChunkStream(bytes_to_end)), "utf-8", newline="")
            above = [*text_lines(self._form.prologue.removeprefix(self._form.title))]
            first_line = len([*text_lines(self._form.title)]) + 1
            self._quotes = check = QuoteCheck(self._form.dialect)
            check.look_at(above, first_line)
            pieces = self._parser.counted(lines, self._block_bytes, check, first_line + len(above))
        footer = self._options.skip_footer if self.width > 1 else 0
        yield from without_footer(pieces, footer) if footer else pieces

    def _cut(self, text: Iterator[bytes]) -> Iterator[Piece]:
        """Notes where the cuts are: the first pass may have been for the types alone, and the next need not look."""
        cuts: list[Cut] = []
        for piece in self._cutter.pieces(text, self._block_bytes // 2):
            cuts.append((len(piece.text), piece.records))
            yield piece
            del piece  # before the next one grows
        self._cuts = cuts

    def _prove(self) -> None:
        """Reads the file once, and notes where the cuts are if they are certain in spite of its escapes."""
        try:
            self._quotes = self._cutter = self._new_cutter()
            self._show_header(self._cutter)
            deque(self._cut(self._below_header()), 0)
        except (UnprovedError, MisreadError, Rejected):  # the csv module has the last word
            self._is_unproved, self._cutter = True, self._new_cutter()

    def _new_cutter(self) -> RecordCutter:
        """One that has seen the header, if nothing else is to be proved."""
        first_line = len([*text_lines(self._form.title)]) + 1
        dialect = self._form.dialect
        kind = ProvingCutter if dialect.escape else RecordCutter
        cutter = kind(dialect, counts_blank=self.width == 1, first_line=first_line)
        if dialect.is_plain:
            self._show_header(cutter)
        return cutter

    def _show_header(self, cutter: RecordCutter) -> None:
        deque(cutter.pieces([self._form.prologue.removeprefix(self._form.title).encode()], 0), 0)

    def _find_form(self, columns: Sequence[Column]) -> CsvForm:
        """Reads on until it is known, which mostly is within the first 2 MiB."""
        sample, enough = "", 0
        for chunk in self._utf8():
            sample += chunk.decode()
            if len(sample) > enough and not self.is_small:
                if form := find_form(sample, self._options, columns, is_whole=False, escapes=self._escapes):
                    return form
                enough = 2 * len(sample)
            if len(sample) > 2 * LONGEST_RECORD_BYTES:
                raise too_long()
        form = find_form(sample, self._options, columns, is_whole=True, escapes=self._escapes)
        return cast(CsvForm, form)  # it has one or is refused

    def _utf8(self) -> Iterator[bytes]:
        return self._text.read(self._source.chunks())

    def _below_header(self) -> Iterator[bytes]:
        left = len(self._form.prologue.encode())
        for chunk in self._utf8():
            yield chunk[left:] if left else chunk
            left = max(0, left - len(chunk))
