"""Whatever dies or fails while an object is processed leaves no trace once the object is done."""

import itertools
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

import pytest
from boto3.dynamodb.conditions import Key
from datalake.driver.arrivals import parse
from datalake.engine import Conversion
from datalake.lake.arrival import Arrival
from datalake.lake.claims import Task
from datalake.lake.clients import Clients
from datalake.lake.manifest import Manifest, Run
from datalake.lake.state import State
from datalake.lake.tenant import Tenant
from datalake.stages.csv_to_json import CSV_TO_JSON
from datalake.stages.json_to_parquet import JSON_TO_PARQUET
from datalake.worker.outcome import Outcome
from datalake.worker.processing import Processor
from datalake.worker.stage import Stage, Work
from faulty_calls import Killed, cut_off, fault, throttled
from lake_harness import Lake, Upload

FIRST, SECOND = b"id,x\n007,1\n008,2\n", b"id,y\n009,2026-11-24\n"

#: Attributes that differ from run to run without a fault.
UNSTEADY = ("updated_at", "uploaded_at", "lease_id", "job_run_id", "etag", "sequencer", "attempts", "size_bytes")


def only(arrival: Arrival) -> Task:
    """The task of a version that has the whole run to itself."""
    return Task(arrival, sent_at=0, is_alone=True, is_exclusive=True)


class Journey:
    """Two versions of a file, with a dataset of their own, on their way through both stages."""

    def __init__(self, lake: Lake, tenant: Tenant, dataset: str) -> None:
        self.lake, self.tenant, self.dataset = lake, tenant, dataset
        self.key = f"raw/{dataset}/a.csv"
        first = lake.put(self.key, FIRST)
        self.through(CSV_TO_JSON, first)
        self.through(JSON_TO_PARQUET, lake.made_of(first))
        self.raw = lake.put(self.key, SECOND)

    def process(self, stage: Stage, upload: Upload, run: str) -> Outcome:
        """Processes a version with a worker that knows nothing yet."""
        arrival = parse(upload.event, self.lake.arguments(), stage.prefix)
        assert arrival
        vars(self.tenant).update(_datasets=None)
        manifest = Manifest(self.tenant.manifest, Run("job", run), 60)
        return Processor(stage, self.tenant, manifest).process(only(arrival))

    def through(self, stage: Stage, upload: Upload) -> None:
        """Delivers the message again until it is over."""
        for n in range(3):
            if self.process(stage, upload, f"jr_{n}").state.is_over:
                return
        raise AssertionError("it does not end")

    def finish(self, faulty: Stage, at: int | None, *, after: bool, error: Callable[[], BaseException]) -> list[str]:
        """Processes the second version with a fault in one stage; returns that stage's calls."""
        made: list[str] = []
        for stage in (CSV_TO_JSON, JSON_TO_PARQUET):
            upload = self.raw if stage is CSV_TO_JSON else self.lake.made_of(self.raw)
            if stage is faulty:
                with fault(at, after=after, error=error) as made, suppress(Killed):
                    self.process(stage, upload, "jr_faulty")
                self.lake.end_lease(upload)
            self.through(stage, upload)
        return made

    def state(self) -> Any:
        """Everything that has to be the same in the end."""
        objects: list[Any] = []
        names: dict[str, str] = {}
        for prefix in ("raw", "processed", "analytics-ready"):
            folder = f"{prefix}/{self.dataset}/"
            listed = self.lake.s3.list_object_versions(Bucket=self.lake.bucket(), Prefix=folder)
            for number, version in enumerate(reversed(listed["Versions"])):
                names[version["VersionId"]] = f"version {number}"
                place: Any = {"Bucket": self.lake.bucket(), "Key": version["Key"], "VersionId": version["VersionId"]}
                tags = [tag["Key"] for tag in self.lake.s3.get_object_tagging(**place)["TagSet"]]
                objects.append((version["Key"], version["IsLatest"], self.rows(place), tags))
        keys = {f"acme#{key}" for key, *_ in objects} | {f"acme#schema#{self.dataset}"}
        found = [self.lake.manifest.query(KeyConditionExpression=Key("object").eq(key))["Items"] for key in keys]
        items = [
            {name: str(value) for name, value in item.items() if name not in UNSTEADY}
            for item in itertools.chain.from_iterable(found)
            if item["version"] != "#latest"
        ]
        table = self.lake.glue.get_table(DatabaseName=self.lake.database(), Name=self.dataset)["Table"]
        text = json.dumps([objects, items, table["StorageDescriptor"]["Columns"], table["Parameters"]])
        for id_, name in names.items():
            text = text.replace(id_, name)
        objects, items, *rest = json.loads(text.replace(self.dataset, "dataset"))
        items.sort(key=lambda item: (item["object"], item["version"]))
        return [[key.rsplit("-", 1)[0], *more] for key, *more in objects], normalized(items), rest

    def rows(self, place: Any) -> Any:
        if not place["Key"].endswith(".json"):
            return None
        body = self.lake.s3.get_object(**place)["Body"].read()
        return [json.loads(line) | {"_processed_at": None} for line in body.splitlines()]


