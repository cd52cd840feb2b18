"""What can be said of all texts of a column at once, from their bytes in memory, without a look at any single one.

Every answer errs to one side only: `True` is certain, `False` means that somebody has to look closer.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_DOT, _MINUS, _ZERO, _NINE = (ord(character) for character in ".-09")
#: A double holds any number of 15 digits (DBL_DIG of IEEE 754 binary64).
_EXACT_DIGITS = 15
_BOOLEANS = pa.array(["true", "false", "True", "False", "TRUE", "FALSE"])


def _any_of(codes: set[int]) -> npt.NDArray[np.bool_]:
    """A table that says of each byte whether it is one of these."""
    return np.isin(np.arange(256), list(codes))


_WHITE_SPACE = [chr(code).encode() for code in range(0x3001) if chr(code).isspace()]  # the last one is U+3000
_OPENS_WHITE_SPACE = _any_of({character[0] for character in _WHITE_SPACE})
_CLOSES_WHITE_SPACE = _any_of({character[-1] for character in _WHITE_SPACE})


@dataclass(frozen=True)
class TextColumn:
    """The texts of a column that are not null.

    Attributes:
        array: the column.
        data: the bytes of the texts, one text after the other.
        starts: where each text begins in `data`.
        lengths: of each text in bytes.
    """

    array: pa.Array
    data: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]

    @classmethod
    def of(cls, array: pa.Array) -> "TextColumn":
        """Without copying the texts."""
        offsets, data = buffers(array)
        starts, lengths = offsets[:-1] - offsets[0], np.diff(offsets)
        if array.null_count:
            valid = np.asarray(array.is_valid())
            starts, lengths = starts[valid], lengths[valid]
        return cls(array, data[offsets[0] : offsets[-1]], starts, lengths)

    @property
    def firsts(self) -> npt.NDArray[np.uint8]:
        """The first byte of each text, none of which is empty."""
        return self.data[self.starts]

    @property
    def lasts(self) -> npt.NDArray[np.uint8]:
        """The last byte of each text, none of which is empty."""
        return self.data[self.starts + self.lengths - 1]


def buffers(texts: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """The offsets and the bytes of a string array, as they lie in memory."""
    _, offsets, data = texts.buffers()
    if offsets is None or len(texts) == 0:
        return np.zeros(1, np.int32), np.empty(0, np.uint8)
    window = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return window, np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)


def is_trimmed(texts: pa.Array) -> bool:
    """No text begins or ends with white space, or is empty without being null."""
    offsets, data = buffers(texts)
    starts, ends = offsets[:-1], offsets[1:]
    text = data[offsets[0] : offsets[-1]]
    if np.count_nonzero(starts == ends) != texts.null_count or not len(text):
        return bool(len(texts) == texts.null_count)
    if text.min() > ord(" ") and text.max() <= ord("~"):  # only visible characters of ASCII
        return True
    # A null has the first byte of the text behind it and the last one of the text before it, which changes nothing.
    firsts = data[np.minimum(starts, offsets[-1] - 1) if texts.null_count else starts]
    lasts = data[np.maximum(ends - 1, offsets[0]) if texts.null_count else ends - 1]
    # Whatever is not a visible character of ASCII needs a closer look; unsigned, what is below 33 is above as well.
    doubtful = ((firsts - 33) > 93) | ((lasts - 33) > 93)
    if not doubtful.any():
        return True
    doubtful &= _OPENS_WHITE_SPACE[firsts] | _CLOSES_WHITE_SPACE[lasts]
    some = texts.take(pa.array(np.flatnonzero(doubtful)))
    return bool(pc.all(pc.equal(pc.utf8_trim_whitespace(some), some), min_count=0).as_py())


def has_byte_below(texts: pa.Array, character: str) -> bool:
    """A text has a character that comes before this one in ASCII."""
    offsets, data = buffers(texts)
    return bool((data[offsets[0] : offsets[-1]] < ord(character)).any())


def is_plain(column: TextColumn, kind: str) -> bool:
    """Every text is the plain way (see `inference`) of writing a value of the type, and there is a text."""
    return bool(len(column.lengths) and column.lengths.all()) and _CHECKS[kind](column)


def _is_integer(column: TextColumn, digits: int) -> bool:
    if column.lengths.max() > digits:  # a minus counts as one of them
        return False
    others = np.count_nonzero((column.data - _ZERO) > 9)  # of unsigned bytes: what is below 0 is above 9
    firsts = column.firsts
    if others:
        minus = firsts == _MINUS
        if others != np.count_nonzero(minus) or column.lengths[minus].min() < 2:
            return False
        return bool((column.data[column.starts[minus] + 1] != _ZERO).all()) and not _has_leading_zero(column, firsts)
    return not _has_leading_zero(column, firsts)


def _has_leading_zero(column: TextColumn, firsts: npt.NDArray[np.uint8]) -> bool:
    return bool((column.lengths[firsts == _ZERO] > 1).any())


def _is_double(column: TextColumn) -> bool:
    data, firsts, starts = column.data, column.firsts, column.starts
    if data.min() < _MINUS or data.max() > _NINE or (column.lasts < _ZERO).any():
        return False
    minus = firsts == _MINUS
    if minus.any():
        if column.lengths[minus].min() < 2:
            return False
        starts = starts + minus
        firsts = data[starts]
    if (firsts < _ZERO).any():
        return False
    zero = firsts == _ZERO
    if zero.any():
        ends = column.starts + column.lengths
        longer = starts[zero][ends[zero] - starts[zero] > 1]
        if (data[longer + 1] != _DOT).any():
            return False
    return _is_exact(column)


def _is_exact(column: TextColumn) -> bool:
    """The doubles nearest to the texts, written as short as they can be, are the texts again."""
    try:
        values = column.array.cast(pa.float64())  # refuses a second dot or minus, and the slash
    except pa.ArrowInvalid:
        return False
    if column.lengths.max() <= _EXACT_DIGITS:
        return True
    texts, values = column.array.drop_null(), values.drop_null()
    long = pa.array(column.lengths > _EXACT_DIGITS)
    return bool(pc.all(pc.equal(values.filter(long).cast(pa.string()), texts.filter(long))).as_py())


def _is_boolean(column: TextColumn) -> bool:
    return bool(pc.all(pc.is_in(column.array.drop_null(), _BOOLEANS)).as_py())


def _is_date(column: TextColumn) -> bool:
    return _is_cast(column.array, pa.date32())


def _is_timestamp(column: TextColumn) -> bool:
    """As Arrow reads it, but a day alone or one with hours and minutes is not what is written plainly."""
    return column.lengths.min() >= len("2024-01-01T00:00:00") and _is_cast(column.array, pa.timestamp("ms"))


def _is_cast(texts: pa.Array, kind: pa.DataType) -> bool:
    try:
        values = texts.cast(kind)
    except pa.ArrowInvalid:
        return False
    return bool(pc.min(values.cast(pa.int32() if kind == pa.date32() else pa.int64())).as_py() >= _FIRST[kind])


#: The first day of year 1: Python's datetime and SQL engines have none before.
_FIRST = {pa.date32(): -719_162, pa.timestamp("ms"): -719_162 * 86_400_000}
_CHECKS = {
    "int": lambda column: _is_integer(column, 9),  # any nine digits fit
    "bigint": lambda column: _is_integer(column, 18),
    "double": _is_double,
    "boolean": _is_boolean,
    "date": _is_date,
    "timestamp": _is_timestamp,
}
PLAIN_TYPES = frozenset(_CHECKS)
