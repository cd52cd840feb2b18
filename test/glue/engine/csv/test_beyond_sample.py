"""The first 2 MiB of a file decide its form. If the rest says otherwise, the file is read right, or it is said."""

import csv
from typing import Any

import pytest
from datalake.engine import Rejected, streams
from datalake.engine.csv import file as csv_file
from datalake.engine.dataset import CsvOptions
from engine_harness import Lake, Result

#: Fills the sample with rows that decide nothing.
PLAIN = "".join(f"{number},x,y\n" for number in range(200))


@pytest.fixture(autouse=True)
def _small_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "SAMPLE_BYTES", 512)
    monkeypatch.setattr(csv_file, "BLOCK_BYTES", 512)
    monkeypatch.setattr(csv_file, "_BLOCK_BYTES_PER_COLUMN", 1)
    monkeypatch.setattr(streams, "_CHUNK_BYTES", 512)


def put(text: str | bytes, threads: int = 1, **options: Any) -> Result:
    """The result, by known types too: such a file is written while it is read."""
    lake = Lake(csv=CsvOptions(**options))
    result = lake.put(text, threads=threads)
    assert lake.put(text, threads=threads).rows == result.rows
    return result


def values(text: str, threads: int = 1, **options: Any) -> list[list[Any]]:
    return [list(row.values()) for row in put("id,a,b\n" + text, threads, **options).rows]


SPARK = [
    ('7,"say \\"hi\\"",z\n', [7, 'say "hi"', "z"]),
    ('7,"a \\", b",z\n', [7, 'a ", b', "z"]),
    ('7,"a \\"\nb \\"\nc",z\n', [7, 'a "\nb "\nc', "z"]),
    ('7,"a\nb \\"c\\" d",z\n', [7, 'a\nb "c" d', "z"]),
    ('7,"a \\",","b"\n', [7, 'a ",', "b"]),
    ('7,"x","y\\"y"\n', [7, "x", 'y"y']),
    ('7,"\\"\\"","\n"\n', [7, '""', None]),
    ('7,"\\"",""\n', [7, '"', None]),
]


@pytest.mark.parametrize(("row", "wanted"), SPARK)
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("options", [{}, {"comment": "#"}, {"skip_initial_space": True}])
def test_backslashes_before_quotes_are_read_though_only_later_lines_have_them(
    row: str, wanted: list[Any], threads: int, options: dict[str, Any]
) -> None:
    text = PLAIN + row + PLAIN + row
    assert [values for values in values(text, threads, **options) if values[1:] != ["x", "y"]] == [wanted] * 2
    assert len(values(text, threads, **options)) == 402
    result = put("id,a,b\n" + text, threads, **options)
    assert result.csv_figures.found["escape"] == "\\"
    assert "backslashes before quotes" in result.csv_figures.advice[0]


@pytest.mark.parametrize("begin", ['0,"an \\"escaped\\" quote",y\n', '0,"x \\", y",z\n'])
@pytest.mark.parametrize("row", ['7,"C:\\",z\n8,"D:\\",z\n', '7,z,"C:\\"\n8,"D:\\",z\n'])
def test_a_file_in_which_backslashes_mean_both_is_refused_with_the_lines(begin: str, row: str) -> None:
    for text in (begin + PLAIN + row, row + PLAIN + begin):
        with pytest.raises(Rejected, match=r"by line \d+ a backslash before a quote makes it part of the value, by"):
            put("id,a,b\n" + text)


@pytest.mark.parametrize(
    "row", ['7,"C:\\",z\n', '7,"{""a"": ""\\""x\\"" y""}",z\n', '7,"C:\\",5" disk\n', '7,C:\\"x",z\n', '7,"x"y,\\\n']
)
def test_other_backslashes_are_read_as_before(row: str) -> None:
    result = put("id,a,b\n" + PLAIN + row + PLAIN)
    assert "escape" not in result.csv_figures.found
    assert list(result.rows[200].values()) == [7, *next(csv.reader([row]))[1:]]


