"""The lake's tags beside those of others."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from datalake import policy
from datalake.driver.arrivals import parse
from datalake.lake.arrival import Arrival
from datalake.lake.sources import Source
from datalake.lake.tags import lake_tags, merge, tag_version
from hypothesis import given
from hypothesis import strategies as st
from lake_harness import Lake, Upload

TAGS = st.dictionaries(
    st.sampled_from([*"abcdefghijkl", "customer", "layer"]), st.text(max_size=3), max_size=policy.MOST_TAGS
)
OURS = {"customer": "acme", "layer": "raw", "file-type": "csv", "uploaded-at": "t", "schema-version": "1"}


@given(TAGS)
def test_no_tag_of_others_is_lost_and_there_are_never_too_many(existing: dict[str, str]) -> None:
    merged = merge(existing, OURS)

    assert len(merged) <= policy.MOST_TAGS
    assert {name: value for name, value in existing.items() if name not in OURS}.items() <= merged.items()
    assert len(merged) == min(policy.MOST_TAGS, len(existing.keys() | OURS.keys()))
    assert all(merged[name] == OURS[name] for name in merged.keys() & OURS.keys())


@given(TAGS)
def test_tagging_twice_changes_nothing(existing: dict[str, str]) -> None:
    once = merge(existing, OURS)

    assert merge(once, OURS) == once


def test_an_output_says_whose_it_is_and_when_its_source_was_uploaded() -> None:
    at = datetime(2026, 2, 3, 4, 5, 6, 789000, UTC)
    arrival = Arrival("acme", "database", "bucket", "raw/a.csv", "v1", "etag", 1, "0", at)

    assert lake_tags(arrival, "processed/orders/a.json", 3) == {
        "customer": "acme",
        "layer": "processed",
        "file-type": "json",
        "uploaded-at": "2026-02-03T04:05:06.789Z",
        "schema-version": "3",
    }


def test_an_object_without_a_file_type_says_so() -> None:
    arrival = Arrival("acme", "database", "bucket", "raw/a", "v1", "etag", 1, "0", datetime.now(UTC))

    assert lake_tags(arrival, arrival.key, 1)["file-type"] == "none"


def arrival_of(lake: Lake, upload: Upload) -> Arrival:
    arrival = parse(upload.event, lake.arguments(), "raw/")
    assert arrival
    return arrival


@pytest.mark.parametrize("existing", ["", "team=sales"])
def test_tags_that_others_set_while_an_object_was_worked_on_stay(lake: Lake, existing: str) -> None:
    upload = lake.put("raw/a.csv", b"id\n1\n", Tagging=existing)
    arrival = arrival_of(lake, upload)
    place: Any = {"Bucket": lake.bucket(), "Key": upload.key}
    source = Source(lake.s3, arrival)
    lake.s3.put_object_tagging(**place, Tagging={"TagSet": [{"Key": "hold", "Value": "legal"}]})
    ours = lake_tags(arrival, arrival.key, 3)

    source.close()
    tag_version(lake.s3, arrival, ours)

    tags = lake.s3.get_object_tagging(**place)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"hold": "legal", **ours}


def test_tags_that_are_there_are_not_written_again(lake: Lake) -> None:
    upload = lake.put("raw/a.csv", b"id\n1\n")
    arrival, s3, calls = arrival_of(lake, upload), boto3.client("s3"), list[str]()
    events: Any = s3.meta.events
    events.register("before-call.s3", lambda model, **_: calls.append(model.name))
    ours = lake_tags(arrival, arrival.key, 3)

    for _ in range(2):
        tag_version(s3, arrival, ours)

    assert calls == ["GetObjectTagging", "PutObjectTagging", "GetObjectTagging"]
