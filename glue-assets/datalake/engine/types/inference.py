"""Which type the texts of a column have.

A type is inferred only where nothing changes: every text is a plain way of writing its value, so that `007`, `+5`,
`1e400`, `NA` or a number of 25 digits leave the column a string.
"""

import contextlib
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from datalake.engine.types.text_columns import TextColumn, is_plain

#: In the order in which they are tried: the first that all texts have is the column's.
INFERRED_TYPES = ("bigint", "double", "boolean", "date", "timestamp")

_DATE = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}"
_LOOKS = {
    "int": "^(0|-?[1-9][0-9]{0,8})$",  # any of nine digits; inferred is only a bigint
    "bigint": "^(0|-?[1-9][0-9]{0,18})$",
    "double": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$",
    "boolean": "^(true|false|True|False|TRUE|FALSE)$",
    "date": f"^{_DATE}$",
    # Athena rounds what is finer than a millisecond.
    "timestamp": rf"^{_DATE}[ T][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,3}})?Z?$",
}


class Inference:
    """The type of a column, found out from all its values, block after block."""

    def __init__(self) -> None:
        """Has seen nothing."""
        self._possible: tuple[str, ...] = INFERRED_TYPES
        self._has_values = False

    def look_at(self, texts: pa.Array) -> None:
        """Takes trimmed texts into account."""
        column = TextColumn.of(texts)
        if len(column.lengths):
            self._has_values = True
            self._possible = tuple(kind for kind in self._possible if _are_all(column, kind))

    def add(self, other: "Inference") -> None:
        """Takes into account what another one has seen."""
        self._has_values |= other._has_values
        self._possible = tuple(kind for kind in self._possible if kind in other._possible)

    @property
    def is_settled(self) -> bool:
        """No further value can change the type."""
        return self._has_values and not self._possible

    @property
    def type(self) -> str | None:
        """The first type that all values have, string if there is none; None if there were no values."""
        return next(iter(self._possible), "string") if self._has_values else None


def _are_all(column: TextColumn, kind: str) -> bool:
    return is_plain(column, kind) or bool(pc.all(fits_plainly(column.array, kind), min_count=0).as_py())


def fits_plainly(texts: pa.Array, kind: str) -> pa.Array:
    """True where a text is a value of the type, written in the plain way; null for nulls."""
    looks = pc.match_substring_regex(texts, _LOOKS[kind])
    if kind not in _CHECKS or not pc.any(looks).as_py():
        return looks
    doubtful = looks.fill_null(False)
    verdicts = by_value(texts.filter(doubtful), lambda text: text if _CHECKS[kind](text) else None)
    return pc.replace_with_mask(looks, doubtful, verdicts.is_valid())


def by_value(texts: pa.Array, write: Callable[[str], str | None]) -> pa.Array:
    """Each different text is looked at once, in Python: for what Arrow has no exact function."""
    encoded = texts.dictionary_encode()
    written = pa.array([write(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return written.take(encoded.indices)


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
