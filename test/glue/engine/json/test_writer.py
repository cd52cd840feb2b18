"""Rows become JSON lines that Python's json reads back to the same values, and so does Arrow."""

import json
from typing import Any

import pyarrow as pa
import pytest
from datalake.engine.conversion import Rejected
from datalake.engine.dataset import Column
from datalake.engine.json import writer as json_lines
from datalake.engine.json.reader import decode, whole_lines
from datalake.engine.json.writer import Member, encode
from hypothesis import given, settings
from hypothesis import strategies as st

CONSTANT = '"_schema_version":1'
TEXTS = st.none() | st.text(max_size=20)


def objects(columns: dict[str, list[str | None]], rows: int, constant: str = CONSTANT) -> list[dict[str, Any]]:
    members = [Member(name, pa.array(texts, pa.string())) for name, texts in columns.items()]
    lines = b"".join(encode(members, constant, rows)).decode()
    assert lines.endswith("\n") or not rows
    return [json.loads(line) for line in lines.split("\n")[:-1]]


def expected(columns: dict[str, list[str | None]], rows: int) -> list[dict[str, Any]]:
    filled = [{name: texts[row] for name, texts in columns.items() if texts[row] is not None} for row in range(rows)]
    return [row | {"_schema_version": 1} for row in filled]


@given(
    st.integers(0, 5).flatmap(
        lambda rows: st.tuples(
            st.just(rows),
            st.dictionaries(st.text(max_size=5), st.lists(TEXTS, min_size=rows, max_size=rows), max_size=4),
        )
    )
)
@settings(max_examples=500, deadline=None)
def test_python_reads_back_what_was_written(table: tuple[int, dict[str, list[str | None]]]) -> None:
    rows, columns = table
    assert objects(columns, rows) == expected(columns, rows)


def test_rows_that_would_be_too_many_bytes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "_LITERAL_BYTES", 100)
    columns: dict[str, list[str | None]] = {"a": [str(row) for row in range(50)], "b": [None, '"'] * 25}
    members = [Member(name, pa.array(texts, pa.string())) for name, texts in columns.items()]
    assert len(list(encode(members, CONSTANT, 50))) > 10
    assert objects(columns, 50) == expected(columns, 50)


def test_every_character_there_is_comes_through() -> None:
    characters: list[str | None] = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    assert objects({"a": characters}, len(characters)) == expected({"a": characters}, len(characters))


def test_escapes_within_a_slice_of_an_array() -> None:
    texts = pa.array(["skipped", 'a"\\\n', None, "plain", "\x00\x1f", "skipped"])[1:5]
    lines = b"".join(encode([Member("a", texts)], CONSTANT, 4)).decode().splitlines()
    assert [json.loads(line).get("a") for line in lines] == ['a"\\\n', None, "plain", "\x00\x1f"]


@pytest.mark.parametrize(
    ("texts", "rows", "changed"),
    [(["a", 'b"', None, "c\n"], [1, 3], ['b\\"', "c\\n"]), (["a", None], [], []), ([], [], [])],
)
def test_only_texts_that_need_it_are_escaped(texts: list[str | None], rows: list[int], changed: list[str]) -> None:
    found, escaped = json_lines.escape(pa.array(texts, pa.string()))
    assert (found.tolist(), escaped.to_pylist()) == (rows, changed)


@given(st.lists(TEXTS | st.text('a"\n', max_size=9), max_size=9), st.integers(1, 12))
def test_texts_are_escaped_however_many_bytes_are_looked_at_at_once(texts: list[str | None], at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_lines, "_BYTES_AT_ONCE", at_once)
        escaped = json_lines.escaped(pa.array(["before", *texts], pa.string())[1:])
    assert escaped.to_pylist() == [
        text if text is None else json.dumps(text, ensure_ascii=False)[1:-1] for text in texts
    ]


