"""Whole runs: messages in; objects, manifest and dead letters out."""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from datalake import policy
from datalake.driver.arrivals import parse
from datalake.driver.work_queue import Message
from datalake.lake.claims import Decision, Task
from datalake.lake.manifest import Manifest, Run
from datalake.lake.state import State
from datalake.stages.csv_to_json import CSV_TO_JSON
from datalake.stages.json_to_parquet import JSON_TO_PARQUET
from driven_lake import DrivenLake
from emulator.client import LocalAws
from faulty_stages import FAULTY
from lake_harness import Upload

pytestmark = pytest.mark.one_spark

#: In the place of Spark's tasks: to start them fails.
NOT_STARTED = None


@pytest.fixture
def lake(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> DrivenLake:
    return DrivenLake(aws, monkeypatch)


def rows(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def test_the_manifest_has_every_object_and_leads_from_one_to_the_next(lake: DrivenLake) -> None:
    raw = lake.upload("raw/orders/a.csv", b"id\n1\n2\n")
    lake.drain(CSV_TO_JSON)
    processed = lake.made_of(raw)
    lake.send(processed)
    lake.drain(JSON_TO_PARQUET)
    parquet = lake.made_of(processed)

    items = [lake.item(upload) for upload in (raw, processed, parquet)]

    assert [item["status"] for item in items] == ["SUCCEEDED"] * 3
    assert [item["customer_status"] for item in items] == ["acme#SUCCEEDED"] * 3
    assert [item["layer"] for item in items] == ["raw", "processed", "analytics-ready"]
    assert [item["dataset"] for item in items] == ["orders"] * 3
    assert [item.get("source") for item in items] == [
        None,
        f"acme#{raw.key}#{raw.version}",
        f"acme#{processed.key}#{processed.version}",
    ]
    assert [item["rows_out"] for item in items] == [2] * 3
    assert [item.get("attempts") for item in items] == [1, 1, None]
    assert not any("lease_until" in item or "error" in item for item in items)


def test_objects_have_tags_and_metadata(lake: DrivenLake) -> None:
    raw = lake.upload("raw/Ü b.csv", b"id\n1\n", Tagging="team=sales")

    lake.drain(CSV_TO_JSON)

    processed = lake.made_of(raw)
    for upload, more in ((raw, {"team": "sales"}), (processed, {})):
        tags = {
            tag["Key"]: tag["Value"]
            for tag in lake.s3.get_object_tagging(Bucket=lake.bucket(), Key=upload.key)["TagSet"]
        }
        assert tags.pop("uploaded-at").endswith("Z")
        layer, kind = upload.key.split("/")[0], upload.key.rsplit(".")[-1]
        assert tags == {"customer": "acme", "layer": layer, "file-type": kind, "schema-version": "1", **more}
    metadata = lake.s3.head_object(Bucket=lake.bucket(), Key=processed.key)["Metadata"]
    assert metadata["source-key"] == "raw/%C3%9C b.csv"
    assert metadata["source-version"] == raw.version
    assert (metadata["rows"], metadata["schema-version"]) == ("1", "1")


def test_an_event_that_comes_again_changes_nothing(lake: DrivenLake) -> None:
    raw = lake.upload("raw/a.csv", b"id\n1\n")
    lake.send(raw, raw)
    lake.drain(CSV_TO_JSON)
    before = lake.item(raw)

    lake.send(raw)
    assert lake.drain(CSV_TO_JSON, run="jr_2") == {"DONE": 1}

    assert lake.item(raw) == before
    versions = lake.s3.list_object_versions(Bucket=lake.bucket(), Prefix="processed/")["Versions"]
    assert len(versions) == 1
    assert lake.backlog() == 0


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "the newer one first"])
@pytest.mark.parametrize("runs", [1, 2])
def test_the_newest_version_wins_in_every_layer(lake: DrivenLake, order: tuple[int, int], runs: int) -> None:
    versions = [lake.put("raw/a.csv", b"id,x\n1,1\n"), lake.put("raw/a.csv", b"id\n2\n")]
    if runs == 1:
        lake.send(*(versions[at] for at in order))
        lake.drain(CSV_TO_JSON)
    else:
        for at in order:
            lake.send(versions[at])
            lake.drain(CSV_TO_JSON, run=f"jr_{at}")

    assert [lake.item(version)["status"] for version in versions] == ["SUPERSEDED", "SUCCEEDED"]
    processed = lake.made_of(versions[1])
    current = lake.s3.get_object(Bucket=lake.bucket(), Key=processed.key)
    assert [row["id"] for row in rows(current["Body"].read())] == [2]
    assert current["VersionId"] == processed.version


