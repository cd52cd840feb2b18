"""Numbers as text: which texts are plain, and what is written for the others.

A check of a whole column errs to one side only: True is certain, False means that somebody has to look at each text.
"""

import math
import re
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datalake.engine.types.text_columns import TextColumn

_DOT, _MINUS, _ZERO, _NINE = (ord(character) for character in ".-09")
#: A double holds any number of 15 digits (DBL_DIG of IEEE 754 binary64).
_EXACT_DIGITS = 15
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)"


def are_integers(column: TextColumn, digits: int) -> bool:
    """True if all texts are integers of at most so many digits without leading zeros. A minus counts as a digit."""
    if column.lengths.max() > digits:
        return False
    others = np.count_nonzero((column.data - _ZERO) > 9)  # the bytes are unsigned: below "0" wraps round to above 9
    firsts = column.firsts
    if others:
        minus = firsts == _MINUS
        if others != np.count_nonzero(minus) or column.lengths[minus].min() < 2:
            return False
        return bool((column.data[column.starts[minus] + 1] != _ZERO).all()) and not _has_leading_zero(column, firsts)
    return not _has_leading_zero(column, firsts)


def _has_leading_zero(column: TextColumn, firsts: npt.NDArray[np.uint8]) -> bool:
    return bool((column.lengths[firsts == _ZERO] > 1).any())


def are_doubles(column: TextColumn) -> bool:
    """True if all texts are numbers without an exponent that a double holds exactly as they are written."""
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
    return _are_exact(column)


def _are_exact(column: TextColumn) -> bool:
    """The nearest doubles, written as short as they can be, are the texts again."""
    if column.lengths.max() <= _EXACT_DIGITS and _have_one_dot(column):
        return True
    try:
        values = column.array.cast(pa.float64())  # refuses a second dot or minus, and the slash
    except pa.ArrowInvalid:
        return False
    if column.lengths.max() <= _EXACT_DIGITS:
        return True
    texts, values = column.array.drop_null(), values.drop_null()
    long = pa.array(column.lengths > _EXACT_DIGITS)
    return bool(pc.all(pc.equal(values.filter(long).cast(pa.string()), texts.filter(long))).as_py())


def _have_one_dot(column: TextColumn) -> bool:
    """True if each text has one dot, and there is no slash and no minus but at the start: a number, with the rest."""
    others = column.data < _ZERO
    dots = np.flatnonzero(column.data == _DOT)
    if len(dots) != len(column.starts) or (column.starts > dots).any() or (column.starts[1:] <= dots[:-1]).any():
        return False
    return bool(np.count_nonzero(others) == len(dots) + np.count_nonzero(column.firsts == _MINUS))


def are_surely_exact(texts: pa.StringArray) -> pa.BooleanArray:
    """True where the nearest double, written as short as it can be, is the text. False is no verdict.

    Args:
        texts: numbers.
    """
    try:
        return pc.equal(texts.cast(pa.float64()).cast(pa.string()), texts)
    except pa.ArrowInvalid:  # one of them is beyond all doubles
        return pc.equal(texts, pa.scalar(""))


def is_int64(text: str) -> bool:
    """True if 64 bits hold an integer."""
    return -(2**63) <= int(text) < 2**63


def is_exact_double(text: str) -> bool:
    """True if the nearest double, written as short as it can be, is this very number (and not infinite)."""
    value = float(text)
    return value - value == 0 and Decimal(repr(value)) == Decimal(text)


def _exact(text: str) -> Decimal | None:
    """The number with all its digits."""
    return Decimal(text) if re.fullmatch(f"{_NUMBER}([eE][+-]?[0-9]{{1,9}})?", text) else None


def write_integer(text: str, bits: int) -> str | None:
    """The integer, also of `3.0` and `1e3`; None if the bits do not hold it."""
    value = _exact(text)
    if value is None or not value:
        return None if value is None else "0"
    if not 0 <= value.adjusted() < 19 or value != value.to_integral_value():  # 1e999999999 must not be written out
        return None
    return str(int(value)) if -(2 ** (bits - 1)) <= value < 2 ** (bits - 1) else None


def write_double(text: str) -> str | None:
    """The nearest double. None for an infinity, for which JSON has no word, and if it would be 0 for another number."""
    found = re.fullmatch(f"({_NUMBER})([eE][+-]?[0-9]+)?", text, re.ASCII)
    value = float(text) if found else math.inf
    is_lost = math.isinf(value) or (value == 0 and re.search("[1-9]", found[1] if found else ""))
    return None if is_lost else repr(value)


def write_decimal(text: str, precision: int, scale: int) -> str | None:
    """All digits but zeros that carry no value. A digit too many is a misfit, never rounded."""
    value = _exact(text)
    if value is None or not value:
        return None if value is None else "0"
    sign, digits, exponent = value.as_tuple()
    kept = "".join(map(str, digits)).strip("0")
    lowest = int(exponent) + len(digits) - len("".join(map(str, digits)).rstrip("0"))
    if value.adjusted() >= precision - scale or -lowest > scale:
        return None
    return f"{Decimal((sign, tuple(map(int, kept)), lowest)):f}"
