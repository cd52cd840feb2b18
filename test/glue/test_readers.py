"""Spark and DuckDB read from the JSON lines and from Parquet the values that Python reads."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from datalake.contract import Contract
from datalake.dataset import Column
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


def test_both_read_integers_that_are_stored_as_differences(spark: Any, tmp_path: Path) -> None:
    numbers = [random.Random(3).randrange(-(2**63), 2**63) for _ in range(3)] * 2 + list(range(30_000))
    result = Lake().put("a,b\n" + "".join(f"{number},x\n" for number in numbers))
    path = tmp_path / "a.parquet"
    path.write_bytes(result.parquet)
    assert "DELTA_BINARY_PACKED" in result.metadata.row_group(0).column(0).encodings
    assert [row[0] for row in duckdb.read_parquet(str(path)).fetchall()] == numbers
    assert [row.a for row in spark.read.parquet(str(path)).collect()] == numbers


def test_duckdb_finds_rows_by_the_statistics(result: Result, files: dict[str, str]) -> None:
    wanted = sum(value == 2**31 - 1 for value in result.column("c2"))
    assert len(duckdb.read_parquet(files["parquet"]).filter("c2 > 2147483646").fetchall()) == wanted
