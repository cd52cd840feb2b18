"""What is said of a file names what would mend it, and is of bounded length."""

import json
import time
from typing import Any

import pytest
from datalake.engine.dataset import Column, CsvOptions, Dataset
from engine_harness import Lake, Result


def put(declared: dict[str, Any], data: bytes) -> Result:
    dataset = Dataset.from_dict("d", declared)
    return Lake(dataset.columns, dataset.csv).put(data)


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
        ("date", ["12/31/2024"], '"format": "%m/%d/%Y"'),
        ("date", ["05/06/2024"], '"format": "%d/%m/%Y" or "format": "%m/%d/%Y"'),
        ("double", ["1,234"], '"number": {"decimal": ",", "thousands": "."} or "number": {"thousands": ","}'),
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


#: Text, what is declared, where the option belongs, and the option.
MENDED: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("a\n1.234.567\n", {"type": "bigint"}, "column", {"number": {"decimal": ",", "thousands": "."}}),
    ("a\n1 234 567\n", {"type": "bigint"}, "column", {"number": {"decimal": ",", "thousands": " "}}),
    ("a\n1'234.50\n", {"type": "double"}, "column", {"number": {"thousands": "'"}}),
    (
        'a\n"1 234,50 €"\n',
        {"type": "double"},
        "column",
        {"number": {"decimal": ",", "thousands": " ", "symbols": ["€"]}},
    ),
    ("a\n12 %\n", {"type": "int"}, "column", {"number": {"symbols": ["%"]}}),
    (
        'a\n"NA"\n"3,5"\n',
        {"type": "double"},
        "column",
        {"nullIf": ["NA"], "number": {"decimal": ",", "thousands": "."}},
    ),
    ("a\nNA\n1\n", {"type": "int", "nullIf": ["-"]}, "column", {"nullIf": ["-", "NA"]}),
    ("a\n-\n31.12.2024\n", {"type": "date"}, "column", {"nullIf": ["-"], "format": "%d.%m.%Y"}),
    ("a\n31-Dec-2024\n", {"type": "date"}, "column", {"format": "%d-%b-%Y"}),
    ("a\n31 December 2024\n", {"type": "date"}, "column", {"format": "%d %B %Y"}),
    ("a\n31.12.24\n", {"type": "date"}, "column", {"format": "%d.%m.%y"}),
    ("a\n12/31/2024 10:11 PM\n", {"type": "timestamp"}, "column", {"format": "%m/%d/%Y %I:%M %p"}),
    ("a\n31.12.2024 10:11:12.123\n", {"type": "timestamp"}, "column", {"format": "%d.%m.%Y %H:%M:%S.%f"}),
    ("a\n1712010101234000\n", {"type": "timestamp"}, "column", {"format": "epoch_microseconds"}),
    ("a\n1\n# until May\n2\n", {"type": "int"}, "csv", {"comment": "#"}),
    ("b,a\nx,1\n// until May\ny,2\n", {"type": "int"}, "csv", {"comment": "//"}),
    ("a\nkg\n1\n2\n", {"type": "int"}, "csv", {"skipRows": 1}),
    ("a\n1\n2\n3\nSum\n", {"type": "int"}, "csv", {"skipFooter": 1}),
    ("a\nkg\nnet\n1\n2\n3\n4\nSum\n", {"type": "int"}, "csv", {"skipRows": 2, "skipFooter": 1}),
    ("a,b,c\n1,x,y\n2,x,y\n3 rows\n", {"type": "string"}, "csv", {"skipFooter": 1}),
    ("a,b\n1,x\\,y\n", {"type": "int"}, "csv", {"escape": "\\"}),
    ('a,b\n1, "x, y"\n', {"type": "int"}, "csv", {"skipInitialSpace": True}),
    ("a,b\n1,'x, y'\n", {"type": "int"}, "csv", {"quote": "'"}),
    ("a,b;c\n1,x;y\n", {"type": "string"}, "csv", {"delimiter": ","}),
    ("Orders\nMay\n\na,b\n1,2\n3,4\n", {"type": "string"}, "csv", {"skipLines": 3}),
    ("# Orders\n# May\na,b\n1,2\n3,4\n", {"type": "string"}, "csv", {"comment": "#"}),
    ("1,x\n2,y\n", {"type": "int"}, "csv", {"header": False}),
    ("Amount EUR,b\n1,x\n", {"name": "amount", "type": "int"}, "column", {"from": "Amount EUR"}),
    ("a\nZ\u00fcrich\n", {"type": "string"}, "csv", {"encoding": "cp1252"}),
]


@pytest.mark.parametrize(("text", "column", "place", "option"), MENDED)
def test_what_advice_says_mends(text: str, column: dict[str, Any], place: str, option: dict[str, Any]) -> None:
    data = text.encode(option.get("encoding", "utf-8"))
    columns = [{"name": "a", **column}]
    advice = put({"columns": columns}, data).csv_figures.advice
    assert json.dumps(option, ensure_ascii=False)[1:-1] in "\n".join(advice)
    mended = {"csv": option, "columns": columns} if place == "csv" else {"columns": [columns[0] | option]}
    again = put(mended, data).csv_figures
    assert (again.values_rescued, again.rows_short, again.advice) == (0, 0, [])


def test_a_column_that_is_not_declared_is_advised_as_a_whole() -> None:
    lake = Lake()
    lake.put("a,b\n1.5,2\n")
    price, count = lake.put('a,b\n"1,234.50",+5\n').csv_figures.advice
    assert 'declare the column as {"name": "a", "type": "double", "number": {"thousands": ","}} and upload' in price
    assert 'declare the column as {"name": "b", "type": "bigint"} and upload' in count


