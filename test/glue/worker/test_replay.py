"""A version that has been processed goes through its stage again, and replaces what it has become."""

import functools
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO

import pytest
from datalake.driver.arrivals import owner_of, parse
from datalake.engine import Conversion
from datalake.lake.claims import Item, Task
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

CONTENT = b"id,x\n1,a\n2,b\n"
FIRST, SECOND = "2026-11-25T10:00:00.000Z", "2026-11-25T11:00:00.000Z"
LAYERS = {"processed": CSV_TO_JSON, "analytics-ready": JSON_TO_PARQUET}


def again(upload: Upload, replay: str = FIRST) -> Upload:
    """The upload, with the message that asks to process it again."""
    event = json.loads(upload.event)
    event["detail"]["replay"] = replay
    return replace(upload, event=json.dumps(event))


@functools.cache
def tenant_of(lake: Lake) -> Tenant:
    """The customer, whose clients take long to make."""
    return Tenant(owner_of(lake.bucket(), lake.arguments()), Clients(lake.arguments()))


def process(lake: Lake, stage: Stage, upload: Upload, run: str = "jr_1") -> Outcome:
    """Processes a version with a worker that knows nothing yet."""
    arrival, tenant = parse(upload.event, lake.arguments(), stage.prefix), tenant_of(lake)
    vars(tenant).update(_datasets=None)
    task = Task(arrival, sent_at=0, is_alone=True, is_exclusive=True)
    return Processor(stage, tenant, Manifest(tenant.manifest, Run("job", run), 60)).process(task)


def through(lake: Lake, stage: Stage, upload: Upload) -> Upload:
    """Processes a version, and returns what it has become."""
    assert process(lake, stage, upload).state == State.SUCCEEDED
    return lake.made_of(upload)


def versions(lake: Lake, upload: Upload) -> list[str]:
    """The versions of an object, the newest first."""
    listed = lake.s3.list_object_versions(Bucket=lake.bucket(), Prefix=upload.key)
    return [version["VersionId"] for version in listed["Versions"]]


def test_the_output_is_made_again_in_its_place(lake: Lake) -> None:
    raw = lake.put("raw/again/a.csv", CONTENT)
    old = through(lake, CSV_TO_JSON, raw)

    new = through(lake, CSV_TO_JSON, again(raw))

    assert new.key == old.key
    assert versions(lake, old) == [new.version, old.version]
    item = lake.item(raw)
    assert (item["status"], item["replay"], item["attempts"]) == ("SUCCEEDED", FIRST, 1)
    assert [json.loads(line)["id"] for line in lake.read(new).splitlines()] == [1, 2]


def test_the_rows_of_a_replayed_file_replace_its_rows_in_both_stages(lake: Lake) -> None:
    raw = lake.put("raw/both/a.csv", CONTENT)
    old = through(lake, CSV_TO_JSON, raw)
    old_rows = through(lake, JSON_TO_PARQUET, old)

    new = through(lake, CSV_TO_JSON, again(raw))
    new_rows = through(lake, JSON_TO_PARQUET, new)

    assert [lake.item(each)["status"] for each in (old, old_rows)] == ["SUPERSEDED", "SUPERSEDED"]
    assert [lake.item(each)["status"] for each in (new, new_rows)] == ["SUCCEEDED", "SUCCEEDED"]
    assert versions(lake, old_rows) == [new_rows.version, old_rows.version]


def test_the_second_stage_alone_can_be_replayed(lake: Lake) -> None:
    processed = through(lake, CSV_TO_JSON, lake.put("raw/second/a.csv", CONTENT))
    old = through(lake, JSON_TO_PARQUET, processed)

    new = through(lake, JSON_TO_PARQUET, again(processed))

    assert versions(lake, old) == [new.version, old.version]
    assert [lake.item(each)["status"] for each in (old, new)] == ["SUPERSEDED", "SUCCEEDED"]


def test_what_is_declared_now_decides_and_facts_of_the_former_attempt_are_gone(lake: Lake) -> None:
    def declare(columns: list[dict[str, str]], **more: Any) -> None:
        parameters = {"datasets": json.dumps({"prices": {"columns": columns, **more}})}
        database: Any = {"Name": lake.database(), "Parameters": parameters}
        lake.glue.update_database(Name=lake.database(), DatabaseInput=database)

    columns = [{"name": "price", "type": "double"}]
    declare(columns)
    raw = lake.put("raw/prices/a.csv", b"price\n1\nunknown\n")
    through(lake, CSV_TO_JSON, raw)
    assert lake.item(raw)["rescued_by_column"] == {"price": 1}

    declare(columns, nullIf=["unknown"])
    through(lake, CSV_TO_JSON, again(raw))

    item = lake.item(raw)
    assert item["values_rescued"] == 0
    assert not {"rescued_by_column", "advice"} & item.keys()


