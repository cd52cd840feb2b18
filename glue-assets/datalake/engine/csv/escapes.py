r"""CSV text with escape characters, read as text without them wherever both are proved to be divided alike.

Within quotes, `\"` is written as `""`: as many bytes, and the same value. Any other escape stays as it is until its
value is known, unless it keeps a delimiter or a line's end from dividing fields: such a text is left to the csv module.
"""

from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datalake.engine.csv.dialect import Dialect
from datalake.engine.csv.pieces import RecordCutter
from datalake.engine.csv.places import Places, bytes_behind, places_of
from datalake.engine.csv.records import value_of
from datalake.engine.types.inference import by_value


class UnprovedError(Exception):
    """Only the csv module can tell where the fields of a text end."""


class Escapes:
    """The escapes of a dialect."""

    def __init__(self, dialect: Dialect) -> None:
        """Looks at nothing yet."""
        self._dialect, self._escape = dialect, dialect.escape or ""
        self._code, self._quote = ord(self._escape or "\0"), ord(dialect.quote or "\0")
        divides = dialect.quote if dialect.escapes_quotes_only else f"{dialect.quote}{dialect.delimiter}\r\n\0"
        self._divides: npt.NDArray[np.bool_] = np.zeros(256, np.bool_)
        self._divides[list(divides.encode())] = True

    def places(self, data: npt.NDArray[np.uint8]) -> Places:
        """Where an escape character stands that escapes the byte behind it."""
        places = places_of(data, self._code)
        index = np.arange(len(places))
        begins = np.maximum.accumulate(np.where(np.diff(places, prepend=-2) != 1, index, 0))
        return places[(index - begins) % 2 == 0]

    def doubled(self, data: npt.NDArray[np.uint8], places: Places) -> npt.NDArray[np.uint8]:
        """The text with doubled quotes for escaped ones."""
        text = data.copy()
        text[places[bytes_behind(data, places) == self._quote]] = self._quote
        return text

    def without(self, text: bytes | memoryview) -> bytes | memoryview:
        """The same for a piece of a text that was proved."""
        data = np.frombuffer(text, np.uint8)
        places = self.places(data)
        return memoryview(self.doubled(data, places)) if len(places) else text

    def divide(self, data: npt.NDArray[np.uint8], places: Places) -> npt.NDArray[np.bool_]:
        """Which of the escapes change where a field ends, if they stand outside of quotes."""
        return self._divides[bytes_behind(data, places)]

    def values(self, texts: pa.StringArray) -> pa.StringArray:
        """The values of a column that was read with doubled quotes for escaped ones."""
        has_some = pc.match_substring(texts, self._escape)
        if not has_some.true_count:
            return texts
        values = by_value(texts.filter(has_some), lambda text: value_of(text, self._dialect))
        mask = cast(pa.BooleanArray, has_some.fill_null(False))
        return cast(pa.StringArray, pc.replace_with_mask(texts, mask, values))


class ProvingCutter(RecordCutter):
    """Cuts a text with escapes, or raises an `UnprovedError`.

    Where a text has escapes, every quote must stand at a border of a field or be doubled. Where a backslash before a
    quote was found to be an escape without being declared, that holds for the whole file: so nothing refutes it.
    """

    def __init__(self, dialect: Dialect, *, counts_blank: bool, first_line: int = 1) -> None:
        """Has seen nothing."""
        super().__init__(dialect, counts_blank=counts_blank, first_line=first_line)
        self._escapes, self._is_strict = Escapes(dialect), dialect.escapes_quotes_only

    def _scan(self, text: memoryview, *, is_last: bool = False) -> tuple[int, int]:
        data = np.frombuffer(text, np.uint8)
        places = self._escapes.places(data)
        doubled = self._escapes.doubled(data, places) if len(places) else data
        quotes = places_of(doubled, self._quote) if self._quote >= 0 else places[:0]
        toggles = self._toggles(doubled, quotes) if len(quotes) else quotes
        is_odd = len(toggles) < len(quotes) or (len(toggles) and len(self._odd_closings(doubled, toggles)))
        is_outside = (np.searchsorted(toggles, places) & 1) == self._in_quotes
        if (is_odd and (self._is_strict or len(places))) or (self._escapes.divide(data, places) & is_outside).any():
            raise UnprovedError
        return super()._scan(memoryview(doubled), is_last=is_last)
