"""Tags of the lake beside those of others."""

import boto3
import pytest
from datalake import policy
from datalake.driver.arrivals import parse
from datalake.lake.arrival import Arrival
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


def arrival_of(lake: Lake, upload: Upload) -> Arrival:
    arrival = parse(upload.event, lake.arguments(), "raw/")
    assert arrival
    return arrival


@pytest.mark.parametrize(
    ("existing", "expected"),
    [
        ("", ["PutObjectTagging"]),
        ("team=sales", ["GetObjectTagging", "PutObjectTagging"]),
    ],
)
def test_an_object_without_tags_is_not_asked_for_them(lake: Lake, existing: str, expected: list[str]) -> None:
    upload = lake.put("raw/a.csv", b"id\n1\n", Tagging=existing)
    arrival, s3, calls = arrival_of(lake, upload), boto3.client("s3"), list[str]()
    s3.meta.events.register("before-call.s3", lambda model, **_: calls.append(model.name))
    ours = lake_tags(arrival, arrival.key, 3)

    tag_version(s3, arrival, len(existing.split("=")) - 1, ours)
    assert calls == expected
    tag_version(s3, arrival, len(ours), ours)

    assert calls == [*expected, "GetObjectTagging"]
    tags = s3.get_object_tagging(Bucket=lake.bucket(), Key=upload.key)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags}.items() >= ours.items()
