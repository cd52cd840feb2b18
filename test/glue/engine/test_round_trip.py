"""Whatever is in a CSV file comes out of Parquet again, up to the documented cleanup: trimmed, empty is null."""

import csv
from pathlib import Path
from typing import Any

import pytest
from datalake.engine.dataset import Column, CsvOptions
from datalake.engine.headers import column_names
from engine_harness import Lake, Result, cleaned, value_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st

DEMO_FILES = sorted((Path(__file__).parents[3] / "node_modules/vega-datasets/data").glob("*.csv"))


def as_csv(rows: list[list[str]], delimiter: str = ",", end: str = "\n", *, all_quoted: bool = True) -> str:
    """Unlike csv.writer, which quotes only the line ends that it writes itself, this one quotes all of them."""

    def field(text: str) -> str:
        is_plain = text and not any(character in text for character in f'{delimiter}"\r\n')
        return text if is_plain and not all_quoted else '"' + text.replace('"', '""') + '"'

    return "".join(delimiter.join(map(field, row)) + end for row in rows)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Rows of one width."""
    width = draw(st.integers(1, 4))
    return draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6))


@given(
    tables(),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_any_table_of_strings(rows: list[list[str]], delimiter: str, end: str, encoding: str, all_quoted: bool) -> None:
    width = len(rows[0]) if rows else 2
    names = [f"c{column}" for column in range(width)]
    lake = Lake([Column(name, "string") for name in names], CsvOptions(delimiter=delimiter))
    text = as_csv([names, *rows], delimiter, end, all_quoted=all_quoted)
    assume(not text.rstrip("\r\n").endswith("\x1a"))  # ends a text of DOS, and is no data
    result = lake.put(text.encode(encoding))
    assert result.csv_figures.values_rescued == 0
    assert result.rows == [dict(zip(names, map(cleaned, row), strict=True)) for row in rows]
    assert_json_is_the_same(result)


@given(tables())
@settings(max_examples=200, deadline=None)
def test_any_table_without_a_declaration(rows: list[list[str]]) -> None:
    width = len(rows[0]) if rows else 2
    names = [f"c{column}" for column in range(width)]
    result = Lake(csv=CsvOptions(delimiter=",")).put(as_csv([names, *rows]))
    assert_every_row_is_there(result, names, rows)


def test_all_demo_files_are_there() -> None:
    assert len(DEMO_FILES) >= 20


@pytest.mark.parametrize("path", DEMO_FILES, ids=lambda path: path.name)
def test_every_row_of_the_demo_files(path: Path) -> None:
    result = Lake().put(path.read_bytes())
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = (row for row in csv.reader(file) if row)
    assert result.csv_figures.rows_out == result.table.num_rows == len(rows)
    assert_every_row_is_there(result, column_names(header), rows)


def assert_every_row_is_there(result: Result, names: list[str], rows: list[list[str]]) -> None:
    assert result.csv_figures.values_rescued == 0
    kinds = [result.types.get(name) for name in names]
    expected = [
        {name: value for name, kind, text in zip(names, kinds, row, strict=True) if (value := value_of(text, kind))}
        for row in rows
    ]
    assert [{name: str(value) for name, value in row.items() if value is not None} for row in result.rows] == expected
    assert_json_is_the_same(result)


def assert_json_is_the_same(result: Result) -> None:
    """Python's json and Arrow read the same values from the JSON lines."""
    kinds = result.types | {"_rescued_data": "string"}
    for line, row in zip(result.objects, result.table.to_pylist(), strict=True):
        values = {name: as_in_json(row[name], kind) for name, kind in kinds.items() if row[name] is not None}
        assert {name: value for name, value in line.items() if name in kinds} == values


def as_in_json(value: Any, kind: str) -> Any:
    if kind == "timestamp":
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    return str(value) if kind == "date" or kind.startswith("decimal") else value


def test_leading_zeros_of_zip_codes() -> None:
    path = next(path for path in DEMO_FILES if path.name == "zipcodes.csv")
    result = Lake().put(path.read_bytes())
    assert result.column("zip_code")[0] == "00501"
    assert result.types["zip_code"] == "string"