def test_what_was_made_of_a_replaced_version_is_replaced_too(lake: DrivenLake) -> None:
    parquets = []
    for content in (b"id,x\n1,1\n", b"id\n2\n"):
        raw = lake.upload("raw/a.csv", content)
        lake.drain(CSV_TO_JSON)
        lake.send(lake.made_of(raw))
        lake.drain(JSON_TO_PARQUET)
        parquets.append(lake.made_of(lake.made_of(raw)))

    assert len({parquet.key for parquet in parquets}) == 1
    assert [lake.item(parquet)["status"] for parquet in parquets] == ["SUPERSEDED", "SUCCEEDED"]


def test_a_version_that_cannot_be_read_leaves_the_rows_of_the_one_before(lake: DrivenLake) -> None:
    good = lake.upload("raw/a.csv", b"id\n1\n")
    lake.drain(CSV_TO_JSON)
    bad = lake.upload("raw/a.csv", b"\x00\x01\x02\x03")
    lake.drain(CSV_TO_JSON)

    assert [lake.item(version)["status"] for version in (good, bad)] == ["SUCCEEDED", "REJECTED"]

    better = lake.upload("raw/a.csv", b"id\n3\n")
    lake.drain(CSV_TO_JSON)
    assert [lake.item(version)["status"] for version in (good, bad, better)] == [
        "SUPERSEDED",
        "SUPERSEDED",
        "SUCCEEDED",
    ]


def test_a_file_that_cannot_be_read_is_a_dead_letter_at_once(lake: DrivenLake) -> None:
    bad = lake.upload("raw/a.csv", b"\x00\x01\x02\x03")
    good = lake.upload("raw/b.csv", b"id\n1\n")

    assert lake.drain(CSV_TO_JSON) == {"REJECTED": 1, "SUCCEEDED": 1}

    item = lake.item(bad)
    assert item["error"]["type"] == "Rejected"
    (letter,) = lake.dead_letters()
    assert letter["body"] == bad.event
    assert letter["Reason"] == item["error"]["message"]
    assert (letter["ErrorType"], letter["Attempts"], letter["JobRunId"]) == ("Rejected", "1", "jr_1")
    assert lake.item(good)["status"] == "SUCCEEDED"


def test_a_rejected_object_is_counted_once_and_costs_no_further_run(
    lake: DrivenLake,
) -> None:
    lake.upload("raw/a.csv", b"\x00\x01\x02\x03")

    lake.drain(CSV_TO_JSON)
    assert not lake.drain(CSV_TO_JSON, tasks=NOT_STARTED, run="jr_2")

    now = datetime.now(UTC)
    dimensions = {"Lake": f"{lake.name}-test", "Stage": "process-csv"}
    found = boto3.client("cloudwatch").get_metric_statistics(
        Namespace="ModernDataLake",
        MetricName="ObjectsRejected",
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=60,
        Statistics=["Sum"],
    )
    assert [point["Sum"] for point in found["Datapoints"]] == [1]


def test_a_late_duplicate_of_a_rejected_object_is_not_worked_on_again(lake: DrivenLake) -> None:
    bad = lake.upload("raw/a.csv", b"\x00\x01\x02\x03")
    (late,) = lake.sqs.receive_message(QueueUrl=lake.work)["Messages"]
    lake.send(bad)
    assert lake.drain(CSV_TO_JSON) == {"REJECTED": 1}
    before = lake.item(bad)

    lake.sqs.change_message_visibility(QueueUrl=lake.work, ReceiptHandle=late["ReceiptHandle"], VisibilityTimeout=0)
    assert lake.drain(CSV_TO_JSON, run="jr_2") == {"REJECTED": 1}

    assert lake.item(bad) == before
    assert lake.backlog() == 0


def test_a_failure_that_stays_is_a_dead_letter_after_four_attempts(lake: DrivenLake) -> None:
    bad = lake.upload("raw/fail-always.csv", b"id\n1\n")

    assert lake.drain(FAULTY) == {"RETRYING": 3, "FAILED": 1}

    assert (lake.item(bad)["status"], lake.item(bad)["attempts"]) == ("FAILED", 4)
    (letter,) = lake.dead_letters()
    assert (letter["Reason"], letter["ErrorType"], letter["Attempts"]) == ("asked to fail", "RuntimeError", "4")


