"""The files that people really upload: read right, refused with the place and the reason, or said."""

import io
from typing import Any

import pytest
from datalake.engine import Rejected
from datalake.engine.csv import pieces
from datalake.engine.csv.file import CsvFile
from datalake.engine.csv.parser import MiscountError
from datalake.engine.dataset import Column, CsvOptions
from engine_harness import Lake, Result


def put(data: bytes | str, columns: tuple[Column, ...] = (), **options: Any) -> Result:
    result = Lake(columns=columns, csv=CsvOptions(**options)).put(data)
    assert result.csv_figures.found["records"] == len(result.rows) == result.csv_figures.rows_in
    return result


def values(data: bytes | str, **options: Any) -> list[list[Any]]:
    return [list(row.values()) for row in put(data, **options).rows]


@pytest.mark.parametrize("rows", [3, 80_000])
@pytest.mark.parametrize("encoding", [None, "utf-8", "cp1252"])
def test_a_nul_is_refused_wherever_it_stands(rows: int, encoding: str | None) -> None:
    data = b"id,name,qty\n" + b"".join(b"%07d,customer number %d,7\n" % (i, i) for i in range(rows))
    data += b"0080000,AC\0ME,5\n" + b"".join(b"%07d,customer %d,6\n" % (i, i) for i in range(9))
    with pytest.raises(Rejected, match="NUL"):
        put(data, encoding=encoding)


@pytest.mark.parametrize(
    "text",
    [
        "Date;Amount, EUR\n2024-01-02;12,50\n",
        "Day;Id;Place, country;State\n1;1;Bern, CH;open\n2;2;Ulm, DE;open\n3;3;Linz, AT;open;x\n4;4;Rom, IT;shut\n",
        "Nachname, Vorname;Ort;Betrag;Notiz\n" + "".join(f"N{i}, V;O;{i},5;n{';' * (i == 9)}x\n" for i in range(40)),
        "a,b;c,d\n1,5;2,5\n1,6;2,6\n",
        '"a";"b, c"\n"x, y";"1,5"\n',
        "Menge;Preis\n1.234;5,99\n2.500;1,20\n",
        "id;tags\n1;a,b\n2;c,d\n",
    ],
)
def test_semicolons_are_found_beside_commas(text: str) -> None:
    assert put(text).csv_figures.found["delimiter"] == ";"


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("id,tags,n\n1,a;b,3\n2,c;d,4\n3,e,5\n", ","),
        ("a\tb\n1,5\t2;3\n", "\t"),
        ("id|text\n1|x, y; z\n2|a, b; c\n", "|"),
        ('id,doc\n1,"a;b;c"\n', ","),
        ("name\nx\ny\n", "none"),
        ("a,b\n", ","),
    ],
)
def test_other_delimiters_are_found(text: str, delimiter: str) -> None:
    assert put(text).csv_figures.found["delimiter"] == delimiter


def test_a_doubtful_delimiter_is_said() -> None:
    (advice,) = put("a,b;c\n1,x;y\n").csv_figures.advice
    assert advice.startswith("the delimiter could be")
    assert 'declare "delimiter"' in advice


def test_one_column_of_text_stays_one() -> None:
    assert values("greeting\nhello, world\ngood bye; all\n") == [["hello, world"], ["good bye; all"]]


def test_a_title_above_the_header_is_said() -> None:
    (advice,) = put("Report of May\nid,name\n1,x\n2,y\n").csv_figures.advice
    assert 'declare "skipLines": 1' in advice


def test_backslashes_before_quotes_are_found_out() -> None:
    text = 'id,doc,qty\n1,"say \\"hi\\", you",5\n2,C:\\new,6\n3,"a ""b""",7\n'
    assert values(text) == [[1, 'say "hi", you', 5], [2, "C:\\new", 6], [3, 'a "b"', 7]]
    assert put(text).csv_figures.found["escape"] == "\\"


