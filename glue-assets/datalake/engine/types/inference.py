"""The type of a column, inferred from its texts."""

from collections.abc import Callable
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from datalake.engine.types.column_type import DOUBLE, INFERRED, STRING, ColumnType
from datalake.engine.types.decimal_commas import has_decimal_commas, may_all_have_thousands
from datalake.engine.types.number_format import NumberFormat
from datalake.engine.types.text_columns import TextColumn


class Inference:
    """The type of a column, found out from all its values, block after block."""

    def __init__(self, number: NumberFormat | None = None) -> None:
        """Has seen nothing.

        Args:
            number: how numbers are written; None: as in SQL.
        """
        self._number = number
        self._possible: tuple[ColumnType, ...] = INFERRED
        self._has_values = False
        #: False once a text is a number whose dots cannot separate thousands.
        self._may_have_thousands = True
        self.has_decimal_commas = False

    def look_at(self, texts: pa.StringArray) -> None:
        """Takes trimmed texts into account."""
        column = TextColumn.of(texts)
        if len(column.lengths):
            self._has_values = True
            numbers = self._numbers(column)
            self._possible = tuple(
                kind
                for kind in self._possible
                if (plain := numbers if kind.is_number else column) and _are_all_plain(plain, kind)
            )
            if self._number:
                return
            if self._may_have_thousands:
                self._may_have_thousands = DOUBLE in self._possible and may_all_have_thousands(column)
            self.has_decimal_commas |= not self._possible and has_decimal_commas(texts)

    def _numbers(self, column: TextColumn) -> TextColumn | None:
        """The texts as numbers in SQL; None if one of them is none."""
        if self._number is None or not any(kind.is_number for kind in self._possible):
            return column
        plain = self._number.plain(column.array)
        return TextColumn.of(plain) if plain.null_count == column.array.null_count else None

    def add(self, other: "Inference") -> None:
        """Takes into account what another one has seen."""
        self._has_values |= other._has_values
        self._possible = tuple(kind for kind in self._possible if kind in other._possible)
        self._may_have_thousands &= other._may_have_thousands
        self.has_decimal_commas |= other.has_decimal_commas

    @property
    def is_settled(self) -> bool:
        """No further value can change the type."""
        return self._has_values and not self._possible

    @property
    def is_doubtful(self) -> bool:
        """All values are doubles, and all could be whole numbers whose dots separate thousands."""
        return self._number is None and self.type == DOUBLE.name and self._may_have_thousands

    @property
    def type(self) -> str | None:
        """The first type that all values have, string if there is none; None if there were no values."""
        return next(iter(self._possible), STRING).name if self._has_values else None


def are_plain(column: TextColumn, kind: ColumnType) -> bool:
    """True if the column has a text and all its texts are plain. False means that somebody has to look at each text."""
    return kind.are_plain is not None and bool(len(column.lengths) and column.lengths.all() and kind.are_plain(column))


def _are_all_plain(column: TextColumn, kind: ColumnType) -> bool:
    return are_plain(column, kind) or bool(pc.all(which_are_plain(column.array, kind), min_count=0).as_py())


def which_are_plain(texts: pa.StringArray, kind: ColumnType) -> pa.BooleanArray:
    """True for each text that is plain; null for nulls."""
    matches = pc.match_substring_regex(texts, kind.pattern)
    is_plain = kind.is_plain
    if is_plain is None or not pc.any(matches).as_py():
        return matches
    doubtful = cast(pa.BooleanArray, matches.fill_null(False))
    if kind.surely_plain:
        candidates = pc.if_else(doubtful, texts, pa.scalar(None, pa.string()))
        doubtful = pc.and_(doubtful, pc.invert(cast(pa.BooleanArray, kind.surely_plain(candidates).fill_null(False))))
    verdicts = by_value(texts.filter(doubtful), lambda text: text if is_plain(text) else None)
    replaced = pc.replace_with_mask(matches, doubtful, verdicts.is_valid())
    return cast(pa.BooleanArray, replaced)


def by_value(texts: pa.StringArray, write: Callable[[str], str | None]) -> pa.StringArray:
    """Calls a Python function once for each different text, where Arrow has no exact function."""
    encoded = texts.dictionary_encode()
    different = cast(list[str], encoded.dictionary.to_pylist())  # nulls have no entry
    written = pa.array([write(text) for text in different], pa.string())
    return written.take(encoded.indices)
