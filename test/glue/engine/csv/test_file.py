"""A CSV file is read as Python's csv module reads it, whatever it looks like."""

import csv
import gzip
import io
import tracemalloc
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from threading import get_ident
from typing import Any, BinaryIO

import pyarrow as pa
import pytest
from datalake.engine.conversion import Rejected
from datalake.engine.csv import file as csv_input
from datalake.engine.csv import parser as csv_parser
from datalake.engine.csv.file import SAMPLE_BYTES, CsvFile
from datalake.engine.csv.pieces import RecordCutter
from datalake.engine.csv.records import LONGEST_RECORD_BYTES
from datalake.engine.dataset import CsvOptions
from datalake.engine.format import Block
from datalake.engine.streams import ChunkStream
from engine_harness import Lake, small_pieces
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Rows = list[tuple[list[str], list[str]]]


def read(data: bytes | str, threads: int = 1, **options: Any) -> tuple[list[str], Rows]:
    """The header, and each row as its fields (null and empty alike) and its surplus fields."""
    raw = data.encode() if isinstance(data, str) else data
    file = CsvFile(lambda: io.BytesIO(raw), CsvOptions(**options))
    return file.header, list(rows_of(file, threads))


def rows_of(file: CsvFile, threads: int = 1) -> Iterator[tuple[list[str], list[str]]]:
    for block in file.map(lambda block: block, threads=threads):
        columns = [[value or "" for value in column.to_pylist()] for column in block.columns]
        for place, fields in enumerate(zip(*columns, strict=True)):
            yield list(fields), block.surplus.get(place, [])


def expected(text: str, delimiter: str = ",") -> tuple[list[str], Rows]:
    """The same by the csv module, but for what is no data, and for what is refused.

    A quote that stays open swallows the end mark; one that closes a field of several lines has nothing behind it; rows
    that repeat the header are none, and none has its names in another order.
    """
    if closes_amid_text(text, delimiter):
        raise Rejected("records that ran together")
    *records, end = csv.reader(io.StringIO(f"{text}\nEND\n", newline=""), delimiter=delimiter)
    first = next((place for place, record in enumerate(records) if record), None)
    if first is None or end != ["END"]:
        raise Rejected("no record or an open quote")
    header, rows = records[first], records[first + 1 :]
    width = len(header)
    if any(header) and width > 1:
        rows = [row for row in rows if row != header]
    if width > 1 and all(header) and len({*header}) == width and any(sorted(row) == sorted(header) for row in rows):
        raise Rejected("the header in another order")
    if width == 1:
        while rows and not rows[-1]:
            rows.pop()
        rows = [row or [""] for row in rows]
    return header, [([*row, *[""] * width][:width], row[width:]) for row in rows if row]


def closes_amid_text(text: str, delimiter: str) -> bool:
    """True if text follows a quote that closes a field of several lines. Character by character, as nobody reads."""
    state, is_long, place = "begin", False, 0
    while place < len(text):
        character, following = text[place], text[place + 1 : place + 2]
        place += 1
        if state == "quoted":
            if character == '"' == following:
                place += 1
            elif character == '"':
                if is_long and text[place:].lstrip(" ")[:1] not in ("", delimiter, "\r", "\n"):
                    return True
                state = "behind"
            is_long |= character in "\r\n"
        elif state == "begin" and character == '"':
            state, is_long = "quoted", False
        else:
            state = "begin" if character in delimiter + "\r\n" else "behind"
    return False


def fields(data: bytes | str, **options: Any) -> list[list[str]]:
    """Header and rows, none of which is uneven."""
    header, rows = read(data, **options)
    assert not any(surplus for _, surplus in rows)
    return [header, *[row for row, _ in rows]]


def stream(chunks: Iterable[bytes]) -> BinaryIO:
    return io.BufferedReader(ChunkStream(chunks), SAMPLE_BYTES)