def normalized(items: list[dict[str, str]]) -> Any:
    """Replaces the hash in the keys of outputs."""
    text = json.dumps(items)
    for item in items:
        for word in item["object"].split("-"):
            digest = word.split(".")[0]
            if len(digest) == 12:
                text = text.replace(digest, "hash")
    return json.loads(text)


@pytest.mark.one_spark
@pytest.mark.parametrize("stage", [CSV_TO_JSON, JSON_TO_PARQUET], ids=lambda stage: stage.name)
@pytest.mark.parametrize(
    ("after", "error"),
    [
        # A kill before a call is the same as one after the call before it.
        pytest.param(True, Killed, id="killed after the call"),
        pytest.param(False, throttled, id="refused"),
        pytest.param(True, cut_off, id="cut off after it took effect"),
    ],
)
def test_a_fault_at_any_call_leaves_no_trace(
    lake: Lake, stage: Stage, after: bool, error: Callable[[], BaseException]
) -> None:
    arrival = parse(lake.event("raw/a.csv", "v"), lake.arguments(), "raw/")
    assert arrival
    tenant = Tenant(arrival, Clients(lake.arguments()))
    whole = Journey(lake, tenant, "whole")
    calls = whole.finish(stage, None, after=after, error=error)
    expected = whole.state()
    assert len(calls) > 12

    for at, name in enumerate(calls):
        journey = Journey(lake, tenant, f"faulty{at}x")
        journey.finish(stage, at, after=after, error=error)

        assert journey.state() == expected, f"a fault at call {at}, {name}, has left a trace"


def one(lake: Lake, stage: Stage, upload: Upload, run: str = "jr_1", lease: float = 60) -> Outcome:
    arrival = parse(upload.event, lake.arguments(), stage.prefix)
    assert arrival
    tenant = Tenant(arrival, Clients(lake.arguments()))
    manifest = Manifest(tenant.manifest, Run("job", run), lease)
    return Processor(stage, tenant, manifest).process(only(arrival))


def test_a_worker_that_has_lost_its_lease_says_nothing(lake: Lake) -> None:
    upload = lake.put("raw/a.csv", FIRST)

    def convert(work: Work, sink: BinaryIO) -> Conversion:
        lake.end_lease(upload)
        lake.hold(upload, run="jr_successor", seconds=60, is_alone=True, is_exclusive=True)
        return CSV_TO_JSON.convert(work, sink)

    outcome = one(lake, replace(CSV_TO_JSON, convert=convert), upload)

    assert outcome.state == State.HELD
    assert (lake.item(upload)["status"], lake.item(upload)["job_run_id"]) == ("PROCESSING", "jr_successor")


def test_a_worker_that_has_lost_its_lease_stops_before_it_writes(lake: Lake) -> None:
    upload = lake.put("raw/a.csv", FIRST)

    def convert(_: Work, sink: BinaryIO) -> Conversion:
        lake.end_lease(upload)
        lake.hold(upload, run="jr_successor", seconds=60, is_alone=True, is_exclusive=True)
        while True:  # a conversion of many blocks
            sink.write(b"{}\n")
            lake.item(upload)

    with fault(None, after=True, error=Killed) as calls:
        outcome = one(lake, replace(CSV_TO_JSON, convert=convert), upload, lease=0.3)

    assert outcome.state == State.HELD
    assert "PutObject" not in calls
    assert (lake.item(upload)["status"], lake.item(upload)["job_run_id"]) == ("PROCESSING", "jr_successor")