def test_a_backslash_before_a_line_end_is_part_of_the_value_where_only_quotes_are_escaped() -> None:
    assert values('id,doc\n1,"say \\"hi\\", you"\n2,"C:\\\nnew"\n') == [[1, 'say "hi", you'], [2, "C:\\\nnew"]]


@pytest.mark.parametrize("text", ['a,b\n1,"C:\\dir\\"\n', 'a,b\n"C:\\",2\n"D:\\",3\n'])
def test_a_backslash_at_the_end_of_a_quoted_value_is_part_of_it(text: str) -> None:
    result = put(text)
    assert "escape" not in result.csv_figures.found
    assert any("\\" in str(value) for row in result.rows for value in row.values())


def test_a_declared_backslash_writes_nulls_and_control_characters() -> None:
    text = 'a,b,c\n2,\\N,\\N\n3,a\\tb,"x\\ny"\n4,C:\\\\N,"a\\"b"\n'
    assert values(text, escape="\\") == [[2, None, None], [3, "a\tb", "x\ny"], [4, "C:\\N", 'a"b']]


def test_a_quote_that_swallows_rows_is_refused_with_its_lines() -> None:
    text = 'id\tname\tsize\nB\t"half inch pipe\t2\nC\tnut\t3\nD\tbolt\t4\nE\t2" tape\t5\n'
    with pytest.raises(Rejected, match="opens a field in line 2 is closed in line 5 by one with text behind it"):
        put(text)
    assert [row[1] for row in values(text, quote="")] == ['"half inch pipe', "nut", "bolt", '2" tape']


def test_text_behind_a_closing_quote_is_said() -> None:
    result = put('a,b\n1,"x"\n2,"x"y\n')
    assert [row["b"] for row in result.rows] == ["x", "xy"]
    assert result.csv_figures.found["text_after_quotes"] == 1
    assert "the first one in line 3" in result.csv_figures.advice[0]


@pytest.mark.parametrize("declared", ["cp1252", "utf-16-le", None])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_wins(declared: str | None, encoding: str) -> None:
    assert values("id,ort\n1,Zürich\n".encode(encoding), encoding=declared) == [[1, "Zürich"]]


@pytest.mark.parametrize("encoding", ["gbk", "cp1251", "shift_jis", "euc_kr", "cp1253", "big5"])
def test_other_scripts_are_refused_rather_than_garbled(encoding: str) -> None:
    text = {
        "gbk": "编号,名称\n1,北京\n",
        "big5": "編號,名稱\n1,臺北\n",
        "cp1251": "Имя,Город\nИван,Москва\n",
        "cp1253": "Όνομα,Πόλη\nΝίκος,Αθήνα\n",
        "shift_jis": "名前,都市\nたろう,東京\n",
        "euc_kr": "이름,도시\n홍길동,서울\n",
    }[encoding]
    for above in ("", "id,name\n" + "1,x\n" * 1_000_000):
        with pytest.raises(Rejected, match="neither UTF-8 nor Windows-1252"):
            put(above.encode() + text.encode(encoding))
    assert len(put(text.encode(encoding), encoding=encoding).rows) == 1


def test_windows_1252_is_said() -> None:
    result = put("name,ort\nZoë,Zürich\nJosé,Málaga\n".encode("cp1252"))
    assert result.column("ort") == ["Zürich", "Málaga"]
    assert result.csv_figures.found["encoding"] == "cp1252"
    assert "read as Windows-1252" in result.csv_figures.advice[0]


@pytest.mark.parametrize("sep", ["sep=;\r\n", '"sep=;"\n', "SEP=;\n"])
@pytest.mark.parametrize("end", ["\x1a", "\x1a\r\n", "\r\n\x1a\x1a", ""])
def test_the_first_line_of_excel_and_the_last_of_dos_are_no_data(sep: str, end: str) -> None:
    assert values(f"{sep}a;b\r\n1,5;2\r\n{end}") == [["1,5", 2]]


def test_a_control_z_amid_the_text_is_part_of_it() -> None:
    assert values("a,b\nx\x1ay,2\n") == [["x\x1ay", 2]]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("rows", [2, 300_000])