TABLE = [["id", "name"], ["1", "Zoë"], ["2", "x"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_found_out(delimiter: str, end: str) -> None:
    assert fields("".join(delimiter.join(row) + end for row in TABLE)) == TABLE


def test_a_last_line_needs_no_end() -> None:
    assert fields("id,name\n1,Zoë\n2,x") == TABLE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_encodings_are_found_out(encoding: str) -> None:
    assert fields("id,name\n1,Zoë\n2,x\n".encode(encoding)) == TABLE


@pytest.mark.parametrize("encoding", ["utf-16-le", "iso8859-15", "cp437", "shift_jis_2004"])
def test_a_declared_encoding_is_taken(encoding: str) -> None:
    assert fields("id,name\n1,Zoë\n2,x\n".encode(encoding), encoding=encoding) == TABLE


def test_windows_1252_may_begin_far_into_the_file() -> None:
    plain = "id,name\n" + f"1,{'x' * 1000}\n" * (3 * SAMPLE_BYTES // 1000)
    *_, last = fields(plain.encode() + "2,€ Zoë\n".encode("cp1252"))
    assert last == ["2", "€ Zoë"]


def test_utf8_that_is_cut_between_two_reads_stays_utf8() -> None:
    rows = [f"1,{'ä€😀' * 99}"] * (8 * SAMPLE_BYTES // 893)  # of 893 bytes, an odd number: all cuts occur
    assert fields("\n".join(["id,name", *rows]))[1:] == [["1", "ä€😀" * 99]] * len(rows)


@pytest.mark.parametrize("padding", [0, 3 * SAMPLE_BYTES])
def test_utf8_with_damaged_bytes_is_refused_rather_than_garbled(padding: int) -> None:
    text = "id,name\n" + "1,Zoë und Zoë\n" * 10 + f"1,{'x' * padding}\n"
    with pytest.raises(Rejected, match="UTF-8 text with bytes that are none"):
        read(text.encode() + b"2,\xff\n")


def test_text_that_is_in_no_encoding_is_refused() -> None:
    with pytest.raises(Rejected, match="neither UTF-8 nor Windows-1252"):
        read(b"id,name\n1,\x81\x8d\n")
    with pytest.raises(Rejected, match="not text in utf-16"):
        read("id,name\n1,x\n".encode("utf-16")[:-1])
    with pytest.raises(Rejected, match="'klingon' declared for its dataset is unknown"):
        read("id\n1\n", encoding="klingon")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('a,b\n"x,y",1\n', "x,y"),
        ('a,b\n"x\ny",1\n', "x\ny"),
        ('a,b\r\n"x\r\ny",1\r\n', "x\r\ny"),
        ('a,b\n"say ""hi""",1\n', 'say "hi"'),
        ('a,b\n5" pipe,1\n', '5" pipe'),
        ('a,b\n"x"y,1\n', "xy"),
        ('a,b\n "x",1\n', ' "x"'),
        ("a,b\n'x',1\n", "'x'"),
        ('a,b\n"",1\n', ""),
        ("a,b\nx\\,1\n", "x\\"),
        ("a,b\nx\x01y,1\n", "x\x01y"),
    ],
)
def test_quotes(text: str, value: str) -> None:
    assert fields(text)[1:] == [[value, "1"]]


@pytest.mark.parametrize("text", ["NULL", "null", "NaN", "nan", "N/A", "#N/A", "NA", "-nan"])
def test_only_an_empty_field_is_null(text: str) -> None:
    assert fields(f"a,b\n{text},1\n") == [["a", "b"], [text, "1"]]


def test_a_declared_quote_and_delimiter() -> None:
    assert fields("a~b\n'x~y'~\"1\n", quote="'", delimiter="~") == [["a", "b"], ["x~y", '"1']]


def test_a_declared_escape_character() -> None:
    text = 'a,b\n"say \\"hi\\"",1\n"back\\\\slash",2\n"doubled ""too""",3\nbare\\,comma,4\n'
    values = ['say "hi"', "back\\slash", 'doubled "too"', "bare,comma"]
    assert fields(text, escape="\\")[1:] == [[value, str(place)] for place, value in enumerate(values, 1)]


def test_short_and_long_rows_keep_their_place() -> None:
    _, rows = read("a,b,c\n1,2,3\n4\n5,6,7,8,9\n10,11,12\n13,14\n")
    assert rows == [
        (["1", "2", "3"], []),
        (["4", "", ""], []),
        (["5", "6", "7"], ["8", "9"]),
        (["10", "11", "12"], []),
        (["13", "14", ""], []),
    ]


def test_more_uneven_rows_than_can_be_kept_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_parser, "_MOST_UNEVEN_ROWS", 100)
    monkeypatch.setattr(csv_input, "BLOCK_BYTES", 64)
    rows = [f"{number},{number}" + ",x" * (number % 7 == 0 or number > 500) for number in range(1000)]
    text = "\n".join(["a,b", *rows])
    assert read(text) == expected(text)


def test_blank_lines_are_no_rows() -> None:
    assert fields("\n\na,b\n\n1,2\n\r\n3,4\n\n\n") == [["a", "b"], ["1", "2"], ["3", "4"]]


def test_blank_lines_within_a_file_of_one_column_are_rows() -> None:
    assert fields('\na\n\n1\n\n\n2\n""\n\n\n') == [["a"], [""], ["1"], [""], [""], ["2"], [""]]


def test_blank_lines_of_one_column_at_the_borders_of_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_input, "BLOCK_BYTES", 16)
    text = "a\n" + "\n" * 50 + "1\n" + "\n" * 50 + "2\n" + "\n" * 50
    assert read(text) == expected(text)