def test_numbers_stand_without_quotes_and_nulls_not_at_all() -> None:
    members = [
        Member("n", pa.array(["1", None]), is_number=True),
        Member("é", pa.array(["x", "y"])),
    ]
    assert b"".join(encode(members, CONSTANT, 2)).decode() == (
        '{"n":1,"\\u00e9":"x","_schema_version":1}\n{"\\u00e9":"y","_schema_version":1}\n'
    )


def test_rows_without_any_member_are_still_rows() -> None:
    assert objects({}, 2) == [{"_schema_version": 1}] * 2


def test_five_thousand_members() -> None:
    columns: dict[str, list[str | None]] = {f"c{column}": ["x", None] for column in range(5000)}
    assert objects(columns, 2) == expected(columns, 2)


COLUMNS = [Column("a", "string"), Column("_schema_version", "int")]


@given(st.lists(TEXTS, max_size=8), st.integers(1, 60))
@settings(max_examples=300, deadline=None)
def test_arrow_reads_back_what_was_written_however_it_is_cut(texts: list[str | None], size: int) -> None:
    lines = b"".join(encode([Member("a", pa.array(texts, pa.string()))], CONSTANT, len(texts)))
    chunks = [lines[start : start + size] for start in range(0, len(lines), size)]
    tables = list(decode(chunks, COLUMNS))
    assert [text for table in tables for text in table.column("a").to_pylist()] == texts


def test_types_come_back_exactly() -> None:
    line = (
        '{"i":9223372036854775807,"d":0.30000000000000004,"b":true,"day":"0001-01-01","at":"9999-12-31T23:59:59.999",'
        '"n":"-99999999999999999999999999999999999.999"}\n'
    )
    kinds = ["bigint", "double", "boolean", "date", "timestamp", "decimal(38,3)", "date"]
    names = ["i", "d", "b", "day", "at", "n", "absent"]
    (table,) = decode([line.encode()], [Column(name, kind) for name, kind in zip(names, kinds, strict=True)])
    types: dict[str, pa.DataType] = {
        "i": pa.int64(),
        "d": pa.float64(),
        "b": pa.bool_(),
        "day": pa.date32(),
        "at": pa.timestamp("ms"),
        "n": pa.decimal128(38, 3),
        "absent": pa.date32(),
    }
    assert table.schema == pa.schema(types)
    assert [str(value) for value in table.to_pylist()[0].values()] == [
        "9223372036854775807",
        "0.30000000000000004",
        "True",
        "0001-01-01",
        "9999-12-31 23:59:59.999000",
        "-99999999999999999999999999999999999.999",
        "None",
    ]


@pytest.mark.parametrize(("columns", "tables"), [(1, 2), (2000, 1)])
def test_wide_rows_are_read_in_larger_blocks(columns: int, tables: int) -> None:
    line = json.dumps({"c0": "x" * (1 << 20)}).encode() + b"\n"
    names = [Column(f"c{place}", "string") for place in range(columns)]
    assert len(list(decode([line] * 7, names))) == tables


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1}\n',
        b'{"a":"x","b":1}\n',
        b'{"a":"x"\n',
        b'[{"a":"x"}]\n',
        b"a,b\n1,2\n",
        b'{"a":"\xff"}\n',
        b'{"a":"x"}\n{"_schema_version":99999999999}\n',
    ],
)
def test_what_is_not_written_by_the_lake_is_refused(data: bytes) -> None:
    with pytest.raises(Rejected, match="not JSON lines as process_csv writes them"):
        list(decode([data], COLUMNS))


@given(st.lists(st.binary(max_size=8).map(lambda data: data.replace(b"\r", b"\n"))), st.integers(0, 20))
def test_blocks_end_with_a_line_and_lose_nothing(chunks: list[bytes], at_least: int) -> None:
    blocks = list(whole_lines(chunks, at_least))
    assert all(block.endswith(b"\n") for block in blocks[:-1])
    assert [line for line in b"".join(blocks).split(b"\n") if line.strip()] == [
        line for line in b"".join(chunks).split(b"\n") if line.strip()
    ]
