"""Numbers are read as they are declared to be written, and only so."""

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from datalake.engine.dataset import Column, Dataset, read_datasets
from datalake.engine.types.number_format import NumberFormat
from engine_harness import Lake
from hypothesis import given
from hypothesis import strategies as st

GERMAN = NumberFormat(",", ".", ("€", "EUR", "%"), accounting=True)


@pytest.mark.parametrize(
    ("form", "text", "plain"),
    [
        (GERMAN, "1.200,50-", "-1200.50"),
        (GERMAN, "(3,50)", "-3.50"),
        (GERMAN, "-1.000,00 €", "-1000.00"),
        (GERMAN, "€ -5", "-5"),
        (GERMAN, "EUR\u00a05,5", "5.5"),
        (GERMAN, "5,5 €-", None),
        (GERMAN, "12 %", "12"),
        (GERMAN, "1.234.567", "1234567"),
        (GERMAN, "1234567,8", "1234567.8"),
        (GERMAN, "+7", "+7"),
        (GERMAN, "1.5", None),
        (GERMAN, "12.34", None),
        (GERMAN, "1.2345", None),
        (GERMAN, "(-5)", None),
        (GERMAN, "(5", None),
        (GERMAN, "5)", None),
        (GERMAN, "-5-", None),
        (GERMAN, "--5", None),
        (GERMAN, "€", None),
        (GERMAN, "5 $", None),
        (GERMAN, "", None),
        (GERMAN, "x", None),
        (NumberFormat(), "1.5", "1.5"),
        (NumberFormat(), "5-", None),
        (NumberFormat(), "(5)", None),
        (NumberFormat(thousands=","), "1,234.5", "1234.5"),
        (NumberFormat(thousands=","), "1,23", None),
        (NumberFormat(",", " "), "1\u202f234,5", "1234.5"),
        (NumberFormat(thousands="'"), "1’234.50", "1234.50"),
        (NumberFormat(symbols=("$", "U.S. $")), "U.S. $ 5", "5"),
        (NumberFormat(","), "1,5e3", "1.5e3"),
    ],
)
def test_a_number_in_a_format(form: NumberFormat, text: str, plain: str | None) -> None:
    assert form.plain(pa.array([text, None])).to_pylist() == [plain, None]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_a_number_written_in_a_format_is_that_number(value: Decimal) -> None:
    text = f"{value:,}".replace(",", "_").replace(".", ",").replace("_", ".")
    assert [Decimal(str(plain)) for plain in GERMAN.plain(pa.array([text])).to_pylist()] == [value]


@pytest.mark.parametrize(
    ("kind", "value"),
    [("decimal(9,2)", Decimal("-1200.50")), ("double", -1200.5), ("bigint", None), ("string", "1.200,50-")],
)
def test_a_declared_column_has_its_format(kind: str, value: Any) -> None:
    result = Lake([Column("a", kind, number=GERMAN)]).put("a;b\n1.200,50-;1.5\n")
    assert result.rows == [{"a": value, "b": 1.5}]
    assert result.rescued == [{"a": "1.200,50-"} if value is None else None]


@pytest.mark.parametrize("kind", ["int", "bigint", "double", "decimal(9,2)"])
def test_every_type_of_number_may_have_a_format(kind: str) -> None:
    assert Lake([Column("a", kind, number=GERMAN)]).put("a;b\n1.200-;x\n").column("a") == [-1200]


def test_the_format_of_a_dataset_holds_for_all_its_columns_and_for_inference() -> None:
    lake = Lake([Column("own", "double", number=NumberFormat())], number=GERMAN)
    result = lake.put("a;b;c;own;d\n1.234;5,99;1.5;1.5;x\n2.500;-1,20;2.5;2.5;y\n")
    assert result.types == {"own": "double", "a": "bigint", "b": "double", "c": "string", "d": "string"}
    assert result.rows[1] == {"own": 2.5, "a": 2500, "b": -1.2, "c": "2.5", "d": "y"}
    later = lake.put("a;b;c;own;d\n1.5;3,5;x;x;x\n")
    assert later.rows == [{"own": None, "a": None, "b": 3.5, "c": "x", "d": "x"}]
    assert later.rescued == [{"a": "1.5", "own": "x"}]


def test_null_tokens_are_nulls_in_columns_of_every_type() -> None:
    lake = Lake([Column("own", "string", null_if=("-",))], null_if=("NA", "\\N"))
    result = lake.put("n,s,own\n1, NA,-\nNA,x,NA\n\\N,na,y\n")
    assert result.types == {"own": "string", "n": "bigint", "s": "string"}
    assert result.column("n") == [1, None, None]
    assert result.column("s") == [None, "x", "na"]
    assert result.column("own") == [None, "NA", "y"]
    assert result.csv_figures.values_rescued == 0


def test_formats_are_read_from_the_databases_parameter() -> None:
    number = '{"decimal": ",", "symbols": ["€"], "accounting": true}'
    column = f'{{"name": "a", "type": "double", "number": {number}, "nullIf": ["-"], "from": "A %"}}'
    read = read_datasets(f'{{"d": {{"number": {{"thousands": ","}}, "nullIf": ["NA"], "columns": [{column}]}}}}')
    form = NumberFormat(decimal=",", symbols=("€",), accounting=True)
    columns = (Column("a", "double", number=form, null_if=("-",)),)
    assert read["d"] == Dataset("d", columns, number=NumberFormat(thousands=","), null_if=("NA",))
    assert read["d"].columns[0].header == "A %"
