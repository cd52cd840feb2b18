"""The types of columns, one record each. A new type is a record here, its functions, and their tests.

The schema of customers.json repeats the names, since editors read it; a test compares the two.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from datalake.engine.types import numbers, times
from datalake.engine.types.text_columns import TextColumn, has_byte_below


@dataclass(frozen=True)
class ColumnType:
    """All that the engine knows of one type.

    A text is *plain* if it is the one usual way to write its value. Inference takes plain texts only, so that nothing
    changes: `007`, `+5`, `1e400`, `NA` or a number of 25 digits leave a column a string.

    Attributes:
        name: in the contract and in the Glue table, as Athena names it.
        arrow: in Arrow, and so in Parquet.
        write: turns a text, written in any way or in the column's `format`, into the value as it stands in JSON; None
            if the text is no value of the type. None in place of the function: any text is a value.
        is_inferred: a column can have the type without being declared.
        pattern: regular expression that all plain texts match.
        is_plain: whether a text that matches `pattern` is a value of the type; None: it always is.
        surely_plain: which texts that match `pattern` are values of the type for certain, found out faster.
        are_plain: whether all texts of a column are plain, found out faster. True is certain; False means that
            somebody has to look at each text. The column has a text, and none is empty.
        plain_in_json: turns plain texts into the values as they stand in JSON; None: they stay as they are.
        is_number: a `number` format may be declared.
        is_bare: values stand in JSON without quotes. A decimal has quotes, which keep all its digits.
        json_arrow: the type by which Arrow's JSON reader reads the values; None: by `arrow`.
        most_characters: values are cut to these, which is counted and said; None: they have the length that they have.
        wider: the inferred types that hold all values of this one. Advice names them for misfits.
    """

    name: str
    arrow: pa.DataType
    write: Callable[[str, str | None], str | None] | None
    is_inferred: bool = False
    pattern: str = ""
    is_plain: Callable[[str], bool] | None = None
    surely_plain: Callable[[pa.StringArray], pa.BooleanArray] | None = None
    are_plain: Callable[[TextColumn], bool] | None = None
    plain_in_json: Callable[[pa.StringArray], pa.StringArray] | None = None
    is_number: bool = False
    is_bare: bool = False
    json_arrow: pa.DataType | None = None
    most_characters: int | None = None
    wider: tuple[str, ...] = ()


def _lower_case(texts: pa.StringArray) -> pa.StringArray:
    return pc.ascii_lower(texts) if has_byte_below(texts, "a") else texts


_PLAIN_BOOLEANS = pa.array(["true", "false", "True", "False", "TRUE", "FALSE"])
_BOOLEANS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), "true"),
    **dict.fromkeys(("false", "f", "no", "n", "0"), "false"),
}
_DATE = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}"

STRING = ColumnType("string", pa.string(), write=None)
BIGINT = ColumnType(
    "bigint",
    pa.int64(),
    write=lambda text, _: numbers.write_integer(text, 64),
    is_inferred=True,
    pattern="^(0|-?[1-9][0-9]{0,18})$",
    is_plain=numbers.is_int64,
    are_plain=lambda column: numbers.are_integers(column, 18),
    is_number=True,
    is_bare=True,
    wider=("double",),
)
INT = ColumnType(
    "int",
    pa.int32(),
    write=lambda text, _: numbers.write_integer(text, 32),
    pattern="^(0|-?[1-9][0-9]{0,8})$",  # any nine digits fit
    are_plain=lambda column: numbers.are_integers(column, 9),
    is_number=True,
    is_bare=True,
    wider=("bigint", "double"),
)
DOUBLE = ColumnType(
    "double",
    pa.float64(),
    write=lambda text, _: numbers.write_double(text),
    is_inferred=True,
    # `12E4` may be a code: a number with an exponent needs its decimal point.
    pattern=r"^-?(0|[1-9][0-9]*)(\.[0-9]+([eE][+-]?[0-9]{1,3})?)?$",
    is_plain=numbers.is_exact_double,
    surely_plain=numbers.are_surely_exact,
    are_plain=numbers.are_doubles,
    is_number=True,
    is_bare=True,
)
BOOLEAN = ColumnType(
    "boolean",
    pa.bool_(),
    write=lambda text, _: _BOOLEANS.get(text.lower()),
    is_inferred=True,
    pattern="^(true|false|True|False|TRUE|FALSE)$",
    are_plain=lambda column: bool(pc.all(pc.is_in(column.array.drop_null(), _PLAIN_BOOLEANS)).as_py()),
    plain_in_json=_lower_case,
    is_bare=True,
)
DATE = ColumnType(
    "date",
    pa.date32(),
    write=times.write_date,
    is_inferred=True,
    pattern=f"^{_DATE}$",
    is_plain=times.is_on_calendar,
    are_plain=times.are_dates,
    json_arrow=pa.timestamp("s"),  # Arrow's JSON reader knows no date: one is read as its midnight
)
TIMESTAMP = ColumnType(
    "timestamp",
    pa.timestamp("ms"),  # Athena's engine rounds anything finer
    write=times.write_timestamp,
    is_inferred=True,
    pattern=rf"^{_DATE}[ T][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,3}})?Z?$",
    is_plain=times.is_on_calendar,
    are_plain=times.are_timestamps,
    plain_in_json=times.plain_timestamps_in_json,
    most_characters=len("2024-01-01T00:00:00.000"),
)


def _decimal(precision: int, scale: int) -> ColumnType:
    whole = rf"[1-9][0-9]{{0,{precision - scale - 1}}}" if precision > scale else "0"
    fraction = rf"(\.[0-9]{{1,{scale}}})?" if scale else ""
    return ColumnType(
        f"decimal({precision},{scale})",
        pa.decimal128(precision, scale),
        write=lambda text, _: numbers.write_decimal(text, precision, scale),
        pattern=f"^-?(0|{whole}){fraction}$",
        is_number=True,
    )


#: The types without parameters. Inference tries those that it may infer in this order and takes the first that fits.
TYPES = {kind.name: kind for kind in (BIGINT, INT, DOUBLE, BOOLEAN, DATE, TIMESTAMP, STRING)}
INFERRED = tuple(kind for kind in TYPES.values() if kind.is_inferred)


@lru_cache(maxsize=1000)
def column_type(name: str) -> ColumnType:
    """The type of this name.

    Raises:
        KeyError: there is none.
    """
    if found := re.fullmatch(r"decimal\((\d{1,2}),\s*(\d{1,2})\)", name, re.ASCII):
        precision, scale = int(found[1]), int(found[2])
        if 1 <= precision <= 38 and scale <= precision:
            return _decimal(precision, scale)
    return TYPES[name]
