"""Spark and DuckDB read from the JSON lines and from Parquet the values that Python reads."""

import random
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from datalake.engine.contract import Contract
from datalake.engine.dataset import Column
from engine_harness import Lake, Result

KINDS = ["string", "bigint", "int", "double", "boolean", "date", "timestamp", "decimal(38,10)"]
COLUMNS = [Column(f"c{place}", kind) for place, kind in enumerate(KINDS)]
CHARACTERS = [*map(chr, range(1, 0x180)), *"\u2028\u2029\ufeff€日本語😀", *'"\\\n\r\t,' * 20]
Rows = list[tuple[Any, ...]]


def random_csv() -> str:
    """Rows of every type with the extreme values, nulls, misfits and every odd character."""
    pick = random.Random(7)

    def text() -> str:
        return "".join(pick.choices(CHARACTERS, k=pick.randint(0, 9)))

    values: list[Callable[[], str]] = [
        text,
        lambda: str(pick.choice([2**63 - 1, -(2**63), pick.randrange(10**6)])),
        lambda: str(pick.choice([2**31 - 1, -(2**31), 0])),
        lambda: repr(pick.choice([5e-324, 1.7976931348623157e308, 0.1 + 0.2, 1e22, -0.0, pick.random()])),
        lambda: pick.choice(["true", "false"]),
        lambda: f"{pick.choice([1600, 1970, 2024, 9999])}-{pick.randint(1, 12):02}-{pick.randint(1, 28):02}",
        lambda: f"{pick.choice([1970, 2024, 9999])}-01-02 03:04:05.{pick.randrange(1000):03}",
        lambda: f"{pick.randrange(10**27)}.{pick.randrange(10**10):010}",
    ]
    rows = [[pick.choice([make(), make(), make(), "", text()]) for make in values] for _ in range(2000)]
    lines = [[column.name for column in COLUMNS], *rows]
    return "\n".join(",".join('"' + field.replace('"', '""') + '"' for field in line) for line in lines)


@pytest.fixture(scope="module")
def result() -> Result:
    made = Lake(COLUMNS).put(random_csv())
    assert made.csv_figures.values_rescued > 1000
    assert all(made.csv_figures.rescued_by_column[column.name] for column in COLUMNS[1:])
    return made


