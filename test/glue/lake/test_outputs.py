"""Only the output of a newer version replaces an output, and only in the state that was seen."""

import io
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from datalake import policy
from datalake.driver.arrivals import parse
from datalake.engine.conversion import Rejected
from datalake.lake import conditional_writes
from datalake.lake.arrival import Arrival
from datalake.lake.outputs import Output, SupersededError, Written, source_metadata
from lake_harness import Lake

KEY = "processed/a.json"


@pytest.fixture
def s3(lake: Lake) -> Any:  # noqa: ARG001
    client = boto3.client("s3")
    conditional_writes.enable(client)
    return client


def arrivals(lake: Lake, count: int) -> list[Arrival]:
    """Versions of one key, the oldest first."""
    found = [parse(lake.event("raw/a.csv", f"v{n}"), lake.arguments(), "raw/") for n in range(count)]
    return [arrival for arrival in found if arrival]


def write(s3: Any, arrival: Arrival, content: bytes, seen: Written | None = None) -> Written:
    return Output(s3, arrival, KEY).write(io.BytesIO(content), seen, source_metadata(arrival), {"layer": "processed"})


def content(lake: Lake) -> bytes:
    body: bytes = lake.s3.get_object(Bucket=lake.bucket(), Key=KEY)["Body"].read()
    return body


def test_an_output_that_is_not_there_is_written_in_one_call(lake: Lake, s3: Any) -> None:
    calls: list[str] = []
    s3.meta.events.register("before-call.s3", lambda model, **_: calls.append(model.name))

    written = write(s3, arrivals(lake, 1)[0], b"1")

    assert calls == ["PutObject"]
    head = lake.s3.head_object(Bucket=lake.bucket(), Key=KEY)
    assert (head["VersionId"], head["Metadata"]) == (written.version, written.metadata)


def test_a_zombie_cannot_overwrite_its_successor(lake: Lake, s3: Any) -> None:
    zombie, successor = arrivals(lake, 2)
    seen, _ = Output(s3, zombie, KEY).look()
    write(s3, successor, b"new")

    with pytest.raises(SupersededError):
        write(s3, zombie, b"old", seen)

    assert content(lake) == b"new"


def test_a_zombie_that_saw_the_output_cannot_overwrite_it_either(lake: Lake, s3: Any) -> None:
    first, zombie, successor = arrivals(lake, 3)
    write(s3, first, b"first")
    seen, _ = Output(s3, zombie, KEY).look()
    write(s3, successor, b"new", Output(s3, successor, KEY).look()[0])

    with pytest.raises(SupersededError):
        write(s3, zombie, b"old", seen)

    assert content(lake) == b"new"


def test_a_newer_version_overwrites_what_came_in_between(lake: Lake, s3: Any) -> None:
    older, newer = arrivals(lake, 2)
    seen, _ = Output(s3, newer, KEY).look()
    write(s3, older, b"old")

    write(s3, newer, b"new", seen)

    assert content(lake) == b"new"


def test_the_output_of_another_attempt_of_the_same_version_stays(lake: Lake, s3: Any) -> None:
    (arrival,) = arrivals(lake, 1)
    first = write(s3, arrival, b"first")

    second = write(s3, arrival, b"second")

    assert second == first
    assert Output(s3, arrival, KEY).look() == (first, True)
    assert content(lake) == b"first"


def test_an_output_that_somebody_has_deleted_is_written_again(lake: Lake, s3: Any) -> None:
    first, second = arrivals(lake, 2)
    write(s3, first, b"first")
    seen, _ = Output(s3, second, KEY).look()
    lake.s3.delete_object(Bucket=lake.bucket(), Key=KEY)

    write(s3, second, b"second", seen)

    assert content(lake) == b"second"


def test_an_object_of_somebody_else_is_overwritten_without_a_question(lake: Lake, s3: Any) -> None:
    (arrival,) = arrivals(lake, 1)
    lake.s3.put_object(Bucket=lake.bucket(), Key=KEY, Body=b"by hand")
    calls: list[str] = []
    s3.meta.events.register("before-call.s3", lambda model, **_: calls.append(model.name))

    seen, is_mine = Output(s3, arrival, KEY).look()
    write(s3, arrival, b"ours", seen)

    assert not is_mine
    assert content(lake) == b"ours"
    assert calls == ["HeadObject", "PutObject"]


def test_a_large_output_is_written_in_parts_under_the_same_condition(
    lake: Lake, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "PART_BYTES", 5 << 20)
    older, newer = arrivals(lake, 2)
    large = bytes(range(256)) * (11 << 12)
    calls: dict[str, Any] = {}
    s3.meta.events.register("before-call.s3", lambda model, params, **_: calls.update({model.name: params["headers"]}))

    written = write(s3, newer, large)
    assert content(lake) == large
    with pytest.raises(SupersededError):
        write(s3, older, large + b"old")

    head = lake.s3.head_object(Bucket=lake.bucket(), Key=KEY)
    assert (head["VersionId"], head["Metadata"]) == (written.version, written.metadata)
    assert calls["CreateMultipartUpload"]["x-amz-tagging"] == "layer=processed"
    assert "AbortMultipartUpload" in calls


def test_the_conditions_reach_s3(lake: Lake, s3: Any) -> None:
    place = {"Bucket": lake.bucket(), "Key": "k"}
    etag = s3.put_object(**place, Body=b"1", IfNoneMatch="*")["ETag"]

    for condition in ({"IfNoneMatch": "*"}, {"IfMatch": '"other"'}):
        with pytest.raises(ClientError, match="PreconditionFailed"):
            s3.put_object(**place, Body=b"2", **condition)

    s3.put_object(**place, Body=b"3", IfMatch=etag)


def test_a_key_that_metadata_cannot_hold_is_rejected(lake: Lake) -> None:
    names = {"raw/" + "ü" * 400: False, "raw/" + "u" * 1000: True}

    for key, fits in names.items():
        arrival = parse(lake.event(key, "v"), lake.arguments(), "raw/")
        assert arrival
        if fits:
            assert source_metadata(arrival)["source-key"] == key
        else:
            with pytest.raises(Rejected, match="allowed are 1600: upload it by a shorter one"):
                source_metadata(arrival)


def test_an_output_that_may_not_be_seen_is_not_taken_for_absent(lake: Lake, s3: Any) -> None:
    (arrival,) = arrivals(lake, 1)
    write(s3, arrival, b"1")
    s3.meta.events.register("before-call.s3.HeadObject", lambda **_: forbidden())

    with pytest.raises(ClientError, match="403"):
        Output(s3, arrival, KEY).look()


def forbidden() -> Any:
    """S3's answer to a HEAD that is denied: a status without a code."""
    answer = {"Error": {"Code": "403", "Message": "Forbidden"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    return SimpleNamespace(status_code=403), answer


def test_other_errors_are_not_taken_for_changes(lake: Lake, s3: Any) -> None:
    (arrival,) = arrivals(lake, 1)
    lake.s3.delete_bucket(Bucket=lake.bucket())

    with pytest.raises(ClientError, match="NoSuchBucket"):
        write(s3, arrival, b"1")


def test_a_figure_that_an_output_does_not_have_is_zero() -> None:
    written = Written("v", "e", {"rows": "3"})

    assert (written.number("rows"), written.number("values-rescued")) == (3, 0)
