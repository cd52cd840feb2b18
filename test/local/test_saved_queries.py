"""The saved queries run after one edit. DuckDB stands for Athena, and sqlglot reads them as Trino does."""

from pathlib import Path
from typing import Any

import pytest
import sqlglot
from demo.arrived import Arrived
from demo.inputs import ENVIRONMENT, ORGANIZATION, database_name
from demo.lake import Lake
from demo.query import Catalog
from local.test_query import put, table

NAMES = ["NewestFiles", "RescuedValues", "RowsByFile", "RowsByMonth", "SchemaVersions", "ShortRows"]
#: A dataset of two files, the second of which has other columns.
DATASET = "weather"


@pytest.fixture(scope="module")
def saved(lake: Lake) -> dict[str, str]:
    """The SQL of the saved queries of the lake's workgroup."""
    athena, workgroup = lake.client("athena"), f"{ORGANIZATION}-{ENVIRONMENT}-datalake"
    ids = athena.list_named_queries(WorkGroup=workgroup)["NamedQueryIds"]
    found = athena.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"]
    return {query["Name"].removeprefix(f"{workgroup}-"): query["QueryString"] for query in found}


def answer(arrived: Arrived, sql: str, dataset: str = DATASET) -> list[dict[str, Any]]:
    """Runs a saved query as its comment says, translated from Trino's SQL to DuckDB's."""
    customer = next(file.customer for file in arrived.files if f"/{dataset}/" in file.key)
    edited = sql.replace("CUSTOMER", customer.replace("-", "_")).replace("DATASET", dataset)
    assert f"FROM {database_name(customer)}.{dataset}\n" in edited
    (translated,) = sqlglot.transpile(edited, read="athena", write="duckdb")
    names, rows = arrived.catalogs[customer].sql(translated)
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_the_workgroup_has_them_all(saved: dict[str, str]) -> None:
    assert sorted(saved) == NAMES


def test_rows_are_counted_by_month_and_by_file(arrived: Arrived, saved: dict[str, str]) -> None:
    journeys = [arrived.of(name)[1] for name in ("weather.csv", "seattle-weather.csv")]
    rows = {journey.upload.version: journey.processed.rows_out for journey in journeys if journey.processed}

    (month,) = answer(arrived, saved["RowsByMonth"])
    files = answer(arrived, saved["RowsByFile"])

    assert month["row_count"] == sum(rows.values())
    assert {file["_source_version"]: file["row_count"] for file in files} == rows


def test_the_file_that_was_read_last_comes_first(arrived: Arrived, saved: dict[str, str]) -> None:
    files = answer(arrived, saved["NewestFiles"])

    assert {file["_source_file"] for file in files} == {f"raw/weather/{n}weather.csv" for n in ("", "seattle-")}
    assert files[0]["processed_at"] >= files[1]["processed_at"]


def test_the_versions_of_the_columns_share_the_files_and_the_rows(arrived: Arrived, saved: dict[str, str]) -> None:
    versions = answer(arrived, saved["SchemaVersions"])

    numbers = [version["_schema_version"] for version in versions]
    assert numbers == sorted(set(numbers))
    assert sum(version["file_count"] for version in versions) == 2
    assert sum(version["row_count"] for version in versions) == sum(
        file["row_count"] for file in answer(arrived, saved["RowsByFile"])
    )


def test_rescued_values_have_their_file(saved: dict[str, str], tmp_path: Path) -> None:
    columns = ("id", "_rescued_data", "_source_file")
    rows = [("1", None, "raw/a.csv"), (None, '{"id":"x"}', "raw/b.csv")]
    put(tmp_path, "orders/year=2026/month=01/a.parquet", dict(zip(columns, zip(*rows, strict=True), strict=True)))
    declared = table(columns=dict.fromkeys(columns, "string"))
    catalog = Catalog(database_name("acme"), [declared], tmp_path)

    edited = saved["RescuedValues"].replace("CUSTOMER", "acme").replace("DATASET", "orders")

    assert catalog.sql(edited)[1] == [("raw/b.csv", '{"id":"x"}')]


def test_rows_without_a_value_in_a_column_are_counted_by_file(arrived: Arrived, saved: dict[str, str]) -> None:
    files = answer(arrived, saved["ShortRows"].replace("LAST_COLUMN", "location"))

    assert [(file["_source_file"], file["row_count"]) for file in files] == [("raw/weather/seattle-weather.csv", 1461)]