@pytest.fixture(scope="module")
def files(result: Result, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("files")
    (folder / "a.json").write_text(result.text, newline="")
    (folder / "a.parquet").write_bytes(result.parquet)
    return {"json": str(folder / "a.json"), "parquet": str(folder / "a.parquet")}


def expected(result: Result, names: list[str]) -> Rows:
    return [tuple(row[name] for name in names) for row in result.table.to_pylist()]


def in_json(contract: Contract) -> list[Column]:
    """The columns of the JSON lines: the file and its version are only in Parquet."""
    return contract.table_columns()[:-2]


def test_duckdb_reads_parquet(result: Result, files: dict[str, str]) -> None:
    names = result.table.column_names
    assert duckdb.sql(f"from read_parquet('{files['parquet']}')").columns == names
    assert duckdb.read_parquet(files["parquet"]).fetchall() == expected(result, names)


def test_duckdb_reads_the_json_lines(result: Result, files: dict[str, str]) -> None:
    columns = in_json(result.contract)
    types = ", ".join(f"'{column.name}': '{column.type}'" for column in columns)
    relation = duckdb.sql(f"from read_json('{files['json']}', format='newline_delimited', columns={{{types}}})")
    assert relation.fetchall() == expected(result, [column.name for column in columns])


def test_spark_reads_parquet(spark: Any, result: Result, files: dict[str, str]) -> None:
    frame = spark.read.parquet(files["parquet"])
    types = [column.type.replace("timestamp", "timestamp_ntz") for column in result.contract.table_columns()]
    assert [kind for _, kind in frame.dtypes] == types
    assert list(map(tuple, frame.collect())) == expected(result, result.table.column_names)


def test_spark_reads_the_json_lines(spark: Any, result: Result, files: dict[str, str]) -> None:
    columns = in_json(result.contract)
    schema = ", ".join(f"{column.name} {column.type.replace('timestamp', 'timestamp_ntz')}" for column in columns)
    frame = spark.read.schema(schema).json(files["json"])
    assert list(map(tuple, frame.collect())) == expected(result, [column.name for column in columns])


def test_duckdb_finds_rows_by_the_statistics(result: Result, files: dict[str, str]) -> None:
    wanted = sum(value == 2**31 - 1 for value in result.column("c2"))
    assert len(duckdb.read_parquet(files["parquet"]).filter("c2 > 2147483646").fetchall()) == wanted


def test_duckdb_reads_the_statistics_of_every_column(result: Result, files: dict[str, str]) -> None:
    found = duckdb.sql(f"from parquet_metadata('{files['parquet']}')")
    found = found.select("path_in_schema, stats_min_value, stats_max_value, stats_null_count, compression")
    statistics = {name: values for name, *values in found.fetchall()}
    for column in result.contract.table_columns():
        low, high, nulls, compression = statistics[column.name]
        rows = duckdb.read_parquet(files["parquet"])
        wanted = rows.aggregate(f"min({column.name}), max({column.name}), count(*) - count({column.name})").fetchone()
        typed = duckdb.execute(f"select $1::{column.type}, $2::{column.type}", [low, high]).fetchone() or ()
        assert (*typed, nulls) == wanted, column
        assert compression == "ZSTD"


@dataclass
class Footer:
    """A Parquet file's footer and page index, as parquet-java reads them, which Spark and Trino are built upon."""

    spark: Any
    path: str

    def open(self, condition: Any = None) -> Any:
        """A reader of the file."""
        parquet = self.spark._jvm.org.apache.parquet
        path = self.spark._jvm.org.apache.hadoop.fs.Path(self.path)
        file = parquet.hadoop.util.HadoopInputFile.fromPath(path, self.spark._jsc.hadoopConfiguration())
        options = parquet.ParquetReadOptions.builder()
        if condition:
            options = options.withRecordFilter(parquet.filter2.compat.FilterCompat.get(condition))
        return parquet.hadoop.ParquetFileReader.open(file, options.build())

    def rows_left(self, column: str, text: str) -> int:
        """The rows of the pages that may have a text in a column, by the page index."""
        parquet = self.spark._jvm.org.apache.parquet
        value = parquet.io.api.Binary.fromString(text)
        is_equal = parquet.filter2.predicate.FilterApi.eq(
            parquet.filter2.predicate.FilterApi.binaryColumn(column), value
        )
        with closing(self.open(is_equal)) as reader:
            rows: int = reader.getFilteredRecordCount()
            return rows


def test_spark_reads_the_statistics_and_the_page_index_of_every_column(
    spark: Any, result: Result, files: dict[str, str]
) -> None:
    with closing(Footer(spark, files["parquet"]).open()) as reader:
        (group,) = reader.getRowGroups()
        chunks = {chunk.getPath().toDotString(): chunk for chunk in group.getColumns()}
        assert list(chunks) == result.table.column_names
        for name, chunk in chunks.items():
            nulls = result.table.column(name).null_count
            pages, places = reader.readColumnIndex(chunk), reader.readOffsetIndex(chunk)
            assert chunk.getStatistics().getNumNulls() == sum(pages.getNullCounts()) == nulls
            assert len(pages.getNullCounts()) == places.getPageCount()
            assert chunk.getStatistics().hasNonNullValue()
            assert places.getFirstRowIndex(0) == 0


def test_spark_passes_over_pages_by_the_page_index_and_reads_the_right_rows(spark: Any, tmp_path: Path) -> None:
    header = "key,number,few,price,text,flag,year_\n"
    numbers = [f"k{n:06},{n},{n // 9},{n}.5" for n in range(50_000)]
    others = [f"text {n},{str(n % 2 == 0).lower()},{2000 + n // 25}" if n % 9 else ",," for n in range(50_000)]
    rows = "".join(f"{first},{more}\n" for first, more in zip(numbers, others, strict=True))
    path = tmp_path / "a.parquet"
    result = Lake().put(header + rows)
    path.write_bytes(result.parquet)
    footer, frame = Footer(spark, str(path)), spark.read.parquet(str(path))
    wanted = result.table
    for row in range(250, 50_000, 2048):  # Spark reads 4,096 rows at once: pages end with such a batch, and within one
        key = f"k{row:06}"
        assert 0 < footer.rows_left("key", key) < 10_000
        (found,) = frame.filter(f"key = '{key}'").collect()
        assert found.asDict() == wanted.slice(row, 1).to_pylist()[0]
    assert footer.rows_left("key", "absent") == 0