def test_an_escaped_field_that_the_sample_cuts_off_is_evidence_too() -> None:
    text = "id,a,b\n" + '1,"say \\"hi\\"",x\n' * 28 + '2,"' + 'and \\"this\\" ' * 100 + '",y\n'
    result = put(text)
    assert len(result.rows) == 29
    assert result.rows[-1]["a"] == ('and "this" ' * 100).strip()


@pytest.mark.parametrize(
    ("text", "options", "rows"),
    [
        (
            'a;"b"\r\n"c ;\\"\\"";"d\\""\r\n\r\n"b1\r\n\'\nb1\r\n\'\nb1\r\n\'\nb1\r\n\'\nb1\r\n\'\n";\x0b\r\n"";\r\n',
            {"header": False, "skip_footer": 1},
            [["a", "b"], ['c ;""', 'd"'], ["b1\r\n'\nb1\r\n'\nb1\r\n'\nb1\r\n'\nb1\r\n'", None]],
        ),
        (
            'a title\ra title\rh0\th1\n"\t\n"\t"\r\r\r\r\r\r\r\r\r\r"\r\n"-1.5a\r\n\\""\t\'\rx y\t\r"\r\n"\t\x1c\n',
            {"comment": "#", "skip_lines": 2, "skip_rows": 2, "skip_footer": 1},
            [["x y"]],
        ),
    ],
)
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("sample", "block", "chunk"), [(16, 31, 64), (64, 64, 16)])
def test_quotes_that_are_open_by_one_meaning_of_backslashes_only(
    text: str,
    options: dict[str, Any],
    rows: list[list[str | None]],
    threads: int,
    sample: int,
    block: int,
    chunk: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_file, "SAMPLE_BYTES", sample)
    monkeypatch.setattr(csv_file, "BLOCK_BYTES", block)
    monkeypatch.setattr(streams, "_CHUNK_BYTES", chunk)
    assert [list(row.values()) for row in put(text, threads, **options).rows] == rows


def test_quotes_in_comments_are_no_evidence() -> None:
    text = '7,x,"C:\\"\n# not 5", but 6\n8,x,y\n'
    assert values(text + PLAIN, comment="#")[:2] == [[7, "x", "C:\\"], [8, "x", "y"]]


@pytest.mark.parametrize("border", range(14))
def test_a_value_that_a_block_divides_is_evidence_too(border: int) -> None:
    text = PLAIN + "x" * (512 * 4 - len(PLAIN) - len("id,a,b\n,x,y\n") - border) + ",x,y\n"
    assert values(text + '7,"a \\"\nb",z\n')[-1] == ["7", 'a "\nb', "z"]


def test_an_open_quote_is_named_by_its_line_whatever_is_declared() -> None:
    text = f'id,a,b\n{PLAIN}# x\n7,"x,y\n8,x,y\n'
    for options in ({}, {"escape": "\\"}, {"comment": "#"}, {"skip_initial_space": True}):
        with pytest.raises(Rejected, match=r"never closed \(in line 203\)"):
            put(text, **options)


@pytest.mark.parametrize("options", [{}, {"comment": "#"}])
def test_blank_lines_at_the_end_of_one_column_are_no_footer(options: dict[str, Any]) -> None:
    for text in ("id\n1\n\n2\nSum\nof all\n", "id\n1\n\n2\nSum\nof all\n\n\n", "id\n1\n\n2\nSum\nof all"):
        assert put(text, skip_footer=2, **options).column("id") == [1, None, 2]
    many = "id\n" + "1\n" * 1000
    assert len(put(many, skip_footer=300, **options).rows) == 700


@pytest.mark.parametrize("options", [{"escape": "\\"}, {"comment": "#"}, {"skip_initial_space": True}])
def test_a_quote_that_swallows_rows_is_refused_whatever_is_declared(options: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match="opens a field in line 203 is closed in line 205 by one with text behind it"):
        put(f'# titles\nid,a,b\n{PLAIN}7,"half inch,z\n8,x,y\n9,2" pipe,z\n', skip_lines=1, **options)
    comment = '# "no data\n' * ("comment" in options)
    said = put(f'id,a,b\n{PLAIN}{comment}7,"half" inch,z\n', **options).csv_figures
    assert said.found["text_after_quotes"] == 1
    assert f"the first one in line {203 if comment else 202}" in said.advice[0]


