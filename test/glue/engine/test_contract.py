"""A dataset's contract only ever grows, so that every old Parquet file stays readable under every later version."""

import json
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datalake.engine.contract import Contract, arrow_schema, evolve, known_columns
from datalake.engine.dataset import Column, Dataset, read_datasets
from datalake.engine.headers import LONGEST_NAME, column_names
from engine_harness import LAKE_NAMES, Lake
from hypothesis import given, settings
from hypothesis import strategies as st

A, B, C = Column("a", "bigint"), Column("b", "string"), Column("c", "date")


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (["id", "Customer ID", " order_ts ", "unitPrice"], ["id", "customer_id", "order_ts", "unitprice"]),
        (["Unit Price (€)", "Größe", "%", "Crème brûlée"], ["unit_price", "grosse", "column_3", "creme_brulee"]),
        (["", "  ", "a"], ["column_1", "column_2", "a"]),
        (["id", "ID", "Id ", "id_2"], ["id", "id_2", "id_3", "id_2_2"]),
        (["year", "Month", "Year"], ["year_", "month_", "year_2"]),
        (["_processed_at", "_rescued_data"], ["processed_at", "rescued_data"]),
        (["a\nb", "a;b", 'a"b'], ["a_b", "a_b_2", "a_b_3"]),
        (["2024"], ["2024"]),
    ],
)
def test_names_are_plain_and_unique(header: list[str], names: list[str]) -> None:
    assert column_names(header) == names


def test_a_compatibility_form_of_a_capital_is_lower_case_too() -> None:
    assert column_names(["ᴬ"]) == ["a"]


def test_names_without_ascii_letters_follow_the_text_not_the_position() -> None:
    first, second = column_names(["価格", "数量"])
    assert column_names(["数量", "価格"]) == [second, first]
    assert first != second


@given(st.lists(st.text(max_size=8) | st.sampled_from(["a", "A", "a_2", "year", "x" * 300, "x" * 299]), max_size=12))
@settings(max_examples=500)
def test_any_header_gives_names_that_athena_takes(header: list[str]) -> None:
    names = column_names(header)
    assert len(names) == len(header) == len(set(names))
    for name in names:
        assert name.isascii()
        assert name.replace("_", "a").isalnum()
        assert name == name.lower()
        assert not name.startswith("_")
        assert len(name) <= LONGEST_NAME + 10
        assert name not in ("year", "month")


def test_a_new_contract_has_the_declared_columns_first() -> None:
    assert evolve(None, [B], [A, B]) == Contract(1, (B, A))


def test_what_is_known_makes_no_new_version() -> None:
    contract = Contract(3, (A, B))
    assert evolve(contract, [], [Column("a", "string")]) is contract


def test_new_columns_make_the_next_version_at_the_end() -> None:
    assert evolve(Contract(3, (B,)), [A], [C]) == Contract(4, (B, A, C))


def test_a_contract_survives_its_own_writing() -> None:
    contract = Contract(2, (A, Column("d", "decimal(10,2)", required=True), Column("e", "int", header="E (€)")))
    read = Contract.from_dict(contract.to_dict() | {"created_at": "x"})
    assert read == contract
    assert [column.header for column in read.columns] == [A.header, None, "E (€)"]  # equality leaves the header out


def test_a_declared_column_keeps_the_header_that_a_file_gave_it_unless_it_declares_another() -> None:
    declared = (Column("a", "int"), Column("b", "int", header="Declared B"))
    agreed = (Column("b", "bigint", header="B"), Column("a", "bigint", header="A"), Column("c", "date", header="C"))

    known = known_columns(Dataset("d", declared), Contract(1, agreed))

    found = [(name, column.type, column.header) for name, column in known.items()]
    assert found == [("a", "int", "A"), ("b", "int", "Declared B"), ("c", "date", "C")]
    assert known_columns(Dataset("d", declared), None) == {"a": declared[0], "b": declared[1]}


def test_two_files_that_both_add_columns_agree_on_one_order() -> None:
    seen_first = evolve(Contract(1, (A,)), [], [B])
    assert evolve(seen_first, [], [C, B]) == Contract(3, (A, B, C))


def test_integers_first_decimals_later() -> None:
    lake = Lake()
    lake.put("a,b\n1,x\n2,y\n")
    later = lake.put("a,b\n1.5,z\n3,w\n")
    assert later.types == {"a": "bigint", "b": "string"}
    assert later.rows == [{"a": None, "b": "z"}, {"a": 3, "b": "w"}]
    assert later.rescued == [{"a": "1.5"}, None]
    assert later.csv_figures.rescued_by_column == {"a": 1}