def test_a_second_pass_has_the_same_rows_without_another_look_for_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_input, "BLOCK_BYTES", 16)
    file = CsvFile(lambda: io.BytesIO(b'id,note\r\n1,"a\r\nb"\r\n2,5" pipe\r\n\r\n3,"c"d\r\n\r\n'), CsvOptions())
    first, found, advice = list(rows_of(file)), dict(file.found), list(file.advice)
    assert len(first) > 2

    monkeypatch.delattr(RecordCutter, "pieces")

    assert list(rows_of(file)) == first
    assert (dict(file.found), list(file.advice)) == (found, advice)


def test_declared_lines_above_the_header_are_skipped() -> None:
    text = 'Report "Q1, 2026\r\n# a;comment\r\nid;name\r\n1;Zoë\r\n2;x\r\n'
    assert fields(text, skip_lines=2) == TABLE


def test_skipped_lines_end_as_they_end_in_old_mac_files() -> None:
    assert fields("title\rid,name\r1,Zoë\r2,x\r", skip_lines=1) == TABLE


def test_a_file_without_header() -> None:
    assert fields("1,Zoë\n2,x\n", header=False) == [[], *TABLE[1:]]


def test_a_header_of_several_lines() -> None:
    assert fields('"id\n(key)",name\n1,Zoë\n') == [["id\n(key)", "name"], ["1", "Zoë"]]


@pytest.mark.parametrize("text", ["id,name", "id,name\n", "id,name\r\n\r\n"])
def test_a_header_alone_has_no_rows(text: str) -> None:
    assert read(text) == (["id", "name"], [])


def test_five_thousand_columns() -> None:
    rows = [[f"c{column}" for column in range(5000)], *[[str(row)] * 5000 for row in range(20)]]
    assert fields("\n".join(",".join(row) for row in rows)) == rows


def test_a_record_may_be_longer_than_a_block() -> None:
    long = "x\n" * SAMPLE_BYTES
    assert fields(f'a,b\n1,2\n3,"{long}"\n5,6\n')[1:] == [["1", "2"], ["3", long], ["5", "6"]]


@pytest.mark.parametrize("size", range(12, 30))
def test_an_empty_block_before_the_end_mark(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_input, "BLOCK_BYTES", size)
    monkeypatch.setattr(csv_input, "_BLOCK_BYTES_PER_COLUMN", 1)
    with pytest.raises(Rejected, match="a quote is opened and never closed"):
        read(',\raa,\r",,é', delimiter=",")
    assert read(",\raa,b\r\n\n\n") == (["", ""], [(["aa", "b"], [])])


