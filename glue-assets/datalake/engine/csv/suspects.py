"""Quotes in a text that may be misplaced because a backslash before an earlier one escapes it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datalake.engine.csv.dialect import Dialect
from datalake.engine.csv.places import Places
from datalake.engine.csv.quotes import BackslashRules

_BACKSLASH = ord("\\")
#: How far behind a quote with a backslash another may be that is misplaced because of it.
_NEAR_BYTES = 1 << 16


@dataclass(frozen=True)
class Scan:
    """A text of whole lines, and where its quotes are.

    Attributes:
        data: its bytes.
        toggles: the quotes at which a field's quoting begins, ends or, between the two of a doubled quote, pauses.
        ends: of its records.
        lines: their ends.
        in_quotes: it begins within a quoted field.
        line: its first one.
        quote: the character.
    """

    data: npt.NDArray[np.uint8]
    toggles: Places
    ends: Places
    lines: Places
    in_quotes: bool
    line: int
    quote: str

    def closings(self, start: int = 0) -> Places:
        """The quotes from there on that close fields, or are the first half of doubled ones, behind a backslash."""
        closings: Places = self.toggles[1 - self.in_quotes :: 2]
        closings = closings[np.searchsorted(closings, start) :]
        return closings[self.data[closings - 1] == _BACKSLASH]

    def start(self, place: int) -> int:
        """Where the record of a place starts, or the text."""
        before = int(np.searchsorted(self.ends, place))
        return int(self.ends[before - 1]) + 1 if before else 0

    def end(self, place: int) -> int:
        """Behind the record of a place, or the text."""
        last = int(np.searchsorted(self.ends, place))
        return int(self.ends[last]) + 1 if last < len(self.ends) else len(self.data)

    def line_of(self, place: int) -> int:
        """The line of a place."""
        return self.line + int(np.searchsorted(self.lines, place))

    def text(self, start: int, end: int) -> str:
        """A part that starts with a record, whose opening quote is put before it if it is not in the text."""
        opening = self.quote if self.in_quotes and not start else ""
        return opening + bytes(self.data[start:end]).decode(errors="replace")


class Suspects:
    """Looks at one text after the other."""

    def __init__(self, dialect: Dialect) -> None:
        """Has seen nothing."""
        self._rules = BackslashRules(dialect)
        self._tail, self._tail_line = "", 0

    def look_at(self, scan: Scan, odd: Places) -> None:
        """Looks at the next text.

        Args:
            scan: of it.
            odd: its quotes that neither begin nor end a field, in ascending order.

        Raises:
            MisreadError: they do so if backslashes before quotes make them part of the value.
        """
        for text, line in self._near(scan, odd) if len(odd) else ():
            self._rules.confirm(text, line)
        near = scan.closings(len(scan.data) - _NEAR_BYTES)
        if len(near):
            start = scan.start(int(near[0]))
            self._tail, self._tail_line = scan.text(start, len(scan.data)), scan.line_of(start)
        elif self._tail:
            self.pass_by(scan.data)

    def pass_by(self, data: npt.NDArray[np.uint8]) -> None:
        """Takes note of a text without quotes."""
        is_near = self._tail and len(self._tail) + len(data) <= _NEAR_BYTES
        self._tail = self._tail + bytes(data).decode(errors="replace") if is_near else ""

    def confirm_open(self) -> None:
        """Looks at the last records again, of which one is open at the end of the file.

        Raises:
            MisreadError: by the other meaning of backslashes, it is not.
        """
        self._rules.confirm(self._tail, self._tail_line, is_whole=True)

    def _near(self, scan: Scan, odd: Places) -> Iterator[tuple[str, int]]:
        """The records from a closing quote behind a backslash to the next odd quote, and their first line."""
        closings = scan.closings()
        latest: Places = np.searchsorted(closings, odd, side="right") - 1
        for index in np.unique(latest).tolist():
            place = int(odd[np.searchsorted(latest, index)])
            if index < 0 and self._tail:
                yield (
                    self._tail + scan.text(0, scan.end(place)).removeprefix(scan.quote * scan.in_quotes),
                    self._tail_line,
                )
            elif index >= 0 and place - int(closings[index]) <= _NEAR_BYTES:
                start = scan.start(int(closings[index]))
                yield scan.text(start, scan.end(place)), scan.line_of(start)
