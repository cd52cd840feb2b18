"""Which version of a key is the newer one."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from datalake.driver.arrivals import parse
from datalake.lake.arrival import Arrival
from datalake.lake.order import is_newer
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lake_harness import Lake

KEY = "raw/a.csv"
DIGITS = st.text("0123456789ABCDEFabcdef", min_size=1, max_size=20)


def arrivals(lake: Lake, count: int, key: str = KEY) -> list[Arrival]:
    """Versions of a key that are in S3, the oldest first."""
    found = [parse(lake.put(key, b"id\n%d\n" % n).event, lake.arguments(), "raw/") for n in range(count)]
    return [arrival for arrival in found if arrival]


@pytest.fixture
def calls(lake: Lake) -> list[str]:
    made: list[str] = []
    events: Any = lake.s3.meta.events
    events.register("before-call.s3", lambda model, **_: made.append(model.name))
    return made


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(DIGITS, st.data())
def test_sequencers_of_one_length_are_numbers(lake: Lake, calls: list[str], one: str, data: st.DataObject) -> None:
    other = data.draw(st.text("0123456789ABCDEFabcdef", min_size=len(one), max_size=len(one)))
    assume(other.lower() != one.lower())
    arrival = Arrival("acme", "db", "no-bucket", KEY, "v1", "e", 1, one, datetime.now(UTC))

    assert is_newer(lake.s3, arrival, other, "v2") == (int(one, 16) > int(other, 16))
    assert calls == []


#: The second is the newer one each time. Padding on the left, on the right, both or neither would find that.
@pytest.mark.parametrize(("old", "new"), [("FF", "A0A"), ("A0", "F0FF"), ("FF", "100"), ("100", "2F"), ("F00", "1F")])
def test_sequencers_of_unequal_length_are_not_compared_but_s3_is_asked(
    lake: Lake, capsys: pytest.CaptureFixture[str], old: str, new: str
) -> None:
    first, second = arrivals(lake, 2)
    older, newer = replace(first, sequencer=old), replace(second, sequencer=new)

    assert is_newer(lake.s3, newer, older.sequencer, older.version)
    assert not is_newer(lake.s3, older, newer.sequencer, newer.version)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["object"], line["newest"]) for line in lines] == [(newer.object, newer.version)] * 2
    assert lines[0]["sequencers"] == [new, old]
    assert lines[0]["event"] == "order_asked"


def test_equal_sequencers_are_the_time_of_a_second_so_s3_is_asked(lake: Lake) -> None:
    first, second = arrivals(lake, 2)
    older, newer = replace(first, sequencer="19B5F"), replace(second, sequencer="19b5f")

    assert is_newer(lake.s3, newer, older.sequencer, older.version)
    assert not is_newer(lake.s3, older, newer.sequencer, newer.version)


def test_other_keys_that_begin_alike_do_not_count(lake: Lake) -> None:
    (arrival,) = arrivals(lake, 1)
    (other,) = arrivals(lake, 1, KEY + ".more")

    assert is_newer(lake.s3, arrival, "1", other.version)
    assert not is_newer(lake.s3, replace(arrival, version="gone"), "1", other.version)


def test_the_list_is_not_read_beyond_the_key(lake: Lake, calls: list[str]) -> None:
    (arrival,) = arrivals(lake, 1)
    arrivals(lake, 5, KEY + ".more")
    events: Any = lake.s3.meta.events
    events.register("provide-client-params.s3.ListObjectVersions", lambda params, **_: params | {"MaxKeys": 1})
    calls.clear()

    assert not is_newer(lake.s3, replace(arrival, version="gone"), "1", "gone, too")

    assert calls == ["ListObjectVersions"] * 2


def test_a_version_that_was_deleted_for_good_is_the_older_one(lake: Lake) -> None:
    first, second = arrivals(lake, 2)
    lake.s3.delete_object(Bucket=second.bucket, Key=KEY, VersionId=second.version)

    assert is_newer(lake.s3, first, "1", second.version)


def test_a_key_of_many_versions_is_read_until_one_of_the_two_is_there(lake: Lake, calls: list[str]) -> None:
    first, second, *_ = arrivals(lake, 5)
    events: Any = lake.s3.meta.events
    events.register("provide-client-params.s3.ListObjectVersions", lambda params, **_: params | {"MaxKeys": 2})
    calls.clear()

    assert is_newer(lake.s3, second, "1", first.version)

    assert calls == ["ListObjectVersions"] * 2


def test_a_page_of_the_list_may_have_no_version(lake: Lake, calls: list[str]) -> None:
    first, second = arrivals(lake, 2)
    lake.s3.delete_object(Bucket=second.bucket, Key=KEY)
    events: Any = lake.s3.meta.events
    events.register("provide-client-params.s3.ListObjectVersions", lambda params, **_: params | {"MaxKeys": 1})
    calls.clear()

    assert is_newer(lake.s3, second, "1", first.version)

    assert calls == ["ListObjectVersions"] * 2