def test_a_worker_reads_declarations_that_are_older_than_the_request_again(lake: Lake) -> None:
    raw = lake.put("raw/cached/a.csv", CONTENT)
    arrival, tenant = parse(raw.event, lake.arguments(), CSV_TO_JSON.prefix), tenant_of(lake)
    processor = Processor(CSV_TO_JSON, tenant, Manifest(tenant.manifest, Run("job", "jr_1"), 60))
    processor.process(Task(arrival, 0))
    asked = [replace(arrival, replay=replay) for replay in (FIRST, "2100-01-01T00:00:00.000Z")]

    for replayed, is_read in zip(asked, (False, True), strict=True):
        with fault(None, after=True, error=Killed) as calls:
            processor.process(Task(replayed, 0))
        assert ("GetDatabase" in calls) == is_read


@pytest.mark.parametrize("replay", ["", FIRST], ids=["an event that comes again", "the same request"])
def test_a_request_that_is_fulfilled_is_not_fulfilled_again(lake: Lake, replay: str) -> None:
    raw = lake.put("raw/twice/a.csv", CONTENT)
    through(lake, CSV_TO_JSON, raw)
    new = through(lake, CSV_TO_JSON, again(raw))

    outcome = process(lake, CSV_TO_JSON, again(raw, replay) if replay else raw)

    assert outcome.state == State.DONE
    assert versions(lake, new)[0] == new.version


def test_a_version_that_a_newer_one_has_replaced_is_not_processed_again(lake: Lake) -> None:
    old = lake.put("raw/newer/a.csv", CONTENT)
    through(lake, CSV_TO_JSON, old)
    made = through(lake, CSV_TO_JSON, lake.put(old.key, b"id,x\n3,c\n"))

    assert process(lake, CSV_TO_JSON, again(old)).state == State.DONE
    assert versions(lake, made)[0] == made.version


def test_a_newer_version_that_comes_meanwhile_wins(lake: Lake) -> None:
    old = lake.put("raw/race/a.csv", CONTENT)
    through(lake, CSV_TO_JSON, old)
    new = lake.put(old.key, b"id,x\n3,c\n")

    def convert(work: Work, sink: BinaryIO) -> Conversion:
        through(lake, CSV_TO_JSON, new)
        return CSV_TO_JSON.convert(work, sink)

    process(lake, replace(CSV_TO_JSON, convert=convert), again(old))

    assert [lake.item(each)["status"] for each in (old, new)] == ["SUPERSEDED", "SUCCEEDED"]
    assert versions(lake, lake.made_of(new))[0] == lake.made_of(new).version
    assert process(lake, CSV_TO_JSON, again(old)).state == State.DONE


def test_an_attempt_of_before_cannot_overwrite_what_a_later_request_has_made(lake: Lake) -> None:
    raw = lake.put("raw/zombie/a.csv", CONTENT)
    through(lake, CSV_TO_JSON, raw)

    def convert(work: Work, sink: BinaryIO) -> Conversion:
        lake.end_lease(raw)  # the zombie has slept
        through(lake, CSV_TO_JSON, again(raw, SECOND))
        return CSV_TO_JSON.convert(work, sink)

    outcome = process(lake, replace(CSV_TO_JSON, convert=convert), again(raw), "jr_zombie")

    made = lake.made_of(raw)
    assert outcome.state == State.HELD
    assert lake.item(raw)["replay"] == SECOND
    assert versions(lake, made)[0] == made.version


def test_a_replay_that_is_refused_leaves_the_rows_as_they_are(lake: Lake) -> None:
    raw = lake.put("raw/refused/a.csv", CONTENT)
    old = through(lake, CSV_TO_JSON, raw)

    def refuse(_: Work, __: BinaryIO) -> Conversion:
        raise RuntimeError("out of luck")

    outcomes = [process(lake, replace(CSV_TO_JSON, convert=refuse), again(raw)).state for _ in range(4)]

    assert outcomes == ["RETRYING", "RETRYING", "RETRYING", "FAILED"]
    assert lake.made_of(raw).version == old.version
    assert versions(lake, old) == [old.version]


def test_what_has_failed_in_a_replay_goes_on_with_it_when_it_is_redriven(lake: Lake) -> None:
    raw = lake.put("raw/redriven/a.csv", CONTENT)
    old = through(lake, CSV_TO_JSON, raw)

    def refuse(_: Work, __: BinaryIO) -> Conversion:
        raise RuntimeError("out of luck")

    process(lake, replace(CSV_TO_JSON, convert=refuse), again(raw))
    new = through(lake, CSV_TO_JSON, raw)  # the event of the upload, which comes again

    assert versions(lake, old) == [new.version, old.version]
    assert lake.item(raw)["replay"] == FIRST


def test_rows_of_a_file_that_was_deleted_stay(lake: Lake) -> None:
    raw = lake.put("raw/deleted/a.csv", CONTENT)
    old = through(lake, CSV_TO_JSON, raw)
    lake.s3.delete_object(Bucket=lake.bucket(), Key=raw.key)

    outcome = process(lake, CSV_TO_JSON, again(raw))

    item = lake.item(raw)
    assert outcome.state == State.DONE
    assert (item["status"], item["output_versions"]) == ("SUCCEEDED", [old.version])
    assert item["error"]["type"] == "GoneError"