def test_a_redrive_tries_what_was_given_up_again(lake: DrivenLake) -> None:
    flaky = lake.upload("raw/fail-always.csv", b"id\n1\n")
    bad = lake.upload("raw/b.csv", b"\x00\x01\x02\x03")
    lake.drain(FAULTY)
    assert [lake.item(upload)["status"] for upload in (flaky, bad)] == ["FAILED", "REJECTED"]

    lake.redrive(lake.dead_letters())
    # The first succeeds with another stage; the second is as bad as before.
    assert lake.drain(CSV_TO_JSON, run="jr_2") == {"SUCCEEDED": 1, "REJECTED": 1}

    assert [lake.item(upload)["status"] for upload in (flaky, bad)] == ["SUCCEEDED", "REJECTED"]
    assert [lake.item(upload)["attempts"] for upload in (flaky, bad)] == [1, 1]
    assert [letter["body"] for letter in lake.dead_letters()] == [bad.event]


def test_a_redriven_object_that_fails_again_has_four_attempts_again(lake: DrivenLake) -> None:
    bad = lake.upload("raw/fail-always.csv", b"id\n1\n")
    lake.drain(FAULTY)
    lake.redrive(lake.dead_letters())

    assert lake.drain(FAULTY, run="jr_2") == {"RETRYING": 3, "FAILED": 1}

    assert lake.item(bad)["attempts"] == 4


def test_a_run_that_was_killed_with_objects_side_by_side_charges_none(lake: DrivenLake) -> None:
    uploads = [lake.upload(f"raw/{n}.csv", b"id\n1\n") for n in range(3)]
    for upload in uploads:
        lake.hold(upload, run="jr_killed", seconds=60)
        lake.end_lease(upload)

    assert lake.drain(CSV_TO_JSON) == {"SUCCEEDED": 3}

    assert {lake.item(upload)["attempts"] for upload in uploads} == {1}
    assert not lake.dead_letters()


def test_a_run_that_was_killed_with_one_object_in_hand_charges_it_alone(lake: DrivenLake) -> None:
    uploads = [lake.upload(f"raw/{n}.csv", b"id\n1\n") for n in range(2)]
    for upload in uploads:
        lake.hold(upload, run="jr_killed", seconds=60)
        lake.end_lease(upload)
    lake.hold(uploads[0], run="jr_next", seconds=60, is_alone=True, is_exclusive=True)
    lake.end_lease(uploads[0])

    assert lake.drain(CSV_TO_JSON, idle_seconds=policy.IDLE_SECONDS) == {"RETRYING": 1, "SUCCEEDED": 2}

    assert [lake.item(upload)["attempts"] for upload in uploads] == [2, 1]
    assert not lake.dead_letters()


def test_a_version_under_a_live_lease_is_left_until_it_ends(lake: DrivenLake) -> None:
    raw = lake.upload("raw/a.csv", b"id\n1\n")
    lake.hold(raw, run="jr_other", seconds=60)
    started = lake.clock.monotonic()

    tally = lake.drain(CSV_TO_JSON, idle_seconds=policy.IDLE_SECONDS)

    assert tally == {"HELD": 1, "SUCCEEDED": 1}
    assert (lake.item(raw)["status"], lake.item(raw)["job_run_id"]) == ("SUCCEEDED", "jr_1")
    assert lake.clock.monotonic() - started > 59, "a lease ends with a full second"
    assert lake.clock.turned < 60 + 2 * policy.IDLE_SECONDS


