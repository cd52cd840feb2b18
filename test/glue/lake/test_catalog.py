"""Tables that many workers create and widen at once."""

import os
import subprocess
import sys
from typing import Any

import boto3
import pytest
from datalake.engine.contract import LAKE_COLUMNS, Contract
from datalake.engine.dataset import Column
from datalake.lake.catalog import Catalog, table_input
from hypothesis import given
from hypothesis import strategies as st
from lake_harness import Lake

RACER = """
import sys, boto3
from datalake.lake.catalog import Catalog
from datalake.engine.contract import Contract
from datalake.engine.dataset import Column
database, first, step = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for n in range(first, 25, step):
    columns = tuple(Column(f"c{i}", "string") for i in range(n))
    Catalog(boto3.client("glue"), database, "bucket").ensure("orders", Contract(n, columns), 2000 + n)
"""


def contract(version: int) -> Contract:
    return Contract(version, tuple(Column(f"c{n}", "decimal(10,2)" if n else "bigint") for n in range(version)))


def table(lake: Lake, name: str = "orders") -> dict[str, Any]:
    return dict(lake.glue.get_table(DatabaseName=lake.database(), Name=name)["Table"])


def columns(found: dict[str, Any]) -> dict[str, str]:
    return {column["Name"]: column["Type"] for column in found["StorageDescriptor"]["Columns"]}


def test_a_table_is_what_athena_needs(lake: Lake) -> None:
    Catalog(lake.glue, lake.database(), lake.bucket()).ensure("orders", contract(2), 2026)

    found = table(lake)
    assert found["TableType"] == "EXTERNAL_TABLE"
    assert found["PartitionKeys"] == [{"Name": "year", "Type": "int"}, {"Name": "month", "Type": "int"}]
    location = f"s3://{lake.bucket()}/analytics-ready/orders/"
    assert found["Parameters"] == {
        "EXTERNAL": "TRUE",
        "classification": "parquet",
        "schema_version": "2",
        "projection.enabled": "true",
        "projection.year.type": "integer",
        "projection.year.range": "2026,2026",
        "projection.month.type": "integer",
        "projection.month.range": "1,12",
        "projection.month.digits": "2",
        "storage.location.template": f"{location}year=${{year}}/month=${{month}}/",
    }
    assert found["StorageDescriptor"]["Location"] == location
    assert "parquet" in found["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"]
    lake_columns = {column.name: column.type for column in LAKE_COLUMNS}
    assert columns(found) == {"c0": "bigint", "c1": "decimal(10,2)", **lake_columns}


def test_a_table_widens_and_keeps_what_others_have_set(lake: Lake) -> None:
    catalog = Catalog(lake.glue, lake.database(), lake.bucket())
    catalog.ensure("orders", contract(1), 2026)
    ours: Any = table_input(lake.bucket(), "orders", contract(1), 2026, None)
    storage = ours["StorageDescriptor"] | {
        "Columns": [{"Name": "c0", "Type": "bigint", "Comment": "number"}, {"Name": "own", "Type": "string"}]
    }
    parameters = ours["Parameters"] | {"has_encrypted_data": "true"}
    changed: Any = {**ours, "Description": "by hand", "StorageDescriptor": storage, "Parameters": parameters}
    lake.glue.update_table(DatabaseName=lake.database(), TableInput=changed)

    catalog.ensure("orders", contract(3), 2028)

    found = table(lake)
    assert found["Description"] == "by hand"
    assert found["Parameters"]["has_encrypted_data"] == "true"
    assert found["Parameters"]["schema_version"] == "3"
    assert found["Parameters"]["projection.year.range"] == "2026,2028"
    assert list(columns(found))[:3] == ["c0", "c1", "c2"]
    assert "own" in columns(found)
    assert found["StorageDescriptor"]["Columns"][0]["Comment"] == "number"


def test_an_update_repeats_what_people_may_have_set_and_nothing_that_glue_adds() -> None:
    by_hand = {"Description": "sales", "Owner": "finance", "Retention": 30}
    of_glue = {"DatabaseName": "d", "VersionId": "7", "CreatedBy": "arn:aws:sts::123456789012:assumed-role/data/s"}
    ours: Any = table_input("bucket", "orders", contract(1), 2026, None)

    wanted: Any = table_input("bucket", "orders", contract(1), 2027, {**ours, **by_hand, **of_glue})

    assert wanted.keys() == ours.keys() | by_hand.keys()
    assert {name: wanted[name] for name in by_hand} == by_hand


def test_what_is_known_costs_no_call(lake: Lake) -> None:
    Catalog(lake.glue, lake.database(), lake.bucket()).ensure("orders", contract(2), 2026)
    calls: list[str] = []
    glue = boto3.client("glue")
    glue.meta.events.register("before-call.glue", lambda model, **_: calls.append(model.name))
    catalog = Catalog(glue, lake.database(), lake.bucket())

    for version in (2, 2, 1, 1):
        catalog.ensure("orders", contract(version), 2026)

    assert calls == ["GetTable", "GetTable"]


def test_workers_that_widen_a_table_at_once_lose_no_column_and_no_year(lake: Lake) -> None:
    command = [sys.executable, "-c", RACER, lake.database()]
    racers = [subprocess.Popen([*command, str(first), "3"], env=dict(os.environ)) for first in (1, 2, 3)]
    assert [racer.wait() for racer in racers] == [0, 0, 0]

    found = table(lake)
    assert {f"c{n}" for n in range(24)} <= columns(found).keys()
    assert found["Parameters"]["schema_version"] == "24"
    assert found["Parameters"]["projection.year.range"] == "2001,2024"


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(2000, 2050)), min_size=1))
def test_the_order_of_arrival_does_not_matter(steps: list[tuple[int, int]]) -> None:
    current: Any = None
    for version, year in steps:
        current = table_input("bucket", "orders", contract(version), year, current) or current

    newest = max(version for version, _ in steps)
    years = [year for _, year in steps]
    assert [name for name in columns(current) if name.startswith("c")] == [f"c{n}" for n in range(newest)]
    assert current["Parameters"]["schema_version"] == str(newest)
    assert current["Parameters"]["projection.year.range"] == f"{min(years)},{max(years)}"
    for version, year in steps:
        assert table_input("bucket", "orders", contract(version), year, current) is None


def test_another_error_of_glue_is_not_swallowed(lake: Lake) -> None:
    with pytest.raises(lake.glue.exceptions.EntityNotFoundException):
        Catalog(lake.glue, "no_such_database", lake.bucket()).ensure("orders", contract(1), 2026)
