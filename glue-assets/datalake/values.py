"""Texts and types: which type the texts of a column have, and which texts fit a type.

A type is inferred only where nothing changes: every text is the one way in which its value is written, so that `007`,
`+5`, `1e400` or a number of 25 digits leave the column a string. A declared type takes any way of writing a value and
refuses what is no value of it, or one that it cannot hold.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from datalake.dataset import Column

#: In the order in which they are tried: the first that all texts have is the column's.
INFERRED_TYPES = ("bigint", "double", "boolean", "date", "timestamp")

_YEAR = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_STRICT = {
    "bigint": "^(0|-?[1-9][0-9]{0,18})$",
    "double": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$",
    "boolean": "^(true|false|True|False|TRUE|FALSE)$",
    "date": f"^{_YEAR}-[0-9]{{2}}-[0-9]{{2}}$",
    "timestamp": rf"^{_YEAR}-[0-9]{{2}}-[0-9]{{2}}[ T][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,3}})?$",
}
#: What certainly is a value of the type, by its look alone; the other texts are looked at one by one.
_CERTAIN = {
    "bigint": "^-?[0-9]{1,18}$",
    "double": r"^-?[0-9.]{1,16}$",  # 15 significant digits survive in a double (DBL_DIG of IEEE 754 binary64)
    "boolean": "",
    "date": "-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$",
    "timestamp": "^.{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8]).([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
}
_INTEGER = "^[+-]?[0-9]+$"
_DECIMAL_FRACTION = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)"
_BOOLEANS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), "true"),
    **dict.fromkeys(("false", "f", "no", "n", "0"), "false"),
}
_NULL = pa.scalar(None, pa.string())


@dataclass(frozen=True)
class Fitted:
    """A column of texts in its type.

    Attributes:
        texts: the values as they stand in JSON, without quotes and escapes; null for nulls and misfits.
        is_number: they stand without quotes.
        misfits: true where a text does not fit the type; None if all fit.
    """

    texts: pa.Array
    is_number: bool
    misfits: pa.Array | None = None


def trim(texts: pa.Array) -> pa.Array:
    """Texts without white space at their ends; null for what is empty then."""
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(trimmed, ""), _NULL, trimmed)


class Inference:
    """The type of a column, found out from all its values, block after block."""

    def __init__(self) -> None:
        """Has seen nothing."""
        self._possible: tuple[str, ...] = INFERRED_TYPES
        self._has_values = False

    def look_at(self, texts: pa.Array) -> None:
        """Takes trimmed texts into account."""
        texts = texts.drop_null()
        if len(texts):
            self._has_values = True
            self._possible = tuple(t for t in self._possible if pc.all(_fits_strictly(texts, t)).as_py())

    @property
    def type(self) -> str | None:
        """The first type that all values have, string if there is none; None if there were no values."""
        return next(iter(self._possible), "string") if self._has_values else None


def fit(texts: pa.Array, column: Column, *, is_declared: bool) -> Fitted:
    """The texts of a column in the column's type.

    Args:
        texts: trimmed; nulls among them.
        column: its type, and the format of its dates or timestamps.
        is_declared: any way of writing a value is taken, not only the one that inference takes.
    """
    if column.type == "string":
        return Fitted(texts, is_number=False)
    if is_declared or column.type not in _STRICT:
        written = _write_declared(texts, column)
    else:
        written = _write_inferred(texts, column.type)
    is_number = column.type in ("bigint", "int", "double", "boolean")
    misfits = pc.and_(texts.is_valid(), written.is_null()) if written.null_count > texts.null_count else None
    return Fitted(written, is_number, misfits)


def _write_inferred(texts: pa.Array, kind: str) -> pa.Array:
    fitting = pc.if_else(_fits_strictly(texts, kind), texts, _NULL)
    if kind == "boolean":
        return pc.ascii_lower(fitting)
    return pc.replace_substring(fitting, " ", "T") if kind == "timestamp" else fitting


def _fits_strictly(texts: pa.Array, kind: str) -> pa.Array:
    """True where a text is the way in which inference takes its value to be written."""
    looks = pc.match_substring_regex(texts, _STRICT[kind])
    if not pc.any(looks).as_py():
        return looks
    doubtful = pc.and_not(looks, pc.match_substring_regex(texts, _CERTAIN[kind])).fill_null(False)
    if not pc.any(doubtful).as_py():
        return looks
    verdicts = _by_value(texts.filter(doubtful), lambda text: text if _CHECKS[kind](text) else None)
    return pc.replace_with_mask(looks, doubtful, verdicts.is_valid())


def _is_int64(text: str) -> bool:
    return -(2**63) <= int(text) < 2**63


def _is_exact_double(text: str) -> bool:
    """The nearest double, written as short as it can be, is this very number (and not infinite)."""
    value = float(text)
    return value - value == 0 and Decimal(repr(value)) == Decimal(text)


def _is_on_calendar(text: str) -> bool:
    with contextlib.suppress(ValueError):
        datetime.fromisoformat(text)
        return True
    return False


_CHECKS = {"bigint": _is_int64, "double": _is_exact_double, "date": _is_on_calendar, "timestamp": _is_on_calendar}


def _write_declared(texts: pa.Array, column: Column) -> pa.Array:
    if column.decimal:
        return _write_decimal(texts, *column.decimal)
    if column.type in ("bigint", "int"):
        bits = 64 if column.type == "bigint" else 32
        return _write_integer(texts, bits)
    if column.type == "double":
        return _write_double(texts)
    if column.type == "boolean":
        return _by_value(texts, lambda text: _BOOLEANS.get(text.lower()))
    if column.type == "date":
        return _by_value(texts, lambda text: _write_date(text, column.format))
    return _by_value(texts, lambda text: _write_timestamp(text, column.format))


def _write_integer(texts: pa.Array, bits: int) -> pa.Array:
    def write(text: str) -> str | None:
        value = int(text)
        return str(value) if -(2 ** (bits - 1)) <= value < 2 ** (bits - 1) else None

    plain = pc.match_substring_regex(texts, "^(0|-?[1-9][0-9]{0,8})$")  # any of nine digits fits 32 bits
    other = pc.and_not(pc.match_substring_regex(texts, _INTEGER), plain).fill_null(False)
    return _replace(pc.if_else(plain, texts, _NULL), other, texts, write)


def _write_double(texts: pa.Array) -> pa.Array:
    def write(text: str) -> str | None:
        value = float(text)
        return repr(value) if value - value == 0 else None

    plain = pc.match_substring_regex(texts, r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?(e-?[0-9]{1,2})?$")
    plain = pc.and_(plain, pc.less(pc.utf8_length(texts), 200))  # cannot be infinite
    number = pc.match_substring_regex(texts, _DECIMAL_FRACTION + "([eE][+-]?[0-9]+)?$")
    other = pc.and_not(number, plain).fill_null(False)
    return _replace(pc.if_else(plain, texts, _NULL), other, texts, write)


def _write_decimal(texts: pa.Array, precision: int, scale: int) -> pa.Array:
    """The digits stay as they are, up to zeros that carry no value; one digit too many is a misfit, never rounded."""
    holds = rf"^[+-]?0*[0-9]{{0,{precision - scale}}}(\.[0-9]{{0,{scale}}}0*)?$"
    number = pc.match_substring_regex(texts, _DECIMAL_FRACTION + "$")
    fitting = pc.if_else(pc.and_(number, pc.match_substring_regex(texts, holds)), texts, _NULL)
    fitting = pc.replace_substring_regex(fitting, r"^\+?(-?)0*([0-9]*)(?:\.([0-9]*?)0*)?$", r"\1\2.\3")
    fitting = pc.replace_substring_regex(fitting, r"^(-?)\.", r"\10.")  # group 1, then a zero
    return pc.replace_substring_regex(fitting, r"\.$", "")


def _write_date(text: str, form: str | None) -> str | None:
    with contextlib.suppress(ValueError):
        value = datetime.strptime(text, form or "%Y-%m-%d")
        return f"{value:%Y-%m-%d}".rjust(10, "0")
    return None


def _write_timestamp(text: str, form: str | None) -> str | None:
    """UTC, in milliseconds: Athena rounds anything finer, so a text that is finer does not fit."""
    with contextlib.suppress(ValueError):
        value = datetime.strptime(text, form) if form else datetime.fromisoformat(text)
        if value.tzinfo:
            value = value.astimezone(UTC).replace(tzinfo=None)
        if value.microsecond % 1000 == 0:
            return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    return None


def _replace(written: pa.Array, where: pa.Array, texts: pa.Array, write: Callable[[str], str | None]) -> pa.Array:
    if not pc.any(where).as_py():
        return written
    return pc.replace_with_mask(written, where, _by_value(texts.filter(where), write))


def _by_value(texts: pa.Array, write: Callable[[str], str | None]) -> pa.Array:
    """Each different text is looked at once, in Python: for what Arrow has no exact function."""
    encoded = texts.dictionary_encode()
    written = pa.array([write(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return written.take(encoded.indices)