def test_a_header_repeated_in_the_middle_is_no_row(mark: str, rows: int) -> None:
    result = put("a,b\r\n" + "1,2\r\n" * rows + f'{mark}a,b\r\n{mark}"3",4\r\n')
    assert result.types == {"a": "bigint", "b": "bigint"}
    assert len(result.rows) == rows + 1
    assert result.csv_figures.found["repeated_headers"] == 1


def test_a_row_that_is_like_the_header_in_one_column_is_a_row() -> None:
    assert values("kind,n\nkind,1\nx,n\n") == [["kind", "1"], ["x", "n"]]


def test_a_line_feed_alone_within_a_file_of_dos_keeps_its_rows() -> None:
    result = put(b"a,b,c,d\r\n1,x\ny,2,3\r\n4,four,4,4.5\r\n")
    assert result.csv_figures.found["line_ends"] == "CRLF and LF"
    assert len(result.rows) == 3


@pytest.mark.parametrize("first", ["1,2\n3,4,5\n", "\n1\n3,4,5\n"])
def test_declared_columns_give_the_width_of_a_file_without_header(first: str) -> None:
    columns = tuple(Column(name, "bigint") for name in "abc")
    assert put(first, columns, header=False).rows[-1] == {"a": 3, "b": 4, "c": 5}


@pytest.mark.parametrize(
    "header",
    ['"' + "x\n" * (3 << 19) + '",b', ",".join(f"name_of_column_{i:06}_{'y' * 200}" for i in range(12_000))],
    ids=["quoted", "columns"],
)
def test_a_header_longer_than_the_sample_is_read(header: str) -> None:

    data = f"{header}\n".encode() + b"1,2" + b"," * (header.count(",") - 1) + b"\n"
    file = CsvFile(lambda: io.BytesIO(data), CsvOptions())
    assert file.width == header.count(",") + 1
    assert [block.rows for block in file.map(lambda block: block)] == [1]


@pytest.mark.parametrize("name", ["ORCID", "PAR1", "ORC", "GIF8", "BZh", "Object"])
def test_a_header_may_begin_like_another_format(name: str) -> None:
    assert values(f"{name},x\n1,2\n") == [[1, 2]]


def test_spaces_behind_delimiters_by_declaration() -> None:
    assert values('id, name\n1, "Kim, Lee"\n', skip_initial_space=True) == [[1, "Kim, Lee"]]


def test_comments_by_declaration() -> None:
    text = '# export\nid,name\n# it\'s "x\n1,"a\n# b"\n#2,y\n3,z\n'
    assert values(text, comment="#") == [[1, "a\n# b"], [3, "z"]]


@pytest.mark.parametrize("footer", [1, 2, 5])
@pytest.mark.parametrize("comment", ["", "#"])
@pytest.mark.parametrize("count", [6, 200_000])
def test_records_below_the_header_and_at_the_end_by_declaration(footer: int, comment: str, count: int) -> None:
    rows = [f"{number},{number}" for number in range(count)]
    text = "\n".join(["id,n", "no,pcs", *rows]) + "\n" + "Total,6\n" * footer
    result = put(text, skip_rows=1, skip_footer=footer, comment=comment)
    assert result.types == {"id": "bigint", "n": "bigint"}
    assert result.column("id") == list(range(count))


def test_what_was_found_out_is_short() -> None:
    header = ",".join(f"c{number}" for number in range(5000))
    assert len(str(put(f"{header}\n{header.replace('c', '')}\n").csv_figures.found)) < 500


def test_a_file_that_the_parser_counts_otherwise_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:

    count = pieces.RecordCutter._count
    monkeypatch.setattr(pieces.RecordCutter, "_count", lambda *a, **k: (count(*a, **k)[0], count(*a, **k)[1] + 1))
    with pytest.raises(MiscountError, match="records were counted"):
        put("a,b\n1,2\n3,4\n")