def test_decimal_commas_are_seen_in_any_line() -> None:
    lake = Lake(csv=CsvOptions(delimiter=";"))
    lake.put("id;price\n1;5,99\n")
    rows = "".join(f"{number};;1.234\n" for number in range(200))
    assert lake.put(f"id;price;amount\n{rows}").types["amount"] == "double"
    lake = Lake(csv=CsvOptions(delimiter=";"))
    lake.put("id;price\n1;5,99\n")
    assert lake.put(f"id;price;amount\n{rows}7;5,99;1.234\n").types["amount"] == "string"


ASCII = "id,a,b\n" + PLAIN


@pytest.mark.parametrize(
    ("row", "encoding"),
    [
        ("7,Zürich,z\n", "utf-8"),
        ("7,Zürich,z\n", "cp1252"),
        ("7,Zürich,z\n", "utf-16"),
        ("\ufeff7,Zürich,z\n", "utf-8"),
    ],
)
def test_the_encoding_is_found_in_any_line(row: str, encoding: str) -> None:
    result = put((ASCII + row).encode(encoding))
    assert result.csv_figures.found["encoding"] == encoding
    assert list(result.rows[-1].values()) == [7, "Zürich", "z"]


@pytest.mark.parametrize("first", ["utf-8", "cp1252"])
def test_a_file_of_two_encodings_is_refused(first: str) -> None:
    second = "cp1252" if first == "utf-8" else "utf-8"
    data = "id,a,b\n7,Zürich,z\n".encode(first) + PLAIN.encode() + ("7,Zürich,Málaga\n" * 3).encode(second)
    with pytest.raises(Rejected, match="it is UTF-8 text with bytes that are none"):
        put(data)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("7,x\n" * 9, "9 rows have fewer fields than the header, and nulls for the others: see whether"),
        ("7;x;y\n", "1 rows have fewer fields than the header"),
        ("7;x;y\n" * 9, "they seem to have the delimiter ';', such as '7;x;y', and the others another one: upload the"),
        ("7;1,5;y\n" * 9, "they seem to have the delimiter ';', such as '7;1', and the others another one: upload the"),
        ("7\tx,1,2,3\n", "1 fields are beyond the header's columns"),
        ("7,'x, y',z\n", 'declare "quote": "\'"'),
        ("id,a,b\n", "the header is repeated 1 times"),
    ],
)
def test_another_form_in_later_lines_is_said(row: str, said: str) -> None:
    assert any(said in advice for advice in put(ASCII + row).csv_figures.advice)


@pytest.mark.parametrize("options", [{}, {"escape": "\\"}, {"comment": "#"}])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_header_repeated_in_another_order_is_refused(threads: int, options: dict[str, Any]) -> None:
    for header in ("id,b,a\n", '"a",b,id\n', "b,id,a\n"):
        with pytest.raises(Rejected, match=r"repeated further down with its columns in another order \("):
            put(ASCII + header + "7,x,y\n", threads, **options)


def test_rows_of_some_names_of_columns_are_rows() -> None:
    rows = [["a", "a", "b"], ["b", "a", "a"], ["id", "id", "id"], ["b", "id", "x"]]
    text = "id,a,b\n" + "".join(",".join(row) + "\n" for row in [*rows, ["id", "a", "b"], ["", "a", "b"]])
    assert put(text).csv_figures.found["repeated_headers"] == 1
    assert [list(row.values()) for row in put(text).rows] == [*rows, [None, "a", "b"]]


def test_a_file_of_one_column_stays_one_whatever_later_lines_have() -> None:
    assert put("id\n" + "x\n" * 400 + "x,1\n" * 3).column("id")[-1] == "x,1"
