"""Messages that ask for a comparison with the manifest."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from datalake.arguments import Arguments
from datalake.driver.arrivals import NotAnArrivalError
from datalake.driver.request import REPLAYABLE, Again, Request, requested
from datalake.driver.work_queue import Message
from datalake.lake.arrival import ForeignBucketError, iso
from hypothesis import given
from hypothesis import strategies as st

LAKE = Arguments("job", "jr_1", "mycompany", "dev", "table", "queue", "dead", "role")
BUCKET = "mycompany-acme-dev-datalake"
SENT_AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
times = st.datetimes(datetime(2006, 3, 14), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda time: time.replace(microsecond=0)
)


def message(body: str) -> Message:
    return Message("id", "receipt", body, 1, SENT_AT.timestamp(), None, is_redriven=False)


def asking(**detail: Any) -> Message:
    return message(json.dumps({"detail-type": "Reconcile Requested", "detail": detail}))


def test_the_daily_request_is_about_what_is_an_hour_to_three_days_old_in_all_buckets() -> None:
    until = SENT_AT - timedelta(hours=1)

    assert requested(asking(), LAKE, "raw/") == Request(None, "raw/", until - timedelta(days=3), until)


@given(st.builds(Request, st.sampled_from([None, BUCKET]), st.just("raw/ü "), times, times))
def test_a_request_says_what_its_message_asks(request: Request) -> None:
    for each in (request, replace(request, after=("raw/b\n.csv", "v1"))):
        assert requested(message(each.body), LAKE, "raw/") == each


def test_a_replay_is_about_all_that_was_uploaded_before_it() -> None:
    asked = message(json.dumps({"detail-type": "Replay Requested", "detail": {"bucket": {"name": BUCKET}}}))

    always = datetime(2000, 1, 1, tzinfo=UTC)
    again = Again("2026-03-04T05:06:07.000Z", ("SUCCEEDED",))
    assert requested(asked, LAKE, "raw/") == Request(BUCKET, "raw/", always, SENT_AT, again=again)


@given(
    st.builds(Request, st.just(BUCKET), st.just("raw/ü "), times, times, st.none() | st.just(("raw/b\n.csv", "v1"))),
    st.builds(
        Again, times.map(iso), st.sets(st.sampled_from(sorted(REPLAYABLE))).map(tuple), st.none() | st.just("orders")
    ),
)
def test_a_replay_says_what_its_message_asks(request: Request, again: Again) -> None:
    asked = replace(request, again=again)

    assert requested(message(asked.body), LAKE, "raw/") == asked


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ({}, "the request is wrong: KeyError: 'bucket'"),
        ({"statuses": ["DONE"]}, "statuses are FAILED, REJECTED, SUCCEEDED, got: DONE"),
        ({"at": "now"}, "the request is wrong: ValueError"),
    ],
)
def test_what_is_wrong_with_a_replay_is_said(detail: dict[str, Any], reason: str) -> None:
    bucket = {"bucket": {"name": BUCKET}} if detail else {}
    with pytest.raises(NotAnArrivalError, match=reason):
        requested(message(json.dumps({"detail-type": "Replay Requested", "detail": bucket | detail})), LAKE, "raw/")


@given(st.text() | st.from_type(type(None)) | st.integers() | st.lists(st.integers()))
def test_anything_else_is_none(value: object) -> None:
    for body in (json.dumps(value), str(value), json.dumps({"detail-type": value})):
        assert requested(message(body), LAKE, "raw/") is None


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ({"prefix": "processed/"}, "'processed/' is not under raw/"),
        ({"prefix": 7}, "the request is wrong: AttributeError"),
        ({"since": "yesterday"}, "the request is wrong: ValueError"),
        ({"bucket": "name"}, "the request is wrong: TypeError"),
        ({"after": "key"}, "the request is wrong: ValueError"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(detail: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotAnArrivalError, match=reason):
        requested(asking(**detail), LAKE, "raw/")


def test_the_bucket_of_another_lake_is_foreign() -> None:
    with pytest.raises(ForeignBucketError):
        requested(asking(bucket={"name": "mycompany-acme-prod-datalake"}), LAKE, "raw/")
