"""Texts in the types of their columns.

A declared type takes any way to write a value, and refuses a text that is no value of it or one that it cannot hold.
An inferred type takes plain texts only, as inference does.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from datalake.engine.dataset import Column
from datalake.engine.types.column_type import DOUBLE, ColumnType
from datalake.engine.types.decimal_commas import THOUSANDS, may_have_thousands
from datalake.engine.types.inference import are_plain, by_value, which_are_plain
from datalake.engine.types.text_columns import TextColumn, is_trimmed

_NULL, _EMPTY = pa.scalar(None, pa.string()), pa.scalar("")


@dataclass(frozen=True)
class Fitted:
    """A column of texts in its type.

    Attributes:
        texts: the values as they stand in JSON, without quotes and escapes; null for nulls and misfits.
        misfits: true where a text does not fit the type; None if all fit.
        cut: number of values that are finer than the type, which were cut.
    """

    texts: pa.StringArray
    misfits: pa.BooleanArray | None = None
    cut: int = 0


def trim(texts: pa.StringArray) -> pa.StringArray:
    """Texts without white space at their ends; null for those that are empty then."""
    if is_trimmed(texts):
        return texts
    trimmed = pc.utf8_trim_whitespace(texts)
    return cast(pa.StringArray, pc.if_else(pc.equal(trimmed, _EMPTY), _NULL, trimmed))


def clean(texts: pa.StringArray, null_if: tuple[str, ...]) -> pa.StringArray:
    """Texts without white space at their ends; null for those that are empty then, or one of the tokens."""
    texts = trim(texts)
    if not null_if:
        return texts
    return cast(pa.StringArray, pc.if_else(pc.is_in(texts, pa.array(null_if)), _NULL, texts))


def fit(
    texts: pa.StringArray,
    column: Column,
    *,
    is_declared: bool,
    is_proved: bool = False,
    has_decimal_commas: Callable[[], bool] = lambda: False,
) -> Fitted:
    """The texts of a column in the column's type.

    Args:
        texts: as they stand in the file; null or empty where there is no value.
        column: its type, and the format of its dates or timestamps.
        is_declared: any way to write a value is taken, not only the plain one.
        is_proved: the type was inferred from these very texts, among others.
        has_decimal_commas: whether the file writes numbers with decimal commas. Then `1.234` is no plain double.
    """
    kind = column.kind
    if column.null_if:
        texts = clean(texts, column.null_if)
    if kind.write is None:
        return Fitted(trim(texts))
    if column.number and kind.is_number:
        given = trim(texts)
        fitted = fit(
            column.number.plain(given), replace(column, number=None), is_declared=is_declared, is_proved=is_proved
        )
        is_misfit = pc.and_(given.is_valid(), fitted.texts.is_null())
        return replace(fitted, misfits=is_misfit if is_misfit.true_count else None)
    if is_proved:
        return Fitted(_plain_in_json(trim(texts), kind))
    plain = TextColumn.of(texts)
    if kind is DOUBLE and not is_declared and may_have_thousands(plain) and has_decimal_commas():
        is_doubtful = pc.match_substring_regex(trim(texts), THOUSANDS)
        fitted = fit(pc.if_else(is_doubtful, _NULL, texts), column, is_declared=False)
        return replace(fitted, misfits=is_doubtful if fitted.misfits is None else pc.or_(fitted.misfits, is_doubtful))
    if not column.format and are_plain(plain, kind):
        return Fitted(_plain_in_json(texts, kind))
    texts = trim(texts)
    written = _write(texts, column, is_declared=is_declared or not kind.is_inferred)
    misfits = pc.and_(texts.is_valid(), written.is_null()) if _lacks(written, texts) else None
    return _cut(written, misfits, kind)


def _cut(written: pa.StringArray, misfits: pa.BooleanArray | None, kind: ColumnType) -> Fitted:
    if kind.most_characters is None:
        return Fitted(written, misfits)
    is_long = pc.greater(pc.binary_length(written), pa.scalar(kind.most_characters, pa.int32()))
    if not (cut := is_long.true_count):
        return Fitted(written, misfits)
    return Fitted(pc.utf8_slice_codeunits(written, 0, kind.most_characters), misfits, cut)


def _write(texts: pa.StringArray, column: Column, *, is_declared: bool) -> pa.StringArray:
    kind = column.kind
    fits = pa.nulls(len(texts), pa.bool_()) if column.format else which_are_plain(texts, kind)
    written = _plain_in_json(pc.if_else(fits, texts, _NULL), kind)
    if not is_declared or kind.write is None or not _lacks(written, texts):
        return written
    write, form = kind.write, column.format
    left = pc.and_(texts.is_valid(), written.is_null())
    values = by_value(texts.filter(left), lambda text: write(text, form))
    return cast(pa.StringArray, pc.replace_with_mask(written, left, values))


def _lacks(written: pa.StringArray, texts: pa.StringArray) -> bool:
    return bool(written.null_count > texts.null_count)


def _plain_in_json(texts: pa.StringArray, kind: ColumnType) -> pa.StringArray:
    return kind.plain_in_json(texts) if kind.plain_in_json else texts
