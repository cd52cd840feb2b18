"""Whole runs: messages in, objects and manifest out."""

import io
import json
from collections import Counter

import boto3
import pyarrow.parquet as pq
import pytest
from datalake.csv_to_json import CSV_TO_JSON
from datalake.drain import Drain
from datalake.json_to_parquet import JSON_TO_PARQUET
from datalake.metrics import Metrics
from datalake.stage import Stage
from datalake.work_queue import WorkQueue
from datalake.worker import Settings
from lake_harness import Lake

pytestmark = pytest.mark.usefixtures("spark")


def drain(lake: Lake, stage: Stage, **more: object) -> Counter[str]:
    arguments = lake.arguments(**more)
    queue = WorkQueue(boto3.client("sqs"), lake.work, lake.dead)
    metrics = Metrics(boto3.client("cloudwatch"), arguments, stage.name)
    run = Drain(stage, Settings(arguments, queue.visibility_seconds), queue, metrics)
    return run.run()


def test_a_csv_becomes_json_and_then_parquet_with_a_table(lake: Lake) -> None:
    raw = lake.upload("raw/orders/a.csv", b"id,total\n007,1.5\n008,\n")

    assert drain(lake, CSV_TO_JSON) == {"SUCCEEDED": 1}
    processed = lake.made_of(raw)
    lake.send(processed)
    assert drain(lake, JSON_TO_PARQUET) == {"SUCCEEDED": 1}

    rows = [json.loads(line) for line in lake.read(processed).splitlines()]
    assert [(row["id"], row.get("total")) for row in rows] == [("007", 1.5), ("008", None)]
    parquet = lake.made_of(processed)
    table = pq.read_table(io.BytesIO(lake.read(parquet)))
    assert table.column("id").to_pylist() == ["007", "008"]
    assert set(table.column("_source_version").to_pylist()) == {raw.version}
    assert lake.item(parquet)["status"] == "SUCCEEDED"
    assert lake.item(processed)["source"] == f"acme#{raw.key}#{raw.version}"
    columns = lake.glue.get_table(DatabaseName=lake.database(), Name="orders")["Table"]["StorageDescriptor"]["Columns"]
    assert [(column["Name"], column["Type"]) for column in columns][:2] == [("id", "string"), ("total", "double")]
    assert lake.backlog() == 0