@pytest.mark.parametrize("size", range(12, 30))
def test_a_quoted_line_end_at_the_border_of_two_blocks(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_input, "BLOCK_BYTES", size)
    monkeypatch.setattr(csv_input, "_BLOCK_BYTES_PER_COLUMN", 1)
    text = 'a,b\r\n1,"x\r\ny"\r\n2,"\r\n"\r\n3,\r\n'
    assert read(text) == expected(text)


def test_rows_before_a_record_longer_than_a_block_are_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_input, "BLOCK_BYTES", 64)
    rows = [f"{number},x" for number in range(100)]
    text = "\n".join(["a,b", *rows, "100," + "y" * 1000, "101,z", "102,z,uneven"])
    assert read(text) == expected(text)


@pytest.mark.parametrize("opening", [b"", b'"'])
def test_a_field_of_100_mb_is_refused(opening: bytes) -> None:
    def source() -> BinaryIO:
        return stream(chain([b"a,b\n1,2\n3," + opening], repeat(b"x" * SAMPLE_BYTES, 100)))

    file = CsvFile(source, CsvOptions())
    with pytest.raises(Rejected, match=f"longer than {LONGEST_RECORD_BYTES >> 20} MiB: a closing quote may be missing"):
        list(rows_of(file))


def test_a_field_too_long_for_the_csv_module_is_refused() -> None:
    text = "a,b\n1," + "x" * (LONGEST_RECORD_BYTES + 1)
    with pytest.raises(Rejected, match="a record is longer than 32 MiB"):
        read(text, escape="\\")


@pytest.mark.parametrize(
    "text",
    ['a,b\n1,"x\n2,y\n', '"a,b\n1,2\n', 'a,b\n1,"', 'a\n"x\n', 'a,b\n1,2,"x\n3,4\n', "a,b\n" + "1,2\n" * 99 + '3,"'],
)
@pytest.mark.parametrize("escape", [None, "\\"])
def test_an_open_quote_is_refused(text: str, escape: str | None) -> None:
    with pytest.raises(Rejected, match="a quote is opened and never closed"):
        read(text, escape=escape)


def test_gzip() -> None:
    whole, rest = gzip.compress(b"id,name\n1,Zo"), gzip.compress("ë\n2,x\n".encode())
    assert fields(whole + rest) == TABLE