def test_values_that_nothing_mends_are_said_with_the_type_that_they_have() -> None:
    (advice,) = put({"columns": [{"name": "a", "type": "int"}]}, b"a\n1\nx\n2\n").csv_figures.advice
    assert advice.endswith("upload such files to a dataset of their own whose column 'a' is declared as string")


@pytest.mark.parametrize("text", ["R12", "A1B", "5 boxes of", "20x30"])
def test_codes_are_not_advised_as_numbers_with_symbols(text: str) -> None:
    (advice,) = put({"columns": [{"name": "a", "type": "int"}]}, f"a\n1\n{text}\n2\n".encode()).csv_figures.advice
    assert "symbols" not in advice


def test_similar_headers_are_said_for_few_columns_and_in_bounded_length() -> None:
    names = [f"column_{n}" for n in range(1_500)]
    columns = [{"name": f"{name}_eur", "type": "int"} for name in names]
    header = ",".join([names[0] + " " * 200 + "x", *names[1:]])
    advice = put({"columns": columns}, f"{header}\n{'1,' * 1_499}1\n".encode()).csv_figures.advice
    assert ["lacks the declared column" in line for line in advice] == [False, *[True] * 5]
    assert max(map(len, advice)) < 400


def test_advice_on_many_columns_takes_little_time() -> None:
    names = [f"c{n}" for n in range(2_000)]
    columns = [{"name": name, "type": "timestamp"} for name in names]
    data = "\n".join([",".join(names), *[",".join([f"x{row}"] * len(names)) for row in range(20)]]).encode()
    started = time.process_time()
    put({"columns": columns}, data)
    assert time.process_time() - started < 10


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


def test_nothing_is_left_out_while_there_is_room() -> None:
    columns = [Column(f"c{n}", "int") for n in range(50)]
    text = ",".join(column.name for column in columns) + "\n" + ",".join("x" * 50) + "\n"
    advice = Lake(columns).put(text).csv_figures.advice
    assert len(advice) == 50
    assert all("are no int" in line for line in advice)


def test_a_file_without_a_header_gets_all_that_its_owner_can_do() -> None:
    (advice,) = Lake().put("1,2024-01-01\n2,2024-01-02\n").csv_figures.advice
    assert advice.endswith(
        'if its first line is no header, declare "header": false in "csv", otherwise declare its "columns", or '
        "upload it to a dataset of its own"
    )


@pytest.mark.parametrize(
    ("text", "columns", "option"),
    [
        ("a,b\n,kg\nx,1\ny,2\n", "'b' ('kg' is no bigint)", '"skipRows": 1 in "csv", if these rows are no data,'),
        (
            "a,b,c\n,kg,m/s\n,net,\nx,1.5,2\ny,2,2\nz,2,2\n",
            "'b' ('kg' is no double), 'c' ('m/s' is no bigint)",
            '"skipRows": 2 in "csv", if these rows are no data,',
        ),
        ("a,b\nx,1\ny,2\nz,sum\n", "'b' ('sum' is no bigint)", '"skipFooter": 1 in "csv", if these rows are no data,'),
        (
            "a,b\nx,1\n,NA\ny,2\n",
            "'b' ('NA' is no bigint)",
            'the column as {"name": "b", "type": "bigint", "nullIf": ["NA"]}',
        ),
        (
            "a,b\nx,1.5\ny,2.5\nz,3 €\n",
            "'b' ('3 €' is no double)",
            'the column as {"name": "b", "type": "double", "number": {"symbols": ["€"]}}',
        ),
    ],
)
def test_few_values_that_make_text_of_a_column_are_said_with_what_mends_them(
    text: str, columns: str, option: str
) -> None:
    advice = put({}, text.encode()).csv_figures.advice
    mend = f"declare {option} and upload the file to a new dataset, since a table keeps its types"
    assert advice == [f"few values make text of {columns}: {mend}"]


def test_a_long_value_that_makes_text_of_a_column_is_cut() -> None:
    (advice,) = put({}, f"a\n{'k' * 40}g\n1\n2\n".encode()).csv_figures.advice
    assert f"text of 'a' ('{'k' * 40}' is no bigint)" in advice


@pytest.mark.parametrize("text", ["a\n0042\n1\n2\n", "a\nx\n1\n", "a\n1\nx\n2\n3\n", "a\nx\ny\n", "a\n12E4\n1\n2\n"])
def test_other_text_needs_no_advice(text: str) -> None:
    assert put({}, text.encode()).csv_figures.advice == []


def test_a_units_row_that_is_skipped_leaves_the_types() -> None:
    text = b"day,weight\n,kg\n2024-05-01,12.5\n2024-05-02,13\n"
    assert put({}, text).types == {"day": "date", "weight": "string"}
    assert put({"csv": {"skipRows": 1}}, text).types == {"day": "date", "weight": "double"}


def test_the_end_of_a_block_is_no_end_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datalake.engine.csv.file.BLOCK_BYTES", 16)
    monkeypatch.setattr("datalake.engine.csv.file._BLOCK_BYTES_PER_COLUMN", 1)
    monkeypatch.setattr("datalake.engine.csv.file.SAMPLE_BYTES", 16)
    monkeypatch.setattr("datalake.engine.streams._CHUNK_BYTES", 16)
    assert put({}, b"a\n1\n2\n3\n4\n5\n6\nx\n" + b"7\n" * 40).csv_figures.advice == []