def test_an_imported_file_keeps_its_month(lake: Lake) -> None:
    raw = lake.put("raw/imported/a.csv", CONTENT, Metadata={"uploaded-at": "2024-01-31T12:00:00.123456Z"})
    old = through(lake, CSV_TO_JSON, raw)
    event = json.loads(again(raw).event) | {"time": lake.item(raw)["uploaded_at"]}  # as a request sends it

    new = through(lake, CSV_TO_JSON, replace(raw, event=json.dumps(event)))

    assert new.key == old.key
    assert lake.item(raw)["uploaded_at"] == event["time"] == "2024-01-31T12:00:00.123Z"


def test_the_time_since_an_upload_of_long_ago_is_none_that_the_lake_took(lake: Lake) -> None:
    raw = lake.put("raw/seconds/a.csv", CONTENT)
    through(lake, CSV_TO_JSON, raw)

    assert process(lake, CSV_TO_JSON, again(raw)).seconds == 0


def test_a_later_request_ends_what_an_earlier_one_has_left(lake: Lake) -> None:
    processed = through(lake, CSV_TO_JSON, lake.put("raw/left/a.csv", CONTENT))
    first = through(lake, JSON_TO_PARQUET, processed)
    second = through(lake, JSON_TO_PARQUET, again(processed))

    def die(manifest: Manifest, item: Item) -> None:
        if item["replay"] == SECOND:
            raise Killed
        JSON_TO_PARQUET.finish(manifest, item)

    with suppress(Killed):
        process(lake, replace(JSON_TO_PARQUET, finish=die), again(processed, SECOND))
    third = lake.made_of(processed)

    fourth = through(lake, JSON_TO_PARQUET, again(processed, "2026-11-25T12:00:00.000Z"))

    made = [first, second, third, fourth]
    assert versions(lake, first) == [each.version for each in reversed(made)]
    assert [lake.item(each)["status"] for each in made] == [*["SUPERSEDED"] * 3, "SUCCEEDED"]


class Replayed:
    """A file with a dataset of its own that has been through both stages, and goes through them again."""

    def __init__(self, lake: Lake, dataset: str) -> None:
        self.lake = lake
        self.raw = lake.put(f"raw/{dataset}/a.csv", CONTENT)
        self.processed = through(lake, CSV_TO_JSON, self.raw)
        self.rows = through(lake, JSON_TO_PARQUET, self.processed)

    def finish(self, stage: Stage, at: int | None, *, after: bool, error: Callable[[], BaseException]) -> list[str]:
        """Replays a stage with a fault in one of its calls; returns the calls."""
        upload = again(self.raw if stage is CSV_TO_JSON else self.processed)
        with fault(at, after=after, error=error) as calls, suppress(Killed):
            process(self.lake, stage, upload, "jr_faulty")
        self.lake.end_lease(upload)
        for n in range(3):
            if process(self.lake, stage, upload, f"jr_{n}").state.is_over:
                break
        if stage is CSV_TO_JSON:
            through(self.lake, JSON_TO_PARQUET, self.lake.made_of(self.raw))
        return calls

    def state(self) -> Any:
        """Versions of the outputs by status, the newest first, and what the items say."""
        statuses = {}
        for layer, upload in {"processed": self.processed, "analytics-ready": self.rows}.items():
            found = [Upload(upload.key, version, "") for version in versions(self.lake, upload)]
            statuses[layer] = [self.lake.item(each).get("status") for each in found]
        items = [self.lake.item(each) for each in (self.raw, self.lake.made_of(self.raw))]
        facts = ("status", "replay", "rows_out", "error", "lease_until")
        is_current = [versions(self.lake, self.lake.made_of(self.raw))[0] == self.lake.made_of(self.raw).version]
        return statuses, [{name: item.get(name) for name in facts} for item in items], is_current


@pytest.mark.one_spark
@pytest.mark.parametrize("stage", LAYERS.values(), ids=lambda stage: stage.name)
@pytest.mark.parametrize(
    ("after", "error"),
    [(True, Killed), (False, throttled), (True, cut_off)],
    ids=["killed after the call", "refused", "cut off after it took effect"],
)
def test_a_fault_at_any_call_of_a_replay_leaves_no_trace(
    lake: Lake, stage: Stage, after: bool, error: Callable[[], BaseException]
) -> None:
    whole = Replayed(lake, "whole_replay")
    calls = whole.finish(stage, None, after=after, error=error)
    expected = whole.state()
    assert "PutObject" in calls
    assert expected[0]["analytics-ready"] == ["SUCCEEDED", "SUPERSEDED"]

    for at, name in enumerate(calls):
        replayed = Replayed(lake, f"replay{at}x")
        replayed.finish(stage, at, after=after, error=error)

        assert replayed.state() == expected, f"a fault at call {at}, {name}, has left a trace"