def test_a_worker_that_loses_its_lease_after_the_last_row_writes_no_output(lake: Lake) -> None:
    upload = lake.put("raw/a.csv", FIRST)

    def convert(_: Work, sink: BinaryIO) -> Conversion:
        sink.write(b"{}\n")
        lake.end_lease(upload)
        lake.hold(upload, run="jr_successor", seconds=60, is_alone=True, is_exclusive=True)
        for thread in threading.enumerate():
            if thread.name == "heartbeat":
                thread.join(10)  # it ends at the first renewal that is refused
        return Conversion(rows_in=1, rows_out=1, schema_version=1)

    with fault(None, after=True, error=Killed) as calls:
        outcome = one(lake, replace(CSV_TO_JSON, convert=convert), upload, lease=0.3)

    assert outcome.state == State.HELD
    assert "PutObject" not in calls


def test_an_object_that_hangs_ends_with_its_process_as_a_failed_attempt(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, ended = lake.put("raw/a.csv", FIRST), threading.Event()
    monkeypatch.setattr("datalake.policy.OBJECT_SECONDS", 0)
    monkeypatch.setattr("datalake.worker.processing.os._exit", lambda _: ended.set())

    def hang(work: Work, sink: BinaryIO) -> Conversion:
        assert ended.wait(10)
        return CSV_TO_JSON.convert(work, sink)

    outcome = one(lake, replace(CSV_TO_JSON, convert=hang), upload, lease=0.3)

    assert outcome.state == State.HELD, "what comes after the end says nothing"
    item = lake.item(upload)
    assert (item["status"], item["attempts"], item["error"]["type"]) == ("RETRYING", 1, "TimedOut")


def test_the_successor_takes_what_the_worker_before_it_has_written(lake: Lake) -> None:
    *others, upload = (lake.put(f"raw/{n}.csv", FIRST) for n in range(3))
    for other in others:
        with fault(None, after=True, error=Killed) as calls:
            one(lake, CSV_TO_JSON, other)
    with fault(calls.index("PutObject"), after=True, error=Killed), suppress(Killed):
        one(lake, CSV_TO_JSON, upload)
    lake.end_lease(upload)

    with fault(None, after=True, error=Killed) as calls:
        assert one(lake, CSV_TO_JSON, upload, "jr_2").state == State.SUCCEEDED

    assert "PutObject" not in calls
    assert lake.item(upload)["rows_out"] == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "the newer one first"])
@pytest.mark.parametrize(("old", "new"), [("FF", "A0A"), ("FF0", "1A"), ("A0", "A000"), ("F" * 16, "1" + "0" * 16)])
def test_the_newest_version_wins_whatever_the_length_of_its_sequencer(
    lake: Lake, order: tuple[int, int], old: str, new: str
) -> None:
    uploads = [lake.put("raw/a.csv", b"id\n%d\n" % n) for n in range(2)]
    events = [json.loads(upload.event) for upload in uploads]
    for event, sequencer in zip(events, (old, new), strict=True):
        event["detail"]["object"]["sequencer"] = sequencer
    uploads = [replace(upload, event=json.dumps(event)) for upload, event in zip(uploads, events, strict=True)]

    for at in order:
        one(lake, CSV_TO_JSON, uploads[at])

    assert [lake.item(upload)["status"] for upload in uploads] == ["SUPERSEDED", "SUCCEEDED"]
    assert [lake.item(upload)["sequencer"] for upload in uploads] == [old, new]
    made = lake.made_of(uploads[1])
    current = lake.s3.get_object(Bucket=lake.bucket(), Key=made.key)
    assert (current["VersionId"], current["Metadata"]["sequencer"]) == (made.version, new)
    assert json.loads(current["Body"].read())["id"] == 1


def test_an_object_costs_seven_calls_in_the_first_stage_and_six_in_the_second(lake: Lake) -> None:
    arrivals = [lake.put(f"raw/{n}.csv", FIRST) for n in range(2)]
    arrival = parse(arrivals[0].event, lake.arguments(), "raw/")
    assert arrival
    tenant = Tenant(arrival, Clients(lake.arguments()))
    manifest = Manifest(tenant.manifest, Run("job", "jr_1"), 60)
    for stage in (CSV_TO_JSON, JSON_TO_PARQUET):
        processor = Processor(stage, tenant, manifest)
        for upload in arrivals:
            found = parse(upload.event, lake.arguments(), stage.prefix)
            assert found
            with fault(None, after=True, error=Killed) as calls:
                processor.process(Task(found, sent_at=0))
        # The second object: sessions, declarations, contract and table are known by then.
        more = ["GetObjectTagging", "PutObjectTagging"] if stage is CSV_TO_JSON else ["PutItem"]
        expected = ["GetObject", "PutItem", "PutObject", "UpdateItem", "UpdateItem", *more]
        assert sorted(calls) == sorted(expected)
        arrivals = [lake.made_of(upload) for upload in arrivals]