def test_a_column_without_values_gets_its_type_from_the_first_file_that_has_some() -> None:
    lake = Lake()
    assert lake.put("a,b\n1,\n2, \n").types == {"a": "bigint"}
    assert lake.put("a,b\n3,4\n").types == {"a": "bigint", "b": "bigint"}
    assert lake.contract == Contract(2, (A, Column("b", "bigint")))


def test_a_missing_column_is_null() -> None:
    lake = Lake()
    lake.put("a,b\n1,x\n")
    assert lake.put("b\ny\n").rows == [{"a": None, "b": "y"}]


def test_a_declaration_does_not_change_a_type_that_data_has() -> None:
    lake = Lake()
    lake.put("a\n1\n")
    lake.columns = [Column("a", "decimal(10,2)")]
    later = lake.put("a\n007\n1.5\n")
    assert later.rows == [{"a": 7}, {"a": None}]
    assert later.rescued == [None, {"a": "1.5"}]


VALUES = {
    "bigint": st.integers(-(2**63), 2**63 - 1).map(str),
    "double": st.floats(allow_nan=False, allow_infinity=False).map(repr),
    "date": st.dates().map(str),
    "timestamp": st.datetimes().map(lambda value: value.isoformat(timespec="milliseconds")),
    "string": st.text('abc 1.-"\n', max_size=5),
    "null": st.just(""),
}


@st.composite
def csv_files(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """A file with some of five columns, each of one kind in this file, mostly."""
    header = draw(st.lists(st.sampled_from("abcde"), min_size=1, max_size=4, unique=True))
    kinds = [draw(st.sampled_from([*VALUES])) for _ in header]
    row = st.tuples(*[VALUES[kind] | st.just("") for kind in kinds]).map(list)
    return header, draw(st.lists(row, max_size=4))


def as_csv(header: list[str], rows: list[list[str]]) -> str:
    return "\n".join(",".join('"' + text.replace('"', '""') + '"' for text in row) for row in [header, *rows])


def table_of(files: list[bytes], contract: Contract) -> pa.Table:
    """All files under the newest contract, as Athena reads them: by name, and only where the type is the table's."""
    schema = arrow_schema(contract.table_columns())
    tables = []
    for data in files:
        table = pq.ParquetFile(pa.BufferReader(data)).read(use_threads=False)
        for member in table.schema:
            assert member.type == schema.field(member.name).type
        absent = [member for member in schema if member.name not in table.schema.names]
        for member in absent:
            table = table.append_column(member, pa.nulls(table.num_rows, member.type))
        tables.append(table.select(schema.names))
    return pa.concat_tables(tables)


def is_kept(text: str, value: Any, rescued: str | None) -> bool:
    """The text is in the table, or in the rescued data, and never in both."""
    if not text.strip():
        return value is None and rescued is None
    if value is None:
        return rescued == text
    if isinstance(value, datetime):
        return rescued is None and value == datetime.fromisoformat(text)
    return rescued is None and (value == float(text) if isinstance(value, float) else str(value) == text.strip())


@given(st.lists(csv_files(), min_size=1, max_size=5), st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_table_reads_everything_after_every_step(
    files: list[tuple[list[str], list[list[str]]]], known: bool
) -> None:
    lake, written, expected = Lake(), list[bytes](), list[dict[str, str]]()
    types: dict[str, str] = {}
    for header, rows in files:
        result = lake.put(as_csv(header, rows), known=known)
        written.append(result.parquet)
        expected += [dict(zip(header, row, strict=True)) for row in rows if len(header) > 1 or row]
        assert types.items() <= result.types.items()  # no column goes, none changes
        assert list(result.types)[: len(types)] == list(types)
        types = result.types
        table = table_of(written, result.contract)
        assert table.num_rows == len(expected)
        for texts, row in zip(expected, table.to_pylist(), strict=True):
            rescued = json.loads(row["_rescued_data"] or "{}")
            for name, text in texts.items():
                assert is_kept(text, row.get(name), rescued.get(name)), (name, text, row)
            assert all(row[name] is None for name in types if name not in texts)


def test_the_lakes_own_columns_stand_behind_the_datas() -> None:
    assert Lake().put("b,a\n1,2\n").table.column_names == ["b", "a", *LAKE_NAMES]


def test_declarations_are_read_from_the_databases_parameter() -> None:
    text = '{"orders": {"columns": [{"name": "a", "type": "int", "required": true}], "csv": {"skipLines": 2}}, "x": {}}'
    datasets = read_datasets(text)
    assert datasets["orders"].columns == (Column("a", "int", required=True),)
    assert datasets["orders"].csv.skip_lines == 2
    assert datasets["x"].columns == ()
    assert read_datasets(None) == {}


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="column 'a' has the unknown type 'float'"):
        Column("a", "float")
