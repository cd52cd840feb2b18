"""Objects that no event has told of are found, each once, and become what they would have become."""

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from datalake.driver.arrivals import parse
from datalake.driver.reconciliation import Reconciliation
from datalake.driver.request import Request
from datalake.driver.work_queue import Message, WorkQueue
from datalake.stages.csv_to_json import CSV_TO_JSON
from lake_harness import Lake, Upload, drain

#: Of boto3, which differs between the two Glue versions, only the list of buckets is another.
one_boto3 = pytest.mark.one_spark
LONG_AGO = datetime(2006, 3, 14, tzinfo=UTC)


@pytest.fixture
def queue(lake: Lake) -> WorkQueue:
    return WorkQueue(boto3.client("sqs"), lake.work, lake.dead)


def asked(lake: Lake, **more: Any) -> Request:
    """For everything that is there, in the bucket of acme unless another is named."""
    known: dict[str, Any] = {
        "bucket": lake.bucket(),
        "prefix": "raw/",
        "since": LONG_AGO,
        "until": datetime.now(UTC) + timedelta(hours=1),
    }
    return Request(**known | more)


def reconcile(lake: Lake, queue: WorkQueue, request: Request, seconds: int = 0) -> tuple[int, list[Message]]:
    """Does what a request asks, on a clock that goes on by some seconds with each look at it."""
    lake.send(request.body)
    (message,) = queue.receive(0)
    clock = itertools.count(0, seconds or 0)
    unseen = Reconciliation(lake.arguments(), "raw/", queue).run(request, message, lambda: float(next(clock)))
    sent: list[Message] = []
    while received := queue.receive(0):
        sent += received
    return unseen, sent


def told(messages: list[Message]) -> list[tuple[str, str]]:
    """Key and version of each object that messages are about."""
    found = [json.loads(message.body)["detail"]["object"] for message in messages]
    return sorted((each["key"], each["version-id"]) for each in found)


def seen(lake: Lake, upload: Upload) -> Upload:
    lake.hold(upload, "jr_0", 60)
    return upload