def test_a_redriven_object_is_judged_by_what_is_declared_now(lake: Lake) -> None:
    upload = lake.put("raw/ledger/a.csv", "id,town\n1,Besançon\n".encode("cp1252"))
    arrival = parse(upload.event, lake.arguments(), CSV_TO_JSON.prefix)
    assert arrival
    tenant = Tenant(arrival, Clients(lake.arguments()))
    processor = Processor(CSV_TO_JSON, tenant, Manifest(tenant.manifest, Run("job", "jr_1"), 60))

    def declare(parameters: dict[str, str]) -> None:
        lake.glue.update_database(
            Name=tenant.database, DatabaseInput={"Name": tenant.database, "Parameters": parameters}
        )

    results = []
    for encoding in ("ascii", "cp1252"):
        declare({"datasets": json.dumps({"ledger": {"csv": {"encoding": encoding}}})})
        results.append(processor.process(Task(arrival, sent_at=0, is_redriven=encoding == "cp1252")).state)
    declare({})

    assert results == ["REJECTED", "SUCCEEDED"]


def test_a_folder_of_the_key_is_a_column_of_the_table(lake: Lake) -> None:
    lake.add_customer("hive", {"sales": {"hivePartitioning": True}})
    upload = lake.put("raw/sales/region=eu/a.csv", b"id\n1\n", "hive")
    one(lake, CSV_TO_JSON, upload)
    assert one(lake, JSON_TO_PARQUET, lake.made_of(upload, "hive")).state == "SUCCEEDED"
    table = lake.glue.get_table(DatabaseName=lake.database("hive"), Name="sales")["Table"]
    columns = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    assert [*columns.items()][:2] == [("id", "bigint"), ("region", "string")]


def test_rescued_values_come_with_what_to_declare(lake: Lake) -> None:
    key = "raw/advice/a.csv"
    one(lake, CSV_TO_JSON, lake.put(key, b"price\n1\n"))

    outcome = one(lake, CSV_TO_JSON, lake.put("raw/advice/b.csv", b"price\n1.5\n"))

    assert outcome.figures["values_rescued"] == 1
    (advice,) = outcome.advice
    assert "'price'" in advice
    assert "double" in advice


def test_a_success_says_its_attempts_and_the_time_since_the_upload(lake: Lake) -> None:
    upload = lake.put("raw/late/a.csv", FIRST)
    event = json.loads(upload.event)
    event["time"] = (datetime.now(UTC) - timedelta(seconds=1000)).isoformat()

    outcome = one(lake, CSV_TO_JSON, replace(upload, event=json.dumps(event)))

    assert outcome.attempts == 1
    assert 1000 <= outcome.seconds < 1600
    assert (outcome.error, outcome.advice, outcome.until) == (None, (), 0)


def test_each_failure_says_how_many_there_have_been(lake: Lake) -> None:
    def fail(_: Work, __: BinaryIO) -> Conversion:
        raise RuntimeError("out of luck")

    upload = lake.put("raw/a.csv", FIRST)

    outcomes = [one(lake, replace(CSV_TO_JSON, convert=fail), upload) for _ in range(4)]

    assert [(outcome.state, outcome.attempts) for outcome in outcomes] == [
        ("RETRYING", 1),
        ("RETRYING", 2),
        ("RETRYING", 3),
        ("FAILED", 4),
    ]
    assert outcomes[3].error == {"type": "RuntimeError", "message": "out of luck"}


@pytest.mark.parametrize(("content", "short"), [(b"a,b\n1,2\n3\n4\n", 2), (b"a,b\n1,2\n", 0)])
def test_the_figures_of_an_object_are_those_of_its_metrics(lake: Lake, content: bytes, short: int) -> None:
    outcome = one(lake, CSV_TO_JSON, lake.put("raw/short/a.csv", content))

    rows = content.count(b"\n") - 1
    assert outcome.figures == {
        "rows_in": rows,
        "rows_out": rows,
        "rows_short": short,
        "values_rescued": 0,
        "bytes_in": len(content),
    }
