"""Texts in the types of their columns.

A declared type takes any way of writing a value and refuses what is no value of it, or one that it cannot hold. An
inferred type takes what inference takes.
"""

import contextlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from datalake.engine.dataset import Column
from datalake.engine.types.inference import INFERRED_TYPES, by_value, fits_plainly
from datalake.engine.types.text_columns import PLAIN_TYPES, TextColumn, has_byte_below, is_plain, is_trimmed

_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)"
_BOOLEANS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), "true"),
    **dict.fromkeys(("false", "f", "no", "n", "0"), "false"),
}
#: A fraction of a second with more than milliseconds in it.
_TOO_FINE = re.compile(r"[.,][0-9]{3}[0-9]*[1-9]")
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
    if is_trimmed(texts):
        return texts
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(trimmed, ""), _NULL, trimmed)


def fit(texts: pa.Array, column: Column, *, is_declared: bool, is_proved: bool = False) -> Fitted:
    """The texts of a column in the column's type.

    Args:
        texts: as they stand in the file; null or empty where there is no value.
        column: its type, and the format of its dates or timestamps.
        is_declared: any way of writing a value is taken, not only the plain one that inference takes.
        is_proved: the type was inferred from these very texts, among others.
    """
    if column.type == "string":
        return Fitted(trim(texts), is_number=False)
    is_number = column.type in ("bigint", "int", "double", "boolean")  # a decimal in quotes keeps all its digits
    if is_proved:
        return Fitted(_in_json(trim(texts), column.type), is_number)
    if column.type in PLAIN_TYPES and not column.format and is_plain(TextColumn.of(texts), column.type):
        return Fitted(_in_json(texts, column.type), is_number)
    texts = trim(texts)
    written = _write(texts, column, is_declared=is_declared or column.type not in INFERRED_TYPES)
    misfits = pc.and_(texts.is_valid(), written.is_null()) if written.null_count > texts.null_count else None
    return Fitted(written, is_number, misfits)


def _write(texts: pa.Array, column: Column, *, is_declared: bool) -> pa.Array:
    fits = pa.nulls(len(texts), pa.bool_()) if column.format else _fits_plainly(texts, column)
    written = _in_json(pc.if_else(fits, texts, _NULL), column.type)
    if not is_declared or written.null_count == texts.null_count:
        return written
    left = pc.and_(texts.is_valid(), written.is_null())
    return pc.replace_with_mask(written, left, by_value(texts.filter(left), _writer(column)))


def _fits_plainly(texts: pa.Array, column: Column) -> pa.Array:
    if not column.decimal:
        return fits_plainly(texts, column.type)
    precision, scale = column.decimal
    whole = rf"[1-9][0-9]{{0,{precision - scale - 1}}}" if precision > scale else "0"
    fraction = rf"(\.[0-9]{{1,{scale}}})?" if scale else ""
    return pc.match_substring_regex(texts, f"^-?(0|{whole}){fraction}$")


def _in_json(texts: pa.Array, kind: str) -> pa.Array:
    """Texts that fit plainly, as they stand in JSON."""
    if kind == "boolean":
        return pc.ascii_lower(texts) if has_byte_below(texts, "a") else texts
    if kind == "timestamp":
        texts = pc.ascii_rtrim(texts, "Z") if pc.any(pc.ends_with(texts, "Z")).as_py() else texts
        return pc.replace_substring(texts, " ", "T") if has_byte_below(texts, "-") else texts
    return texts


def _writer(column: Column) -> Callable[[str], str | None]:
    """What makes of a text the value as it stands in JSON; None if it is no value of the type."""
    form = column.format
    if column.decimal:
        return partial(_write_decimal, precision=column.decimal[0], scale=column.decimal[1])
    return {
        "bigint": lambda text: _write_integer(text, 64),
        "int": lambda text: _write_integer(text, 32),
        "double": _write_double,
        "boolean": lambda text: _BOOLEANS.get(text.lower()),
        "date": lambda text: _write_date(text, form),
        "timestamp": lambda text: _write_timestamp(text, form),
    }[column.type]


def _write_integer(text: str, bits: int) -> str | None:
    found = re.fullmatch("([+-]?)0*([0-9]{1,19})", text, re.ASCII)
    value = int(found[1] + found[2]) if found else None
    return None if value is None or not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1) else str(value)


def _write_double(text: str) -> str | None:
    """The nearest double, but neither infinity, for which JSON has no word, nor zero for what is not zero."""
    found = re.fullmatch(f"({_NUMBER})([eE][+-]?[0-9]+)?", text, re.ASCII)
    value = float(text) if found else math.inf
    is_lost = math.isinf(value) or (value == 0 and re.search("[1-9]", found[1] if found else ""))
    return None if is_lost else repr(value)


def _write_decimal(text: str, precision: int, scale: int) -> str | None:
    """All digits stay, up to zeros that carry no value; one digit too many is a misfit, never rounded."""
    found = re.fullmatch(r"([+-]?)0*([0-9]*)(?:\.([0-9]*?)0*)?", text, re.ASCII)
    if not found or not re.search("[0-9]", text):
        return None
    sign, whole, fraction = found[1].strip("+"), found[2], found[3] or ""
    if len(whole) > precision - scale or len(fraction) > scale:
        return None
    return f"{sign}{whole or '0'}" + (f".{fraction}" if fraction else "")


def _write_date(text: str, form: str | None) -> str | None:
    with contextlib.suppress(ValueError):
        return (datetime.strptime(text, form).date() if form else date.fromisoformat(text)).isoformat()
    return None


def _write_timestamp(text: str, form: str | None) -> str | None:
    """UTC, in milliseconds: Athena rounds anything finer, so a text that is finer does not fit."""
    with contextlib.suppress(ValueError, OverflowError):  # the first hours of year 1 are in no year of UTC
        if not form and _TOO_FINE.search(text):  # Python would cut it off
            return None
        value = datetime.strptime(text, form) if form else datetime.fromisoformat(text)
        value = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        if value.microsecond % 1000 == 0:
            return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    return None