def test_only_objects_without_an_item_get_an_event(
    lake: Lake, queue: WorkQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    seen(lake, lake.put("raw/orders/a.csv", b"id\n1\n"))
    lost = [lake.put(key, b"id\n1\n") for key in ("raw/orders/b ü+%.csv", "raw/c.csv")]
    lake.put("processed/d.json", b"{}\n")

    unseen, sent = reconcile(lake, queue, asked(lake))

    assert unseen == len(lost)
    assert told(sent) == sorted((upload.key, upload.version) for upload in lost)
    assert {message.group for message in sent} == {lake.bucket()}
    assert lake.backlog() == len(lost)
    *about_objects, summary = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {(line["event"], line["version"]) for line in about_objects} == {("unseen", each.version) for each in lost}
    assert summary == {"event": "reconciled", "bucket": lake.bucket(), "prefix": "raw/", "unseen": len(lost)}


@one_boto3
def test_the_event_is_the_one_that_s3_would_have_sent_but_for_its_sequencer(lake: Lake, queue: WorkQueue) -> None:
    upload = lake.put("raw/orders/a.csv", b"id\n1\n")
    uploaded_at = lake.s3.head_object(Bucket=lake.bucket(), Key=upload.key)["LastModified"]

    _, (message,) = reconcile(lake, queue, asked(lake))

    sent, missed = (parse(body, lake.arguments(), "raw/") for body in (message.body, upload.event))
    assert sent == replace(missed, sequencer=sent.sequencer, uploaded_at=sent.uploaded_at)
    assert sent.uploaded_at.replace(microsecond=0) == uploaded_at


@one_boto3
def test_of_a_key_only_the_current_version_counts(lake: Lake, queue: WorkQueue) -> None:
    seen(lake, lake.put("raw/a.csv", b"id\n1\n"))
    lake.put("raw/a.csv", b"id\n2\n")
    newest = lake.put("raw/a.csv", b"id\n3\n")
    lake.put("raw/gone.csv", b"id\n1\n")
    lake.s3.delete_object(Bucket=lake.bucket(), Key="raw/gone.csv")

    assert told(reconcile(lake, queue, asked(lake))[1]) == [(newest.key, newest.version)]


@one_boto3
def test_markers_and_hidden_files_are_no_data(lake: Lake, queue: WorkQueue) -> None:
    for key in ("raw/orders/", "raw/_SUCCESS", "raw/.DS_Store"):
        lake.put(key, b"")

    assert reconcile(lake, queue, asked(lake)) == (0, [])


@one_boto3
def test_what_may_still_get_its_event_and_what_is_too_old_is_left_alone(lake: Lake, queue: WorkQueue) -> None:
    upload = lake.put("raw/a.csv", b"id\n1\n")
    place: Any = {"Bucket": lake.bucket(), "Key": upload.key}
    at = lake.s3.head_object(**place)["LastModified"]
    second = timedelta(seconds=1)

    assert reconcile(lake, queue, asked(lake, until=at)) == (0, [])
    assert reconcile(lake, queue, asked(lake, since=at + second)) == (0, [])
    assert reconcile(lake, queue, asked(lake, since=at, until=at + second))[0] == 1


@one_boto3
def test_a_prefix_narrows_it_down(lake: Lake, queue: WorkQueue) -> None:
    lake.put("raw/orders/a.csv", b"id\n1\n")
    upload = lake.put("raw/stock/a.csv", b"id\n1\n")

    assert told(reconcile(lake, queue, asked(lake, prefix="raw/stock/"))[1]) == [(upload.key, upload.version)]


@one_boto3
def test_what_takes_long_goes_on_with_another_message(lake: Lake, queue: WorkQueue) -> None:
    lost = [lake.put(f"raw/{number}.csv", b"id\n1\n") for number in range(3)]
    found: list[tuple[str, str]] = []
    request = asked(lake)
    for upload in lost:
        _, sent = reconcile(lake, queue, request, seconds=30)
        *events, rest = sent
        found += told(events)
        queue.delete(sent)
        request = Request(request.bucket, "raw/", request.since, request.until, (upload.key, upload.version))
        assert json.loads(rest.body) == json.loads(request.body)

    assert found == [(upload.key, upload.version) for upload in lost]
    assert reconcile(lake, queue, request, seconds=30) == (0, [])


def test_a_request_about_all_becomes_one_about_each_bucket_of_this_lake(lake: Lake, queue: WorkQueue) -> None:
    lake.add_customer("big-shop")
    lake.s3.create_bucket(Bucket=f"{lake.name}-acme-prod-datalake")

    _, sent = reconcile(lake, queue, asked(lake, bucket=None))

    buckets = {message.group: json.loads(message.body)["detail"]["bucket"]["name"] for message in sent}
    assert buckets == {name: name for name in (lake.bucket(), lake.bucket("big-shop"))}
    assert {json.loads(message.body)["detail"]["since"] for message in sent} == {"2006-03-14T00:00:00.000Z"}


@one_boto3
def test_a_customer_that_has_left_gets_no_dead_letters(lake: Lake, queue: WorkQueue) -> None:
    lake.put("raw/a.csv", b"id\n1\n")
    lake.glue.delete_database(Name=lake.database())

    assert reconcile(lake, queue, asked(lake)) == (0, [])
    assert lake.backlog() == 0


@pytest.mark.usefixtures("spark")
@pytest.mark.one_spark
def test_a_run_finds_what_is_lost_and_works_on_it_in_the_order_of_s3(lake: Lake) -> None:
    first = lake.put("raw/a.csv", b"id\n1\n")
    lake.send(asked(lake, bucket=None).body)
    drain(lake, CSV_TO_JSON, idle_seconds=1)
    second = lake.put("raw/a.csv", b"id\n2\n")  # in the same second, often
    lake.send(asked(lake, bucket=None).body)

    tally = drain(lake, CSV_TO_JSON, idle_seconds=1)

    assert tally == {"SUCCEEDED": 1}
    assert [lake.item(upload)["status"] for upload in (first, second)] == ["SUPERSEDED", "SUCCEEDED"]
    assert lake.read(lake.made_of(second)).startswith(b'{"id":2')
    assert lake.backlog() == 0


@one_boto3
def test_a_run_that_only_compares_starts_no_spark(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("Spark was started")

    monkeypatch.setattr("datalake.driver.drain.SparkTasks", refuse)
    lake.send(asked(lake).body)

    assert drain(lake, CSV_TO_JSON) == {}
    assert lake.backlog() == 0
