"""A request to process versions again finds those that it names, and a run works on each once."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from datalake.driver.reconciliation import Reconciliation
from datalake.driver.request import Again, Request
from datalake.driver.work_queue import Message, WorkQueue
from datalake.stages.csv_to_json import CSV_TO_JSON
from driven_lake import DrivenLake
from emulator.client import LocalAws
from lake_harness import Lake, Upload

AT = "2100-01-01T00:00:00.000Z"
LONG_AGO = datetime(2006, 3, 14, tzinfo=UTC)
pytestmark = pytest.mark.one_spark


@pytest.fixture
def driven(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> DrivenLake:
    return DrivenLake(aws, monkeypatch)


def asked(lake: Lake, statuses: tuple[str, ...] = ("SUCCEEDED",), dataset: str | None = None, **more: Any) -> Request:
    """For all versions of acme, unless something else is named."""
    known: dict[str, Any] = {
        "bucket": lake.bucket(),
        "prefix": "raw/",
        "since": LONG_AGO,
        "until": datetime.now(UTC) + timedelta(hours=1),
        "again": Again(AT, statuses, dataset),
    }
    return Request(**known | more)


def look_through(lake: Lake, request: Request, seconds: int = 0) -> tuple[int, list[Message]]:
    """Does what a request asks, on a clock that goes on by some seconds with each look at it."""
    queue = WorkQueue(boto3.client("sqs"), lake.work, lake.dead)
    lake.send(request.body)
    (message,) = queue.receive(0)
    clock = itertools.count(0, seconds)
    found = Reconciliation(lake.arguments(), "raw/", queue).run(request, message, lambda: float(next(clock)))
    sent: list[Message] = []
    while received := queue.receive(0):
        sent += received
    queue.delete(sent)
    return found, sent


def keys(messages: list[Message]) -> list[str]:
    return sorted(json.loads(message.body)["detail"]["object"]["key"] for message in messages)


def with_status(lake: Lake, key: str, status: str, **facts: Any) -> Upload:
    """An upload with an item of this status."""
    upload = lake.put(key, b"id\n1\n")
    lake.hold(upload, "jr_0", 60)
    item = lake.item(upload) | {"status": status, "dataset": key.split("/")[1], **facts}
    lake.manifest.put_item(Item=item)
    return upload


def test_an_event_of_a_replay_is_that_of_the_upload_with_the_time_of_the_request(driven: DrivenLake) -> None:
    upload = with_status(driven, "raw/orders/ü b.csv", "SUCCEEDED")

    unseen, (message,) = look_through(driven, asked(driven))

    event, expected = json.loads(message.body), json.loads(upload.event)
    assert unseen == 0, "the alarm on objects that no event has told of must not ring"
    assert event["detail"].pop("replay") == AT
    assert event["detail"] == expected["detail"]
    assert datetime.fromisoformat(event["time"]) == datetime.fromisoformat(expected["time"])
    assert message.group == f"{driven.bucket()}/replay"


def test_only_current_versions_of_the_named_statuses_datasets_and_times_are_meant(driven: DrivenLake) -> None:
    for key, status in [("raw/a/1.csv", "SUCCEEDED"), ("raw/a/2.csv", "REJECTED"), ("raw/b/3.csv", "SUCCEEDED")]:
        with_status(driven, key, status)
    with_status(driven, "raw/a/4.csv", "PROCESSING")
    with_status(driven, "raw/a/old.csv", "SUCCEEDED", uploaded_at="2020-02-01T00:00:00.000Z")
    with_status(driven, "raw/a/done.csv", "SUCCEEDED", replay=AT)
    with_status(driven, "raw/a/gone.csv", "SUCCEEDED")
    driven.s3.delete_object(Bucket=driven.bucket(), Key="raw/a/gone.csv")
    driven.put("raw/a/unseen.csv", b"id\n1\n")
    february: dict[str, Any] = {"since": datetime(2020, 2, 1, tzinfo=UTC), "until": datetime(2020, 3, 1, tzinfo=UTC)}

    found = {
        name: keys(look_through(driven, request)[1])
        for name, request in {
            "all": asked(driven),
            "both statuses": asked(driven, ("SUCCEEDED", "REJECTED"), "a"),
            "dataset": asked(driven, dataset="b"),
            "month": asked(driven, **february),
            "before it": asked(driven, until=february["since"]),
        }.items()
    }

    assert found == {
        "all": ["raw/a/1.csv", "raw/a/old.csv", "raw/b/3.csv"],
        "both statuses": ["raw/a/1.csv", "raw/a/2.csv", "raw/a/old.csv"],
        "dataset": ["raw/b/3.csv"],
        "month": ["raw/a/old.csv"],
        "before it": [],
    }


def test_a_long_list_goes_on_with_another_message(driven: DrivenLake) -> None:
    uploads = [with_status(driven, f"raw/a/{n}.csv", "SUCCEEDED") for n in range(3)]
    request, found = asked(driven), []

    for upload in uploads:
        _, sent = look_through(driven, request, seconds=30)
        *events, rest = sorted(sent, key=lambda message: "Replay Requested" in message.body)
        found += keys(events)
        request = asked(driven, until=request.until, after=(upload.key, upload.version))
        assert json.loads(rest.body) == json.loads(request.body)

    assert found == [upload.key for upload in uploads]


def test_a_run_replays_what_is_asked_for_once_however_often_it_is_asked(driven: DrivenLake) -> None:
    uploads = [driven.upload(f"raw/a/{n}.csv", b"id\n1\n") for n in range(2)]
    driven.drain(CSV_TO_JSON)
    old = [driven.made_of(upload).version for upload in uploads]
    request = asked(driven)
    driven.send(request.body, request.body)

    tally = driven.drain(CSV_TO_JSON, idle_seconds=1)

    assert tally["SUCCEEDED"] == 2
    assert [driven.item(upload)["replaced_versions"] for upload in uploads] == [[version] for version in old]
    assert driven.backlog() == 0
    assert driven.dead_letters() == []


def test_a_later_request_about_a_version_in_work_is_fulfilled_too(driven: DrivenLake) -> None:
    upload = driven.upload("raw/a/1.csv", b"id\n1\n")
    later = json.loads(upload.event)
    later["detail"]["replay"] = AT
    driven.send(json.dumps(later))

    tally = driven.drain(CSV_TO_JSON)

    assert tally == {"SUCCEEDED": 2}
    assert driven.item(upload)["replay"] == AT
    assert driven.backlog() == 0
