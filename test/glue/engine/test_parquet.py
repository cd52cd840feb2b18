"""The Parquet files have what Athena needs to read little of them, and exactly the declared types."""

import io
import random
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datalake.engine import parquet as parquet_output
from datalake.engine.contract import arrow_schema
from datalake.engine.dataset import Column
from datalake.engine.parquet import ParquetOutput
from engine_harness import Lake

TYPES = {
    "string": "BYTE_ARRAY String",
    "bigint": "INT64 None",
    "int": "INT32 None",
    "double": "DOUBLE None",
    "boolean": "BOOLEAN None",
    "date": "INT32 Date",
    "timestamp": "INT64 Timestamp(isAdjustedToUTC=false, timeUnit=milliseconds, is_from_converted_type=false, "
    "force_set_converted_type=false)",
    "decimal(10,2)": "FIXED_LEN_BYTE_ARRAY Decimal(precision=10, scale=2)",
    "decimal(38,18)": "FIXED_LEN_BYTE_ARRAY Decimal(precision=38, scale=18)",
}
DECLARED = [Column(f"c{place}", kind) for place, kind in enumerate(TYPES)]


def opened(data: bytes) -> pq.ParquetFile:
    return pq.ParquetFile(pa.BufferReader(data))


def parquet_types(data: bytes) -> list[str]:
    schema = opened(data).schema
    columns = [schema.column(place) for place in range(len(TYPES))]
    return [f"{column.physical_type} {column.logical_type}" for column in columns]


@pytest.mark.parametrize(
    "values",
    ["x,1,2,3.5,true,2024-01-01,2024-01-01T01:02:03,1.5,2", ",,,,,,,,", ",x,x,x,x,x,x,x,x"],
)
def test_the_types_are_the_tables_whatever_the_values(values: str) -> None:
    header = ",".join(column.name for column in DECLARED)
    result = Lake(DECLARED).put(f"{header}\n{values}\n")
    assert parquet_types(result.parquet) == list(TYPES.values())


def test_a_file_without_rows_has_the_types_too() -> None:
    result = Lake(DECLARED).put(",".join(column.name for column in DECLARED))
    assert parquet_types(result.parquet) == list(TYPES.values())
    assert result.table.num_rows == 0


def test_every_column_has_zstd_statistics_and_a_page_index() -> None:
    result = Lake().put("a,b,c\n" + "".join(f"{number},text {number},{number}.5\n" for number in range(1000)))
    group = opened(result.parquet).metadata.row_group(0)
    for place in range(group.num_columns):
        column = group.column(place)
        assert column.compression == "ZSTD"
        assert column.has_column_index
        assert column.has_offset_index
        assert column.is_stats_set
    statistics = group.column(0).statistics
    assert statistics
    assert (statistics.min, statistics.max, statistics.null_count) == (0, 999, 0)


def test_the_size_of_a_page_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    def file_size(page_bytes: int) -> int:
        monkeypatch.setattr(parquet_output, "PAGE_BYTES", page_bytes)
        return len(Lake().put("a\n" + "".join(f"{number}\n" for number in range(50_000))).parquet)

    # Each page has a header, and its entry in the page index.
    assert file_size(8 << 10) > file_size(64 << 10) > file_size(1 << 20)


def test_a_dictionary_is_for_values_that_are_alike() -> None:
    rows = "".join(
        f"{number},{number % 7},text {number},{'ab'[number % 2]},{number % 7}.5\n" for number in range(50_000)
    )
    result = Lake().put("id,few,text,kind,price\n" + rows)
    group = opened(result.parquet).metadata.row_group(0)
    columns = {group.column(place).path_in_schema: group.column(place) for place in range(group.num_columns)}
    assert [name for name in ("few", "kind", "price", "_source_file") if columns[name].has_dictionary_page] == [
        "few",
        "kind",
        "price",
        "_source_file",
    ]
    assert not columns["id"].has_dictionary_page
    assert not columns["text"].has_dictionary_page
    assert result.column("id") == list(range(50_000))


def test_values_of_which_few_are_alike_have_no_dictionary() -> None:
    pick = random.Random(1)
    result = Lake().put("zip\n" + "".join(f"X{pick.randrange(100_000)}\n" for _ in range(50_000)))
    assert not result.metadata.row_group(0).column(0).has_dictionary_page


def test_row_groups_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_output, "ROW_GROUP_BYTES", 1 << 20)
    sink, schema = io.BytesIO(), pa.schema([("a", pa.int64())])
    table = pa.table({"a": range(10_000)}, schema)  # of 80 kB
    with ParquetOutput(sink, schema) as output:
        for _ in range(100):
            output.write(table)
    file = opened(sink.getvalue())
    rows = [file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)]
    assert rows == [130_000] * 7 + [90_000]
    assert file.read(use_threads=False).column("a").to_pylist() == [*range(10_000)] * 100


def test_row_groups_of_thousands_of_columns_count_what_each_array_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_output, "ROW_GROUP_BYTES", 8 << 20)
    sink, schema = io.BytesIO(), pa.schema([(f"c{column}", pa.int64()) for column in range(2000)])
    table = pa.table([pa.array(range(10))] * 2000, schema=schema)  # of 160 kB in 2,000 arrays
    with ParquetOutput(sink, schema) as output:
        for _ in range(10):
            output.write(table)
    file = opened(sink.getvalue())
    assert [file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)] == [40, 40, 20]


def test_a_table_of_another_type_is_refused() -> None:
    with (
        pytest.raises(ValueError, match="schema does not match"),
        ParquetOutput(io.BytesIO(), pa.schema([("a", pa.int64())])) as output,
    ):
        output.write(pa.table({"a": ["x"]}))


def test_a_failure_leaves_no_complete_file() -> None:
    sink = io.BytesIO()
    schema = arrow_schema([Column("a", "int")])

    def write() -> None:
        with ParquetOutput(sink, schema) as output:
            output.write(pa.table({"a": [1]}, schema))
            raise KeyError

    with pytest.raises(KeyError):
        write()
    with pytest.raises(pa.ArrowInvalid):
        opened(sink.getvalue())


def test_decimals_keep_their_last_digit() -> None:
    result = Lake([Column("a", "decimal(38,18)")]).put("a\n12345678901234567890.123456789012345678\n")
    assert result.column("a") == [Decimal("12345678901234567890.123456789012345678")]
