"""CSV text cut between records, with the records counted: independently of the parser that reads them.

Whether a line end ends a record depends on every quote before it. A quote opens a field only where the field begins:
at the start of a record or right behind a delimiter. Within quotes, two in a row are a value's quote, and any other
one closes; what follows it up to the next delimiter is text, quotes included. This is how the csv module reads.

Mostly, all quotes taken in pairs begin a field or follow the pair before; numpy tells so for a whole text at once.
Only if a text has another quote, as in `5" pipe`, does a loop look at each of them.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from datalake.engine.csv.dialect import Dialect
from datalake.engine.csv.piece import Parts, Piece
from datalake.engine.csv.places import CR, LF, Places, behind_spaces, bytes_behind, last_line_end, opening_at, places_of
from datalake.engine.csv.quotes import ran_together
from datalake.engine.csv.records import LONGEST_RECORD_BYTES, open_quote, too_long
from datalake.engine.csv.suspects import Scan, Suspects


class RecordCutter:
    """Cuts a text, or several that follow each other.

    Attributes:
        line: of the text, in which the next byte is.
        line_ends: how many lines end with each of CRLF, LF and CR.
        text_after_quotes: how many fields have text behind their closing quote.
        first_text_after_quotes: the line of the first of them.
    """

    def __init__(self, dialect: Dialect, *, counts_blank: bool, first_line: int = 1) -> None:
        """Has seen nothing."""
        self._quote = ord(dialect.quote) if dialect.quote else -1
        self._is_border: npt.NDArray[np.bool_] = np.zeros(256, np.bool_)
        self._is_border[list(f"{dialect.delimiter}\r\n\0".encode())] = True  # NUL: the end of the text
        self._suspects = Suspects(dialect)
        self._counts_blank = counts_blank
        self._in_quotes = self._in_record = False
        self._opened_in_line = 0
        self.line = first_line
        self.line_ends = {"CRLF": 0, "LF": 0, "CR": 0}
        self.text_after_quotes = self.first_text_after_quotes = 0

    def pieces(self, chunks: Iterable[bytes], least_bytes: int) -> Iterator[Piece]:
        """The text in pieces of whole records.

        Args:
            chunks: of the text, from the start of a record.
            least_bytes: what each piece but the last has at least.

        Raises:
            Rejected: a record is longer than any may be, or a quote makes records run together.
            MisreadError: backslashes before quotes mean something else than in the sample.
        """
        whole, begun, records, rest = Parts(), Parts(), 0, b""
        for chunk in chunks:
            rest = rest + chunk if rest else chunk
            cut = last_line_end(rest)
            text = memoryview(rest)
            end, count = self._scan(text[:cut]) if cut else (0, 0)
            if end:
                whole.add(begun.take())
                whole.add(text[:end])
                records += count
            begun.add(text[end:cut])
            rest = rest[cut:] if cut else rest
            if begun.size + len(rest) > LONGEST_RECORD_BYTES:
                raise too_long()
            if whole.size >= least_bytes:
                yield Piece(whole.take(), records)
                records = 0
        _, count = self._scan(memoryview(rest), is_last=True)
        whole.add(begun.take())
        whole.add(rest)
        if self._in_quotes:
            self._suspects.confirm_open()
            raise open_quote(self._opened_in_line)
        self._in_record = False
        if records + count:
            yield Piece(whole.take(), records + count)

    def _scan(self, text: memoryview, *, is_last: bool = False) -> tuple[int, int]:
        """Goes on over a text that ends with a line, or is the last one.

        Returns:
            Behind its last record, and how many records end in it.
        """
        data = np.frombuffer(text, np.uint8)
        lines = self._line_ends(data)
        quotes = places_of(data, self._quote) if self._quote >= 0 else lines[:0]
        toggles = self._toggles(data, quotes) if len(quotes) else quotes
        if len(quotes):
            ends = lines[(np.searchsorted(toggles, lines) & 1) == self._in_quotes]
            odd = self._odd_closings(data, toggles)
            scan = Scan(data, toggles, ends, lines, self._in_quotes, self.line, chr(self._quote))
            strays = np.setdiff1d(quotes, toggles, assume_unique=True) if len(toggles) < len(quotes) else quotes[:0]
            self._suspects.look_at(scan, np.union1d(strays, toggles[odd]))
            self._look_behind_quotes(data, toggles, odd, lines)
        else:
            ends = lines[:0] if self._in_quotes else lines
            self._suspects.pass_by(data)
        self._in_quotes ^= bool(len(toggles) % 2)
        if self._in_quotes and len(toggles):
            opening = opening_at(toggles, len(toggles) - 1)
            if opening is not None:
                self._opened_in_line = self.line + int(np.searchsorted(lines, opening))
        self.line += len(lines)
        return self._count(data, ends, is_last=is_last)

    def _count(self, data: npt.NDArray[np.uint8], ends: Places, *, is_last: bool) -> tuple[int, int]:
        end, blank = int(ends[-1]) + 1 if len(ends) else 0, 0
        if len(ends) and not self._counts_blank:
            length = np.diff(ends, prepend=-1)
            short = np.flatnonzero(length <= len("\r\n"))
            begins_with = data[ends[short] - length[short] + 1]
            is_blank = (length[short] == 1) | ((begins_with == CR) & (data[ends[short]] == LF))
            blank = int(np.count_nonzero(is_blank))
            blank -= bool(self._in_record and blank and is_blank[0] and not short[0])
        self._in_record = end < len(data) or (self._in_record and not len(ends))
        begun = is_last and self._in_record
        return (len(data) if is_last else end), len(ends) - blank + begun

    def _line_ends(self, data: npt.NDArray[np.uint8]) -> Places:
        """Where lines end: at each LF, and at each CR without LF behind it."""
        ends = places_of(data, LF)
        returns = int(np.count_nonzero(data == CR))
        pairs = int(np.count_nonzero(data[ends - 1] == CR)) if returns else 0
        pairs -= bool(returns and len(ends) and ends[0] == 0 and data[-1] == CR)  # that one stands before nothing
        self.line_ends["CRLF"] += pairs
        self.line_ends["LF"] += len(ends) - pairs
        if returns == pairs:
            return ends
        self.line_ends["CR"] += returns - pairs
        places = places_of(data, CR)
        alone = places[bytes_behind(data, places) != LF]
        return np.sort(np.concatenate((ends, alone)))

    def _toggles(self, data: npt.NDArray[np.uint8], quotes: Places) -> Places:
        """The quotes at which a field's quoting begins, ends or, between the two of a doubled quote, pauses."""
        within = int(self._in_quotes)
        openings, closings = quotes[within::2], quotes[1 - within :: 2]
        begins_field = self._is_border[data[openings - 1]]
        if not within:
            begins_field[:1] |= openings[:1] == 0
            begins_field[1:] |= openings[1:] == closings[: len(openings) - 1] + 1
        else:
            begins_field |= openings == closings[: len(openings)] + 1
        return quotes if begins_field.all() else self._walk(data, quotes)

    def _walk(self, data: npt.NDArray[np.uint8], quotes: Places) -> Places:
        toggles: list[int] = []
        within, closed = self._in_quotes, -2
        begins_field = self._is_border[data[quotes - 1]] | (quotes == 0)
        for place, begins in zip(quotes.tolist(), begins_field.tolist(), strict=True):
            if within or begins or place == closed + 1:
                toggles.append(place)
                closed = place if within else -2
                within = not within
        return np.array(toggles, np.int64)

    def _odd_closings(self, data: npt.NDArray[np.uint8], toggles: Places) -> Places:
        """The indexes of closing quotes with something else behind them than a border or another quote."""
        first = 1 - self._in_quotes
        behind = bytes_behind(data, toggles[first::2])
        return first + 2 * np.flatnonzero(~(self._is_border[behind] | (behind == self._quote)))

    def _look_behind_quotes(self, data: npt.NDArray[np.uint8], toggles: Places, odd: Places, lines: Places) -> None:
        """Counts closing quotes with text behind them.

        Raises:
            Rejected: such a quote closes a field of several lines: it was not meant to close one.
        """
        for index in odd.tolist():
            closing = int(toggles[index])
            if self._is_border[behind_spaces(data, closing + 1)]:
                continue
            opening = opening_at(toggles, index - 1)
            line = self.line + int(np.searchsorted(lines, closing))
            since = self._opened_in_line if opening is None else self.line + int(np.searchsorted(lines, opening))
            if since != line:
                raise ran_together(since, line)
            self.text_after_quotes += 1
            self.first_text_after_quotes = self.first_text_after_quotes or line