def test_a_long_conversion_keeps_its_message_and_its_lease(lake: DrivenLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datalake.policy.GROUP_OBJECTS", 1)  # no poll wakes a run that has no room for messages
    lake.sqs.set_queue_attributes(QueueUrl=lake.work, Attributes={"VisibilityTimeout": "3"})
    slow = lake.upload("raw/slow.csv", b"id\n1\n")
    arrival = parse(slow.event, lake.arguments(), "raw/")
    assert arrival
    others, found, over = Manifest(lake.manifest, Run("job", "jr_other"), 60), Counter[str](), threading.Event()

    def look() -> None:
        """What another run would find while this one works."""
        while not over.wait(0.2):
            if lake.item(slow).get("status") == "PROCESSING":
                found["messages"] += "Messages" in lake.sqs.receive_message(QueueUrl=lake.work)
                decision = others.claim(Task(arrival, sent_at=0, is_alone=True), "dataset")
                found[decision.state if isinstance(decision, Decision) else "claimed"] += 1

    with ThreadPoolExecutor() as pool:
        looking = pool.submit(look)
        tally = lake.drain(FAULTY)
        over.set()
        looking.result()

    assert tally == {"SUCCEEDED": 1}
    assert found["messages"] == found["claimed"] == found[State.PROCESSING] == 0
    assert found[State.HELD] > 10


def test_an_object_that_was_deleted_does_not_come_back(lake: DrivenLake) -> None:
    raw = lake.upload("raw/a.csv", b"id\n1\n")
    lake.s3.delete_object(Bucket=lake.bucket(), Key=raw.key)

    assert lake.drain(CSV_TO_JSON) == {"SUPERSEDED": 1}

    assert "Contents" not in lake.s3.list_objects_v2(Bucket=lake.bucket())
    assert lake.item(raw)["error"]["message"] == "the object was deleted before it was processed"
    assert (lake.backlog(), lake.dead_letters()) == (0, [])


def test_a_redrive_does_not_bring_a_deleted_object_back(lake: DrivenLake) -> None:
    bad = lake.upload("raw/a.csv", b"\x00\x01\x02\x03")
    lake.drain(CSV_TO_JSON)
    lake.s3.delete_object(Bucket=lake.bucket(), Key=bad.key)

    lake.redrive(lake.dead_letters())

    assert lake.drain(CSV_TO_JSON, run="jr_2") == {"SUPERSEDED": 1}
    assert "Contents" not in lake.s3.list_objects_v2(Bucket=lake.bucket())
    assert (lake.backlog(), lake.dead_letters()) == (0, [])


def test_a_version_that_was_deleted_for_ever_is_over(lake: DrivenLake) -> None:
    raw = lake.upload("raw/a.csv", b"id\n1\n")
    lake.s3.delete_object(Bucket=lake.bucket(), Key=raw.key, VersionId=raw.version)

    assert lake.drain(CSV_TO_JSON) == {"SUPERSEDED": 1}


def test_events_of_buckets_that_are_not_the_lakes_are_dropped(lake: DrivenLake) -> None:
    lake.send(lake.event("raw/a.csv", "v").replace(lake.bucket(), "somebody-elses-bucket"))

    assert lake.drain(CSV_TO_JSON) == {"FOREIGN": 1}

    assert (lake.backlog(), lake.dead_letters()) == (0, [])


def test_an_object_of_a_customer_whose_database_is_gone_is_a_dead_letter_with_what_to_do(lake: DrivenLake) -> None:
    lake.add_customer("leaver")
    lake.glue.delete_database(Name=lake.database("leaver"))
    upload = lake.upload("raw/a.csv", b"id\n1\n", "leaver")

    assert lake.drain(CSV_TO_JSON) == {"FAILED": 1}

    (letter,) = lake.dead_letters()
    assert (letter["body"], letter["ErrorType"]) == (upload.event, "NoDatabaseError")
    assert f"no database {lake.database('leaver')}. Deploy the customer again and redrive" in letter["Reason"]
    assert lake.backlog() == 0


def test_messages_that_are_no_events_are_dead_letters(lake: DrivenLake) -> None:
    not_created = lake.event("raw/a.csv", "v").replace("Object Created", "Object Deleted")
    lake.send("garbage", '{"a": 1}', not_created)
    good = lake.upload("raw/a.csv", b"id\n1\n")

    assert lake.drain(CSV_TO_JSON) == {"REJECTED": 3, "SUCCEEDED": 1}

    reasons = {letter["body"]: letter["Reason"] for letter in lake.dead_letters()}
    assert reasons.keys() == {"garbage", '{"a": 1}', not_created}
    assert "no S3 event" in reasons["garbage"]
    assert "'Object Deleted'" in reasons[not_created]
    assert lake.item(good)["status"] == "SUCCEEDED"


def test_the_marker_of_a_folder_is_no_file(lake: DrivenLake) -> None:
    lake.upload("raw/orders/", b"")

    assert lake.drain(CSV_TO_JSON) == {"DONE": 1}

    assert (lake.backlog(), lake.dead_letters()) == (0, [])


def test_what_spark_leaves_beside_its_files_is_passed_over_and_said(
    lake: DrivenLake, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("_SUCCESS", ".part-0.csv.crc", "._part-0.csv"):
        lake.upload(f"raw/orders/{name}", b"crc")
    data = lake.upload("raw/Orders/part-0.csv", b"id\n1\n")

    assert lake.drain(CSV_TO_JSON) == {"DONE": 3, "SUCCEEDED": 1}

    assert (lake.backlog(), lake.dead_letters()) == (0, [])
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith("{")]
    said = {line["passed_over"] for line in lines if "passed_over" in line}
    assert said == {f"acme#raw/orders/{name}" for name in ("_SUCCESS", ".part-0.csv.crc", "._part-0.csv")}
    assert lake.item(data)["dataset"] == "orders"


def test_an_empty_queue_ends_the_run_before_spark_starts(lake: DrivenLake) -> None:
    assert not lake.drain(CSV_TO_JSON, tasks=NOT_STARTED)

    assert lake.clock.turned == 1, "one look"


def in_flight(lake: DrivenLake, upload: Upload, seconds: int) -> None:
    """Sends a message and receives it, as a run that dies: it comes back after this many seconds."""
    lake.send(upload)
    (message,) = lake.sqs.receive_message(QueueUrl=lake.work, VisibilityTimeout=seconds)["Messages"]
    assert json.loads(message["Body"]) == json.loads(upload.event)


@pytest.mark.parametrize("others", [0, 1])
def test_what_a_run_that_died_has_in_hand_is_waited_for(lake: DrivenLake, others: int) -> None:
    raw = lake.put("raw/a.csv", b"id\n1\n")
    in_flight(lake, raw, seconds=60)
    for n in range(others):
        lake.upload(f"raw/{n}.csv", b"id\n1\n")

    assert lake.drain(CSV_TO_JSON, has_hidden=True) == {"SUCCEEDED": 1 + others}

    assert lake.item(raw)["status"] == "SUCCEEDED"


def test_what_is_deferred_for_long_is_not_waited_for(lake: DrivenLake) -> None:
    in_flight(lake, lake.put("raw/a.csv", b"id\n1\n"), seconds=900)

    started = lake.clock.monotonic()

    assert not lake.drain(CSV_TO_JSON, tasks=NOT_STARTED, has_hidden=True)

    assert lake.clock.monotonic() - started > 60, "the visibility timeout"
    assert lake.clock.turned <= 60 + 2 * policy.POLL_SECONDS


def test_a_run_that_waits_for_messages_can_be_stopped(lake: DrivenLake, monkeypatch: pytest.MonkeyPatch) -> None:
    in_flight(lake, lake.put("raw/a.csv", b"id\n1\n"), seconds=900)
    run = lake.new_run(CSV_TO_JSON, tasks=NOT_STARTED, has_hidden=True)
    poll = lake.queue.receive

    def stop_amid(wait_seconds: int) -> list[Message]:
        run.stop()
        return poll(wait_seconds)

    monkeypatch.setattr(lake.queue, "receive", stop_amid)

    assert not run.run()

    assert lake.clock.turned <= policy.POLL_SECONDS


def test_a_run_asks_for_messages_while_it_has_room_for_ten(lake: DrivenLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datalake.policy.GROUP_OBJECTS", 1)
    for n in range(12):
        lake.upload(f"raw/{n}.csv", b"id\n1\n")

    assert lake.drain(CSV_TO_JSON) == {"SUCCEEDED": 10}

    assert lake.backlog() == 2


def test_what_was_not_begun_goes_back_at_the_end(lake: DrivenLake) -> None:
    for n in range(5):
        lake.upload(f"raw/{n}.csv", b"id\n1\n")

    assert not lake.drain(CSV_TO_JSON, max_seconds=0)

    received = lake.sqs.receive_message(QueueUrl=lake.work, MaxNumberOfMessages=10)["Messages"]
    assert len(received) == 5


def test_a_declared_dataset_is_read_as_declared(lake: DrivenLake) -> None:
    declared = {"orders": {"columns": [{"name": "id", "type": "string"}], "csv": {"delimiter": ";"}}}
    lake.add_customer("big-shop", declared)
    raw = lake.upload("raw/orders/a.csv", b"id;n,m\n1;2\n", "big-shop")

    lake.drain(CSV_TO_JSON)

    found = rows(lake.read(lake.made_of(raw, "big-shop"), "big-shop"))
    assert [(row["id"], row["n_m"]) for row in found] == [("1", 2)]
