"""Which type a column gets, and what a type does with a text: nothing changes its value silently."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from datalake.engine.dataset import Column
from datalake.engine.types.inference import Inference
from datalake.engine.types.values import fit, trim
from engine_harness import Lake
from hypothesis import given, settings
from hypothesis import strategies as st


def inferred(*texts: str | None) -> str | None:
    inference = Inference()
    inference.look_at(trim(pa.array(texts, pa.string())))
    return inference.type


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("bigint", ["0", "-1", "9223372036854775807", "-9223372036854775808", None]),
        ("double", ["1", "2.5", "-0", "0.30000000000000004", "1.0e3", "-1.5E-300", "1.50", "2.2250738585072014e-308"]),
        ("boolean", ["true", "False", "TRUE", "", None]),
        ("date", ["2024-02-29", "0001-01-01", "9999-12-31"]),
        ("timestamp", ["2024-02-29T23:59:59", "2024-02-29 00:00:00.5", "2024-02-29T00:00:00.123Z"]),
        ("string", ["x"]),
        (None, ["", " ", None]),
        (None, []),
    ],
)
def test_a_type_is_inferred_that_all_values_have(kind: str | None, texts: list[str | None]) -> None:
    assert inferred(*texts) == kind


@pytest.mark.parametrize(
    "text",
    [
        *("007", "-07", "00", "+5", "0x1F", "1_000", "1,234.50", "1,5", "9223372036854775808", "1" * 19 + "0", "１"),
        *("1e400", "1e-400", "NaN", "nan", "inf", "-Infinity", ".5", "5.", "1e", "0.1234567890123456789", "1e9999"),
        *("12345678901234567890", "0." + "1" * 30, "--1", "1-1", "$5", "5%", "1 000", "١"),
        *("12E4", "557E90", "1E5", "1e3", "1e-05", "5e-324"),  # codes as well as numbers
        *("t", "yes", "y", "T", "tRUE", "NA", "N/A", "null", "NULL", "None", "-"),
        *("03/04/2025", "2025/04/03", "2024-02-30", "2023-02-29", "0000-01-01", "2024-1-2", "10000-01-01"),
        *("2024-01-01T24:00:00", "2024-01-01T00:00:60", "2024-01-01T10:00", "2024-01-01T10:00:00.1234"),
        *("2024-01-01T10:00:00+02:00", "2024-13-01T10:00:00", "10:00:00", "2024-01-01x10:00:00"),
    ],
)
def test_what_would_change_stays_a_string(text: str) -> None:
    assert inferred(text) == "string"
    result = Lake().put(f'a\n"{text}"\n')
    assert result.types == {"a": "string"}
    assert result.column("a") == [text]


def test_one_and_zero_are_numbers() -> None:
    assert inferred("1", "0") == "bigint"


@pytest.mark.parametrize(
    "texts", [("1", "x"), ("1", "true"), ("2024-01-01", "2024-01-01T00:00:00"), ("123456789012345678", "0.5")]
)
def test_values_of_different_types_are_strings(texts: tuple[str, str]) -> None:
    assert inferred(*texts) == inferred(*reversed(texts)) == "string"


def test_all_blocks_count() -> None:
    inference = Inference()
    for text, kind in (
        ("", None),
        ("1", "bigint"),
        ("", "bigint"),
        ("1.5", "double"),
        ("x", "string"),
        ("1", "string"),
    ):
        inference.look_at(trim(pa.array([text])))
        assert inference.type == kind


def stored(text: str, column: Column) -> tuple[Any, str | None]:
    """The value of a declared column in Parquet, and the raw text where it was rescued."""
    result = Lake([column]).put('"a"\n"' + text.replace('"', '""') + '"\n')
    (value,), (rescued,) = result.column("a"), result.rescued
    assert (value is None) == (rescued is not None)
    assert result.csv_figures.values_rescued == (value is None)
    return value, rescued["a"] if rescued else None


DECLARED = [
    ("string", "007", "007"),
    ("string", "NULL", "NULL"),
    ("bigint", "007", 7),
    ("bigint", "+5", 5),
    ("bigint", "-0", 0),
    ("bigint", " 42 ", 42),
    ("bigint", "9223372036854775807", 2**63 - 1),
    ("bigint", "-9223372036854775808", -(2**63)),
    ("bigint", "0" * 5000 + "1", 1),
    ("bigint", "3.0", 3),
    ("bigint", "1e3", 1000),
    ("bigint", "-1.50E1", -15),
    ("bigint", "9223372036854775807.000", 2**63 - 1),
    ("bigint", "0e999999999", 0),
    ("int", "5.", 5),
    ("int", "0012", 12),
    ("int", "2147483647", 2**31 - 1),
    ("int", "-2147483648", -(2**31)),
    ("double", "1", 1.0),
    ("double", ".5", 0.5),
    ("double", "5.", 5.0),
    ("double", "+1.5e3", 1500.0),
    ("double", "007.5", 7.5),
    ("double", "-0.0e-999", -0.0),
    ("double", "0.1234567890123456789", 0.1234567890123456789),
    ("decimal(5,2)", "123.45", Decimal("123.45")),
    ("decimal(5,2)", "-000123.4500", Decimal("-123.45")),
    ("decimal(5,2)", "+.5", Decimal("0.50")),
    ("decimal(5,2)", "5.", Decimal("5.00")),
    ("decimal(5,2)", "0", Decimal("0.00")),
    ("decimal(5,2)", "1E+2", Decimal("100.00")),
    ("decimal(5,2)", "12345e-2", Decimal("123.45")),
    ("decimal(5,2)", "-0.00", Decimal("0.00")),
    ("decimal(2,2)", "0.25", Decimal("0.25")),
    ("decimal(38,0)", "9" * 38, Decimal("9" * 38)),
    ("decimal(38, 38)", "0." + "9" * 38, Decimal("0." + "9" * 38)),
    ("boolean", "TRUE", True),
    ("boolean", "t", True),
    ("boolean", "1", True),
    ("boolean", "Yes", True),
    ("boolean", "y", True),
    ("boolean", "N", False),
    ("boolean", "No", False),
    ("boolean", "f", False),
    ("boolean", "False", False),
    ("boolean", "0", False),
    ("date", "2024-02-29", date(2024, 2, 29)),
    ("date", "2024-01-31 00:00:00", date(2024, 1, 31)),
    ("date", "2024-01-31T00:00:00.000", date(2024, 1, 31)),
    ("timestamp", "2024-02-29", datetime(2024, 2, 29)),
    ("timestamp", "2024-02-29 10:11", datetime(2024, 2, 29, 10, 11)),
    ("timestamp", "2024-02-29T10:11:12.345", datetime(2024, 2, 29, 10, 11, 12, 345000)),
    ("timestamp", "2024-02-29T10:11:12.345000", datetime(2024, 2, 29, 10, 11, 12, 345000)),
    ("timestamp", "2024-02-29T01:00:00+02:00", datetime(2024, 2, 28, 23)),
    ("timestamp", "2024-02-29T01:00:00Z", datetime(2024, 2, 29, 1)),
    ("timestamp", "20240229T010000", datetime(2024, 2, 29, 1)),
    ("timestamp", "2024-01-01 12:00:00.123456+00", datetime(2024, 1, 1, 12, 0, 0, 123000)),
    ("timestamp", "2024-01-01 12:00:00.999999999-01:30", datetime(2024, 1, 1, 13, 30, 0, 999000)),
]


@pytest.mark.parametrize(("kind", "text", "value"), DECLARED)
def test_a_declared_type_takes_any_way_of_writing_a_value(kind: str, text: str, value: Any) -> None:
    assert stored(text, Column("a", kind)) == (value, None)


MISFITS = [
    *[("bigint", text) for text in ("9223372036854775808", "1.5", "1e-3", "1e19", "1e999999999", "0x1F", "x")],
    *[("bigint", text) for text in ("1" * 5000, "١", "1 2", "--1")],
    *[("int", text) for text in ("2147483648", "-2147483649", "9223372036854775808", "1.5")],
    *[
        ("double", text)
        for text in ("1e400", "-1e400", "1e-400", "nan", "inf", "Infinity", "1,5", "0x1F", "1_000", ".", "e5", "١")
    ],
    *[("decimal(5,2)", text) for text in ("1234", "0.001", "1e3", "1e999999999", "1.23456e2")],
    *[("decimal(5,2)", text) for text in ("x", ".", "1,5", "-", "+", "--1")],
    *[("boolean", text) for text in ("2", "oui", "truee")],
    *[("date", text) for text in ("2024-02-30", "29/02/2024", "x", "2024-1-2")],
    *[("date", text) for text in ("2024-01-31 00:00:01", "2024-01-31T00:00:00+01:00")],
    *[("timestamp", text) for text in ("10:00", "x", "1712010101", "2024-02-29x10:00")],
    *[("timestamp", text) for text in ("1712010101234", "1712010101234567")],
    ("timestamp", "0001-01-01T00:00:00+05:00"),
    ("timestamp", "9999-12-31T23:00:00-05:00"),
]


@pytest.mark.parametrize(("kind", "text"), MISFITS)
def test_what_does_not_fit_a_declared_type_is_rescued(kind: str, text: str) -> None:
    assert stored(text, Column("a", kind)) == (None, text)


@pytest.mark.parametrize(
    ("kind", "form", "text", "value"),
    [
        ("date", "%d/%m/%Y", "03/04/2025", date(2025, 4, 3)),
        ("date", "%m/%d/%Y", "03/04/2025", date(2025, 3, 4)),
        ("date", "%d %b %y", "3 Apr 25", date(2025, 4, 3)),
        ("date", "%d/%m/%Y", "2025-04-03", None),
        ("date", "%Y", "0800", date(800, 1, 1)),
        ("timestamp", "%d.%m.%Y %H:%M", "03.04.2025 05:06", datetime(2025, 4, 3, 5, 6)),
        ("timestamp", "%Y-%m-%dT%H:%M:%S%z", "2025-04-03T05:06:07+0530", datetime(2025, 4, 2, 23, 36, 7)),
        ("timestamp", "%H:%M:%S.%f", "05:06:07.1234", datetime(1900, 1, 1, 5, 6, 7, 123000)),
        ("timestamp", "epoch_seconds", "1712010101", datetime(2024, 4, 1, 22, 21, 41)),
        ("timestamp", "epoch_seconds", "1712010101.25", datetime(2024, 4, 1, 22, 21, 41, 250000)),
        ("timestamp", "epoch_milliseconds", "1712010101234", datetime(2024, 4, 1, 22, 21, 41, 234000)),
        ("timestamp", "epoch_microseconds", "1712010101234567", datetime(2024, 4, 1, 22, 21, 41, 234000)),
        ("timestamp", "epoch_milliseconds", "-1", datetime(1969, 12, 31, 23, 59, 59, 999000)),
        ("timestamp", "epoch_seconds", "2024-04-01", None),
        ("timestamp", "epoch_seconds", "1e20", None),
        ("timestamp", "epoch_seconds", "9" * 18, None),
        ("date", "epoch_seconds", "1712010101", date(2024, 4, 1)),
        ("date", "epoch_seconds", "9" * 18, None),
        ("timestamp", "%d.%m.%Y %H:%M", "03.04.2025", None),
    ],
)
def test_a_declared_format_is_the_only_one(kind: str, form: str, text: str, value: Any) -> None:
    assert stored(text, Column("a", kind, format=form)) == (value, None if value else text)


@pytest.mark.parametrize(
    ("kind", "texts", "written"),
    [
        ("bigint", ["1", "007", "x"], ["1", None, None]),
        ("double", ["1.50", "1e400", ".5"], ["1.50", None, None]),
        ("boolean", ["TRUE", "t", "1"], ["true", None, None]),
        ("date", ["2024-02-29", "2024-02-30", "29.2.2024"], ["2024-02-29", None, None]),
        ("timestamp", ["2024-02-29 01:02:03Z", "2024-02-29", "x"], ["2024-02-29T01:02:03", None, None]),
    ],
)
def test_a_type_that_was_inferred_takes_only_the_plain_way(
    kind: str, texts: list[str], written: list[str | None]
) -> None:
    fitted = fit(pa.array(texts), Column("a", kind), is_declared=False)
    assert fitted.texts.to_pylist() == written
    assert fitted.misfits is not None
    assert fitted.misfits.to_pylist() == [text is None for text in written]


def test_the_empty_is_null_and_no_misfit() -> None:
    fitted = fit(pa.array(["", " \t\u00a0", None, "1"]), Column("a", "bigint"), is_declared=True)
    assert fitted.texts.to_pylist() == [None, None, None, "1"]
    assert fitted.misfits is None


TEXTS = st.one_of(
    st.text("0123456789+-.eE,_ x", max_size=25),
    st.integers().map(str),
    st.floats().map(repr),
    st.decimals(allow_nan=True).map(str),
    st.dates().map(str),
    st.datetimes().map(str),
    st.datetimes(timezones=st.timezones()).map(lambda value: value.isoformat()),
)


def value_of(text: str, kind: str) -> Any:
    """The value that a text was inferred to be, by Python."""
    reading: dict[str, Callable[[str], Any]] = {
        "bigint": int,
        "double": float,
        "boolean": lambda text: text.lower() == "true",
        "string": str,
    }
    if kind in ("date", "timestamp"):
        read = datetime.fromisoformat(text).replace(tzinfo=None)
        return read.date() if kind == "date" else read
    return reading[kind](text)


@given(st.lists(TEXTS, min_size=1, max_size=5))
@settings(max_examples=500, deadline=None)
def test_an_inferred_value_is_the_one_in_the_text(texts: list[str]) -> None:
    result = Lake().put("a,b\n" + "".join(f'x,"{text}"\n' for text in texts))
    kind = result.types.get("b", "string")
    stripped = [text.strip() for text in texts]
    assert result.csv_figures.values_rescued == 0
    if kind in ("bigint", "double"):
        assert all(Decimal(str(value_of(text, kind))) == Decimal(text) for text in stripped if text)
    expected = [value_of(text, kind) if text else None for text in stripped]
    assert (result.column("b") if kind != "string" or "b" in result.types else [None] * len(texts)) == expected


@given(TEXTS, st.sampled_from(["bigint", "int", "double", "decimal(12,4)", "boolean", "date", "timestamp"]))
@settings(max_examples=500, deadline=None)
def test_a_declared_value_is_the_one_in_the_text_or_rescued(text: str, kind: str) -> None:
    value, rescued = stored(text, Column("a", kind)) if text.strip() else (0, None)
    if value is None:
        assert rescued == text
    elif text.strip() and kind.startswith(("bigint", "int", "decimal")):
        assert value == Decimal(text.strip())
    elif text.strip() and kind == "double":
        assert value == float(text)


def test_a_timestamp_finer_than_milliseconds_is_cut_and_said() -> None:
    result = Lake([Column("at", "timestamp")]).put("at\n2024-01-01 12:00:00.123456+00\n2024-01-01 12:00:00\n")
    assert result.csv_figures.values_rescued == 0
    assert result.csv_figures.advice == [
        (
            "1 values of column 'at' are finer than a timestamp, which has milliseconds: the rest was cut off; "
            'to keep it, declare the column as "type": "string" in a new dataset'
        )
    ]


def test_a_number_with_dots_is_text_in_a_file_with_decimal_commas() -> None:
    result = Lake().put("Menge;Preis\n1.234;5,99\n2.500;1,20\n")
    assert result.types == {"menge": "string", "preis": "string"}
    assert result.column("menge") == ["1.234", "2.500"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a;b\n1.234;x\n2.500;y\n", "double"),  # nothing says that commas are decimal
        ("a;b\n1.234;5,99\n0.5;1,20\n", "double"),  # 0.5 has no thousands
        ("a;b\n1.234;1,200\n2.500;5,999\n", "double"),  # these commas may separate thousands
        ("a;b\n1.234;5,99\n12;1,20\n", "string"),
        ("a;b\n12;5,99\n13;1,20\n", "bigint"),
        ('a,b\n1.234,"5,99 €"\n2.500,"-1.000,00 €"\n', "string"),
    ],
)
def test_what_a_dot_means_follows_from_the_file(text: str, kind: str) -> None:
    assert Lake().put(text).types["a"] == kind


def test_decimal_commas_in_columns_that_are_known_count_as_well() -> None:
    lake = Lake([Column("b", "string")])
    lake.put("b;c\n5,99;0.5\n")
    later = lake.put("a;b;c\n1.234;5,99;1.234\n1.234;5,99;x\n1.234;5,99;1.5\n")
    assert later.types == {"b": "string", "c": "double", "a": "string"}
    assert later.rows[0] == {"a": "1.234", "b": "5,99", "c": None}
    assert later.column("c") == [None, None, 1.5]
    assert later.rescued == [{"c": "1.234"}, {"c": "x"}, None]