def test_gzip_cut_off_or_damaged_is_refused() -> None:
    packed = gzip.compress(b"id,name\n" + bytes(range(48, 58)) * 100)
    for damaged in (packed[:-9], packed[:-4] + b"\0\0\0\0", packed[:20] + b"\xff\xff\xff" + packed[23:]):
        with pytest.raises(Rejected, match="gzip file is damaged or cut off"):
            read(damaged)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n\r\n\n", "only blank lines"),
        (b"\xef\xbb\xbf", "no record"),
        (b"PK\x03\x04\x14\0", "a zip archive or an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook: export it as CSV"),
        (b"PAR1\x15\x04", "a Parquet file"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"BZh91AY&SY", "compressed with bzip2"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n")), "compressed twice"),
        (gzip.compress(b""), "the file is empty"),
        (b"\x7fELF\x02\x01\x01\0\0\0", "binary data"),
        ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16 needs a byte order mark"),
        (b'{"a": 1}\n{"a": 2}\n', "it is no CSV file but JSON"),
        (b'[\n  {"a": 1}\n]', "it is no CSV file but JSON"),
        (b'["a", "b"]', "it is no CSV file but JSON"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "it is no CSV file but XML or HTML"),
        (b"\n<!DOCTYPE html><html>", "it is no CSV file but XML or HTML"),
        (b"<Error><Code>AccessDenied</Code></Error>", "it is no CSV file but XML or HTML"),
    ],
)
def test_what_is_no_csv_file_is_refused_with_its_kind(data: bytes, reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        read(data)


@pytest.mark.parametrize("text", ["{id},[name]\n1,2\n", "<id>,name\n1,2\n", "[id],name\n1,2\n"])
def test_odd_headers_are_no_other_format(text: str) -> None:
    assert len(fields(text)) == 2


def test_the_source_of_a_small_file_is_opened_once() -> None:
    opened = []

    def source() -> BinaryIO:
        opened.append(1)
        return io.BytesIO(b"a,b\n1,2\n")

    file = CsvFile(source, CsvOptions())
    assert list(rows_of(file)) == list(rows_of(file)) == [(["1", "2"], [])]
    assert len(opened) == 1
    assert file.is_small
    assert file.size == 8


def test_a_large_file_is_read_in_bounded_memory() -> None:
    chunk = b"1,some text 123\n" * (SAMPLE_BYTES // 16)
    file = CsvFile(lambda: stream(chain([b"a,b\n"], repeat(chunk, 200))), CsvOptions())
    tracemalloc.start()
    rows = sum(file.map(lambda block: block.rows))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == 200 * SAMPLE_BYTES // 16
    assert peak < 64 * SAMPLE_BYTES  # Arrow reads up to 32 blocks ahead
    assert file.size == 200 * SAMPLE_BYTES + 4


@given(st.text('ab",\n\r é', min_size=1, max_size=100), st.sampled_from([16, 64, 1 << 20]))
@settings(max_examples=500, deadline=None)
def test_every_text_is_read_as_the_csv_module_reads_it(text: str, block_bytes: int) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(csv_input, "BLOCK_BYTES", block_bytes)
        monkeypatch.setattr(csv_input, "_BLOCK_BYTES_PER_COLUMN", 1)
        try:
            wanted = expected(text)
        except Rejected:
            with pytest.raises(Rejected):
                read(text, delimiter=",")
        else:
            assert read(text, delimiter=",") == wanted


@pytest.fixture(name="small_pieces")
def _small_pieces() -> Iterator[None]:
    with small_pieces(16):
        yield


@given(st.text('ab",\n\r é', max_size=200), st.integers(0, 3))
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("small_pieces")
def test_every_text_is_read_in_threads_as_the_csv_module_reads_it(text: str, rows: int) -> None:
    text = "a,b\n" + '"1","x, ""y""\n"\r\n' * rows + text
    try:
        wanted = expected(text)
    except Rejected:
        with pytest.raises(Rejected):
            read(text, threads=2, delimiter=",")
    else:
        assert read(text, threads=2, delimiter=",") == wanted


@pytest.mark.parametrize("bad", ['5" pipe,x', '"5" pipe,x', "y" * 1000 + ",x", '"open'])
@pytest.mark.usefixtures("small_pieces")
def test_rows_before_an_unproved_one_are_given_once(bad: str) -> None:
    text = "a,b\n" + '1,"x"\n' * 50 + f"{bad}\n" + "2,y\n" * 50
    seen: set[int] = set()
    file = CsvFile(lambda: io.BytesIO(text.encode()), CsvOptions())

    def work(block: Block) -> int:
        seen.add(get_ident())
        return block.rows

    if bad == '"open':
        with pytest.raises(Rejected, match="a quote is opened and never closed"):
            list(file.map(work, threads=2))
    else:
        assert read(text, threads=2) == expected(text)
        assert sum(file.map(work, threads=2)) == 101
    assert seen - {get_ident()}, "nothing was read in threads"


def test_an_escaped_line_end_and_an_escaped_n_within_a_text_are_text() -> None:
    lake = Lake(csv=CsvOptions(escape="\\"))
    rows = lake.put('id,text\n1,"a\\\nb"\n2,x\\Ny\n3,\\N\n').rows
    assert [row.get("text") for row in rows] == ["a\nb", "xNy", None]


def test_the_memory_of_a_long_record_goes_back_to_the_system_and_that_of_others_is_kept() -> None:
    def pools_of(text: str) -> list[str]:
        file = CsvFile(lambda: io.BytesIO(text.encode()), CsvOptions())
        return list(file.map(lambda _: pa.default_memory_pool().backend_name))

    usual = pa.default_memory_pool().backend_name
    long, short = f'a,b\n1,"{"x" * (17 << 20)}"\n', "a,b\n1,x\n"
    assert [pools_of(text) for text in (short, long, short)] == [[usual], ["system"], [usual]]
