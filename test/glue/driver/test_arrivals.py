"""Messages with S3 events, and messages without."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from datalake.arguments import Arguments
from datalake.driver.arrivals import NotAnArrivalError, PassedOverError, owner_of, parse
from datalake.lake.arrival import ForeignBucketError, Owner
from hypothesis import given
from hypothesis import strategies as st

LAKE = Arguments("job", "jr_1", "my-company", "dev", "table", "queue", "dead", "role")
BUCKET = "my-company-big-shop-2-dev-datalake"


def event(**changes: Any) -> dict[str, Any]:
    found = {"key": "raw/a b+ü%41.csv", "size": 5, "etag": "e1", "version-id": "v1", "sequencer": "00A1"} | changes
    return {
        "version": "0",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "time": "2026-11-30T23:59:59Z",
        "detail": {"version": "0", "bucket": {"name": BUCKET}, "object": found, "reason": "PutObject"},
    }


def test_an_event_names_an_object_version_and_whose_it_is() -> None:
    arrival = parse(json.dumps(event()), LAKE, "raw/")

    assert arrival
    assert (arrival.customer, arrival.database) == ("big-shop-2", "my_company_big_shop_2_dev")
    assert arrival.key == "raw/a b+ü%41.csv"
    assert arrival.identity == ("big-shop-2#raw/a b+ü%41.csv", "v1")
    assert (arrival.size, arrival.etag) == (5, "e1")
    assert arrival.uploaded_at == datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("asked", ["2026-12-01T01:02:03+01:00", "2026-12-01T00:02:03Z"])
def test_an_event_may_ask_to_process_its_version_again(asked: str) -> None:
    body = event()
    assert parse(json.dumps(body), LAKE, "raw/").replay == ""
    body["detail"]["replay"] = asked

    assert parse(json.dumps(body), LAKE, "raw/").replay == "2026-12-01T00:02:03.000Z"


@pytest.mark.parametrize("sequencer", ["0", "00A1", "00a1", "0" * 17 + "1F", "F" * 64])
def test_a_sequencer_is_kept_as_s3_has_sent_it(sequencer: str) -> None:
    arrival = parse(json.dumps(event(sequencer=sequencer)), LAKE, "raw/")

    assert arrival
    assert arrival.sequencer == sequencer


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "no S3 event"),
        ("[]", "no S3 event"),
        ("null", "no S3 event"),
        ("{}", "no S3 event: KeyError: 'detail-type'"),
        (json.dumps(event(**{"version-id": None})), "version-id"),
        (json.dumps(event(sequencer="0x_1")), "sequencer"),
        (json.dumps(event(sequencer="1" * 65)), "sequencer"),
        (json.dumps(event(size="large")), "no S3 event: ValueError"),
        (json.dumps(event(size=float("inf"))), "no S3 event: OverflowError"),
        (json.dumps(event() | {"time": "yesterday"}), "no S3 event: ValueError"),
        (json.dumps(event() | {"detail": event()["detail"] | {"replay": "now"}}), "no S3 event: ValueError"),
        (json.dumps(event() | {"time": "0001-01-01T00:00:00+14:00"}), "no S3 event: OverflowError"),
        ("[" * 200_000, "no S3 event: RecursionError"),
        (json.dumps(event() | {"detail-type": "Object Deleted"}), "'Object Deleted': only 'Object Created'"),
        (json.dumps(event(key="elsewhere/a.csv")), "'elsewhere/a.csv' is not under raw/"),
    ],
)
def test_any_other_message_is_refused_with_what_is_wrong(body: str, reason: str) -> None:
    with pytest.raises(NotAnArrivalError, match=reason):
        parse(body, LAKE, "raw/")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["detail", "detail-type", "bucket", "name", "object", "key", "version-id", "sequencer", "time"]
                ),
                inner,
            )
        ),
    )
)
def test_nothing_that_is_json_breaks_the_run(body: Any) -> None:
    with pytest.raises((NotAnArrivalError, ForeignBucketError)):
        parse(json.dumps(body), LAKE, "raw/")


def test_an_event_without_a_time_has_just_come() -> None:
    body = event()
    del body["time"]

    arrival = parse(json.dumps(body), LAKE, "raw/")

    assert arrival
    assert abs((datetime.now(UTC) - arrival.uploaded_at).total_seconds()) < 60


@pytest.mark.parametrize(
    "bucket",
    [
        "somebody-elses",
        "my-company--dev-datalake",
        "my-company-dev-datalake",
        "my-company-a-prod-datalake",
        "my-company-a.b-dev-datalake",
        "my-company-a--dev-datalake",
        "xmy-company-a-dev-datalake",
        "my-company-a-dev-datalake-logs",
    ],
)
def test_a_bucket_with_another_name_is_foreign(bucket: str) -> None:
    with pytest.raises(ForeignBucketError, match=bucket):
        owner_of(bucket, LAKE)


@given(st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True))
def test_a_customers_bucket_tells_the_customer(customer: str) -> None:
    bucket = f"my-company-{customer}-dev-datalake"

    assert owner_of(bucket, LAKE) == Owner(customer, f"my_company_{customer.replace('-', '_')}_dev", bucket)


def test_organization_and_environment_are_no_patterns() -> None:
    with pytest.raises(ForeignBucketError):
        owner_of(BUCKET, replace(LAKE, organization="my.company"))


def test_the_marker_of_a_folder_is_nothing() -> None:
    with pytest.raises(PassedOverError, match="big-shop-2#raw/orders/"):
        parse(json.dumps(event(key="raw/orders/", size=0)), LAKE, "raw/")
    assert parse(json.dumps(event(key="raw/orders/", size=1)), LAKE, "raw/")


def test_what_is_not_the_lakes_is_not_passed_over() -> None:
    body = event(key="raw/_SUCCESS", size=0)
    body["detail"]["bucket"]["name"] = "somebody-elses"

    with pytest.raises(ForeignBucketError):
        parse(json.dumps(body), LAKE, "raw/")
