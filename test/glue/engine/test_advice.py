"""What is said of a file names what would mend it, and is of bounded length."""

import pytest
from datalake.engine.dataset import Column, CsvOptions
from engine_harness import Lake


@pytest.mark.parametrize(
    ("kind", "misfits", "option"),
    [
        ("double", ["1.200,50", "3,5"], '"number": {"decimal": ",", "thousands": "."}'),
        ("decimal(9,2)", ["-1.000,00 €"], '"number": {"decimal": ",", "thousands": ".", "symbols": ["€"]}'),
        ("decimal(9,2)", ["1.200,50-"], '"number": {"decimal": ",", "thousands": ".", "accounting": true}'),
        ("double", ["(3.50)"], '"number": {"accounting": true}'),
        ("bigint", ["1,234,567"], '"number": {"thousands": ","}'),
        ("double", ["USD 5.00", "12 %"], '"number": {"symbols": ["%", "USD"]}'),
        ("bigint", ["NA", "\\N", "-"], '"nullIf": ["-", "NA", "\\\\N"]'),
        ("date", ["31.12.2024"], '"format": "%d.%m.%Y"'),
        ("date", ["12/31/2024"], '"format": "%d/%m/%Y (or %m/%d/%Y)"'),
        ("timestamp", ["31.12.2024 10:11:12"], '"format": "%d.%m.%Y %H:%M:%S"'),
        ("timestamp", ["1712010101234"], '"format": "epoch_milliseconds"'),
        ("timestamp", ["1712010101"], '"format": "epoch_seconds"'),
    ],
)
def test_advice_names_the_option_with_its_value(kind: str, misfits: list[str], option: str) -> None:
    rows = "".join(f'"{text}"\n' for text in misfits)
    (advice,) = Lake([Column("a", kind)]).put(f"a\n{rows}").csv_figures.advice
    assert advice == (
        f"{len(misfits)} values of column 'a' are no {kind}, such as {misfits[0]!r}: "
        f"declare {option} for the column and upload the file again"
    )


def test_short_rows_are_counted_and_said() -> None:
    result = Lake().put("a,b,c,d\n4,four,4,4.5\n5,five,51\n\n6\n")
    assert result.csv_figures.rows_short == 2
    assert result.rows[1] == {"a": 5, "b": "five", "c": 51, "d": None}
    assert result.csv_figures.advice[0].startswith("2 rows have fewer fields than the header")


@pytest.mark.parametrize("escape", [None, "^"])
@pytest.mark.parametrize("text", ["a,b\n1,2\n", "a\n1\n\n2\n", "a,b\n1,2,3\n"])
def test_other_rows_are_not_short(text: str, escape: str | None) -> None:
    assert Lake(csv=CsvOptions(escape=escape)).put(text).csv_figures.rows_short == 0


def test_fields_beyond_the_header_are_said() -> None:
    (advice,) = Lake().put("a,b\n1,2,3,4\n").csv_figures.advice
    assert advice.startswith("2 fields are beyond the header's columns")


def test_the_columns_with_the_most_misfits_are_said_first_and_the_rest_is_counted() -> None:
    columns = [Column(f"c{n}", "int") for n in range(2500)]
    rows = [",".join("x" if row <= n % 3 else "1" for n in range(2500)) for row in range(3)]
    done = Lake(columns).put("\n".join([",".join(column.name for column in columns), *rows])).csv_figures
    assert len(done.advice) == 51
    assert done.advice[0].startswith("3 values of column 'c2' are no int")
    assert done.advice[-1] == "2450 more columns have values that do not fit"
    assert sum(map(len, done.advice)) < 20_000
