"""Whole runs, as each Spark starts its tasks and loses its workers."""

import io
import json
from typing import Any

import pyarrow.parquet as pq
import pytest
from datalake.stages.csv_to_json import CSV_TO_JSON
from datalake.stages.json_to_parquet import JSON_TO_PARQUET
from faulty_stages import FAULTY
from lake_harness import Lake, drain

pytestmark = pytest.mark.usefixtures("spark")


def rows(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def test_a_csv_becomes_json_and_then_parquet_with_a_table(lake: Lake) -> None:
    raw = lake.upload("raw/orders/a.csv", b"id,total\n007,1.5\n008,\n")

    assert drain(lake, CSV_TO_JSON) == {"SUCCEEDED": 1}
    processed = lake.made_of(raw)
    lake.send(processed)
    assert drain(lake, JSON_TO_PARQUET) == {"SUCCEEDED": 1}

    assert [(row["id"], row.get("total")) for row in rows(lake.read(processed))] == [("007", 1.5), ("008", None)]
    parquet = lake.made_of(processed)
    table = pq.read_table(io.BytesIO(lake.read(parquet)))
    assert table.column("id").to_pylist() == ["007", "008"]
    assert set(table.column("_source_file").to_pylist()) == {raw.key}
    assert set(table.column("_source_version").to_pylist()) == {raw.version}
    columns = lake.glue.get_table(DatabaseName=lake.database(), Name="orders")["Table"]["StorageDescriptor"]["Columns"]
    assert [(column["Name"], column["Type"]) for column in columns][:2] == [("id", "string"), ("total", "double")]
    assert lake.backlog() == 0


def test_a_failure_that_passes_is_tried_again(lake: Lake) -> None:
    flaky = lake.upload("raw/fail-once.csv", b"id\n1\n")

    assert drain(lake, FAULTY) == {"RETRYING": 1, "SUCCEEDED": 1}

    item = lake.item(flaky)
    assert (item["status"], item["attempts"]) == ("SUCCEEDED", 2)
    assert "error" not in item


def test_a_killed_worker_costs_its_neighbours_nothing(lake: Lake) -> None:
    names = [*(f"good-{n}" for n in range(6)), "kill-once", *(f"more-{n}" for n in range(6))]
    uploads = [lake.upload(f"raw/{name}.csv", b"id\n1\n") for name in names]

    tally = drain(lake, FAULTY)

    assert tally == {"SUCCEEDED": len(names)}
    assert {lake.item(upload)["status"] for upload in uploads} == {"SUCCEEDED"}
    assert {lake.item(upload)["attempts"] for upload in uploads} == {1}
    assert not lake.dead_letters()


def test_an_object_that_kills_its_worker_each_time_is_a_dead_letter(lake: Lake) -> None:
    poison = lake.put("raw/kill-always.csv", b"id\n1\n")
    good = [lake.put(f"raw/good-{n}.csv", b"id\n1\n") for n in range(8)]
    lake.send(*good[:4], poison, *good[4:])

    tally = drain(lake, FAULTY)

    assert (tally["RETRYING"], tally["FAILED"]) == (3, 1)
    assert {lake.item(upload)["status"] for upload in good} == {"SUCCEEDED"}
    item = lake.item(poison)
    assert (item["status"], item["attempts"], item["error"]["type"]) == ("FAILED", 4, "TaskDied")
    (letter,) = lake.dead_letters()
    assert letter["body"] == poison.event
    assert "exited unexpectedly" in letter["Reason"]
