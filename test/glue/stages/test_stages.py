"""What the two stages ask of the engine."""

import io
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pyarrow.parquet as pq
import pytest
from datalake.driver.arrivals import parse
from datalake.engine import parallel as in_order
from datalake.engine.contract import Contract
from datalake.engine.dataset import Column, Dataset
from datalake.lake.claims import Task
from datalake.lake.clients import Clients
from datalake.lake.manifest import Manifest, Run
from datalake.lake.state import State
from datalake.lake.tenant import Tenant
from datalake.stages import csv_to_json, json_to_parquet
from datalake.worker.processing import Processor
from datalake.worker.stage import Stage, Work
from lake_harness import Lake, Upload

CONTRACT = Contract(1, (Column("a", "bigint"),))
LINES = b'{"a":1,"_processed_at":"2026-01-01T00:00:00.000","_schema_version":1}\n'
METADATA = {"source-key": "raw/x.csv", "source-version": "v", "schema-version": "1"}


@pytest.mark.parametrize(
    ("stage", "module", "function", "data"),
    [
        (csv_to_json.CSV_TO_JSON, csv_to_json, "convert_csv", b"a\n1\n"),
        (json_to_parquet.JSON_TO_PARQUET, json_to_parquet, "convert_json", LINES),
    ],
)
@pytest.mark.parametrize(("size", "is_large"), [(64 << 20, True), (1000, False)])
def test_a_large_object_has_all_cores(
    stage: Stage, module: Any, function: str, data: bytes, size: int, is_large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_order.os, "sched_getaffinity", lambda _: {0, 1, 2})  # type: ignore[attr-defined]
    convert = getattr(module, function)
    given: list[int] = []

    def watched(*arguments: Any) -> Any:
        given.extend(argument for argument in arguments if type(argument) is int)
        return convert(*arguments)

    monkeypatch.setattr(module, function, watched)
    work = SimpleNamespace(
        arrival=SimpleNamespace(size=size, customer="acme", reference="r", key="raw/d/a.csv"),
        contracts=SimpleNamespace(latest=lambda _: CONTRACT, version=lambda *_: CONTRACT, agree=lambda *_: CONTRACT),
        dataset=Dataset("d"),
        source=SimpleNamespace(open=lambda: io.BytesIO(data), metadata=METADATA),
    )
    sink = io.BytesIO()
    assert stage.convert(cast(Work, work), sink).rows_out == 1
    assert given == [3 if is_large else 1]


def process(lake: Lake, stage: Stage, upload: Upload, customer: str) -> None:
    """Processes an object with a worker that knows nothing yet."""
    arrival = parse(upload.event, lake.arguments(), stage.prefix)
    assert arrival
    tenant = Tenant(arrival, Clients(lake.arguments()))
    outcome = Processor(stage, tenant, Manifest(tenant.manifest, Run("job", "jr_1"), 60)).process(Task(arrival, 0))
    assert outcome.state == State.SUCCEEDED, outcome
    assert lake.item(upload, customer)["status"] == "SUCCEEDED"


def test_a_file_becomes_rows_of_a_table_in_the_types_that_are_declared(lake: Lake) -> None:
    columns = [{"name": "number", "type": "string"}, {"name": "price", "type": "decimal(9,2)"}]
    lake.add_customer("shop", {"orders": {"columns": columns}})
    raw = lake.put("raw/orders/a.csv", b"number,price,count\n7,1.5,2\n", "shop")

    process(lake, csv_to_json.CSV_TO_JSON, raw, "shop")
    processed = lake.made_of(raw, "shop")
    process(lake, json_to_parquet.JSON_TO_PARQUET, processed, "shop")
    made = lake.made_of(processed, "shop")

    month = f"year={lake.item(raw, 'shop')['uploaded_at'][:4]}/month={lake.item(raw, 'shop')['uploaded_at'][5:7]}"
    assert processed.key.startswith(f"processed/orders/{month}/a-")
    assert made.key == processed.key.replace("processed/", "analytics-ready/", 1).replace(".json", ".parquet")
    (row,) = pq.read_table(io.BytesIO(lake.read(made, "shop"))).to_pylist()
    assert (row["number"], row["price"], row["count"]) == ("7", Decimal("1.50"), 2)
    assert (row["_source_file"], row["_source_version"]) == (raw.key, raw.version)
    table = lake.glue.get_table(DatabaseName=lake.database("shop"), Name="orders")["Table"]
    types = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    assert (types["number"], types["price"], types["count"]) == ("string", "decimal(9,2)", "bigint")
    assert table["Parameters"]["projection.year.range"] == ",".join([month[5:9]] * 2)
    assert lake.item(processed, "shop")["source"] == f"shop#{raw.key}#{raw.version}"
    entered = lake.item(made, "shop")
    assert (entered["dataset"], entered["rows_out"]) == ("orders", 1)
    assert entered["source"] == f"shop#{processed.key}#{processed.version}"


def test_the_time_of_an_imported_file_is_that_of_its_first_upload_in_both_stages(lake: Lake) -> None:
    raw = lake.put("raw/orders/a.csv", b"number\n7\n", Metadata={"uploaded-at": "2019-05-31T23:30:00-01:00"})

    process(lake, csv_to_json.CSV_TO_JSON, raw, "acme")
    processed = lake.made_of(raw)
    process(lake, json_to_parquet.JSON_TO_PARQUET, processed, "acme")
    made = lake.made_of(processed)

    assert made.key.startswith("analytics-ready/orders/year=2019/month=06/a-")
    for each in (raw, processed, made):
        found = lake.s3.get_object_tagging(Bucket=lake.bucket(), Key=each.key)["TagSet"]
        assert {tag["Key"]: tag["Value"] for tag in found}["uploaded-at"] == "2019-06-01T00:30:00.000Z"
    assert {lake.item(each)["uploaded_at"] for each in (raw, processed, made)} == {"2019-06-01T00:30:00.000Z"}


@pytest.mark.parametrize("time", ["May 2019", "2019-05-31", "2019-05-31T12:00:00", "2999-01-01T00:00:00Z"])
def test_a_file_whose_first_upload_has_no_possible_time_is_rejected(lake: Lake, time: str) -> None:
    upload = lake.put("raw/orders/a.csv", b"number\n7\n", Metadata={"uploaded-at": time})
    arrival = parse(upload.event, lake.arguments(), "raw/")
    tenant = Tenant(arrival, Clients(lake.arguments()))
    processor = Processor(csv_to_json.CSV_TO_JSON, tenant, Manifest(tenant.manifest, Run("job", "jr_1"), 60))

    outcome = processor.process(Task(arrival, 0))

    assert outcome.state == State.REJECTED
    assert f"got: {time!r}; write for example 2024-01-31T12:00:00Z" in lake.item(upload)["error"]["message"]


def test_the_second_stage_takes_only_what_the_first_has_made(lake: Lake) -> None:
    upload = lake.put("processed/orders/year=2026/month=01/a-0123456789ab.json", LINES)
    arrival = parse(upload.event, lake.arguments(), "processed/")
    assert arrival
    tenant = Tenant(arrival, Clients(lake.arguments()))
    processor = Processor(json_to_parquet.JSON_TO_PARQUET, tenant, Manifest(tenant.manifest, Run("job", "jr_1"), 60))

    outcome = processor.process(Task(arrival, 0))

    assert outcome.state == State.REJECTED
    assert "upload a CSV file under raw/" in lake.item(upload)["error"]["message"]
