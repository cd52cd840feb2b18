"""The substitute for Athena finds what Athena would find and rejects what Athena could not read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from demo.query import Catalog, UnreadableError

COLUMNS = {"id": "bigint", "name": "string"}
PARTITIONS = [{"Name": "year", "Type": "int"}, {"Name": "month", "Type": "int"}]


def table(name: str = "orders", columns: dict[str, str] | None = None, **parameters: str) -> dict[str, Any]:
    folder = "analytics-ready/" + ("" if name == "analytics_ready" else f"{name}/")
    return {
        "Name": name,
        "PartitionKeys": PARTITIONS,
        "StorageDescriptor": {
            "Columns": [{"Name": n, "Type": t} for n, t in (columns or COLUMNS).items()],
            "Location": f"s3://bucket/{folder}",
        },
        "Parameters": {
            "projection.enabled": "true",
            "projection.year.type": "integer",
            "projection.year.range": "2020,2030",
            "projection.month.type": "integer",
            "projection.month.range": "1,12",
            "projection.month.digits": "2",
            "storage.location.template": f"s3://bucket/{folder}year=${{year}}/month=${{month}}/",
            **{key.replace("__", "."): value for key, value in parameters.items()},
        },
    }


def put(mirror: Path, key: str, columns: Mapping[str, Any]) -> None:
    path = mirror / "analytics-ready" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(columns)), path)


ROWS = {"id": pa.array([1, 2]), "name": pa.array(["a", "b"])}


def test_rows_come_with_the_values_of_their_partition(tmp_path: Path) -> None:
    put(tmp_path, "orders/year=2026/month=01/a.parquet", ROWS)
    put(tmp_path, "orders/year=2026/month=11/b.parquet", {"id": pa.array([3])})

    catalog = Catalog("lake_acme_dev", [table()], tmp_path)

    names, rows = catalog.sql("SELECT * FROM lake_acme_dev.orders ORDER BY id")
    assert names == ["id", "name", "year", "month"]
    assert rows == [(1, "a", 2026, 1), (2, "b", 2026, 1), (3, None, 2026, 11)]


def test_a_table_without_files_is_empty(tmp_path: Path) -> None:
    assert Catalog("db", [table()], tmp_path).sql("SELECT count(*) FROM orders")[1] == [(0,)]


def test_the_root_table_does_not_read_the_datasets_below_it(tmp_path: Path) -> None:
    put(tmp_path, "orders/year=2026/month=01/a.parquet", ROWS)
    put(tmp_path, "year=2026/month=01/b.parquet", {"id": pa.array([7])})

    catalog = Catalog("db", [table(), table("analytics_ready")], tmp_path)

    assert catalog.sql("SELECT id FROM analytics_ready")[1] == [(7,)]


@pytest.mark.parametrize(
    "key",
    [
        "orders/year=2026/month=1/a.parquet",
        "orders/year=2019/month=01/a.parquet",
        "orders/a.parquet",
        "orders/year=2026/month=01/_a.parquet",
        "orders/year=2026/month=01/deeper/a.parquet",
        "other/year=2026/month=01/a.parquet",
    ],
)
def test_an_object_that_no_partition_reaches_is_an_error(tmp_path: Path, key: str) -> None:
    put(tmp_path, key, ROWS)

    with pytest.raises(UnreadableError, match="no partition of db reaches 1 objects: analytics-ready/"):
        Catalog("db", [table()], tmp_path)


@pytest.mark.parametrize(
    ("declared", "values"),
    [
        ("bigint", pa.array([1], pa.int32())),
        ("double", pa.array([1], pa.int64())),
        ("double", pa.array([1], pa.float32())),
        ("string", pa.array([1], pa.int64())),
        ("string", pa.array([None], pa.null())),
        ("string", pa.array([b"a"], pa.binary())),
        ("decimal(10,2)", pa.array([1], pa.decimal128(20, 2))),
        ("timestamp", pa.array([1], pa.timestamp("us"))),
        ("timestamp", pa.array([1], pa.timestamp("ms", "UTC"))),
        ("timestamp", pa.array([1], pa.date32())),
        ("date", pa.array(["2026-01-01"])),
    ],
)
def test_a_file_of_another_type_than_its_table_is_an_error(tmp_path: Path, declared: str, values: Any) -> None:
    put(tmp_path, "orders/year=2026/month=01/a.parquet", {"x": values})

    with pytest.raises(UnreadableError, match=r"orders\.x is .* in the catalog and .* in a\.parquet"):
        Catalog("db", [table(columns={"x": declared})], tmp_path)


@pytest.mark.parametrize(
    ("declared", "type_"),
    [
        ("string", pa.string()),
        ("bigint", pa.int64()),
        ("int", pa.int32()),
        ("double", pa.float64()),
        ("boolean", pa.bool_()),
        ("date", pa.date32()),
        ("timestamp", pa.timestamp("ms")),
        ("decimal(10,2)", pa.decimal128(10, 2)),
        ("decimal(38,9)", pa.decimal128(38, 9)),
    ],
)
def test_every_type_of_the_lake_is_read(tmp_path: Path, declared: str, type_: pa.DataType) -> None:
    put(tmp_path, "orders/year=2026/month=01/a.parquet", {"x": pa.array([None], type_)})

    assert Catalog("db", [table(columns={"x": declared})], tmp_path).sql("SELECT x FROM orders")[1] == [(None,)]


def test_a_column_that_the_catalog_does_not_have_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, "orders/year=2026/month=01/a.parquet", {**ROWS, "extra": pa.array([1, 2])})

    with pytest.raises(UnreadableError, match=r"orders\.extra is not in the table"):
        Catalog("db", [table()], tmp_path)


def test_a_table_without_projection_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="table orders has no partition projection"):
        Catalog("db", [table(projection__enabled="false")], tmp_path)
