"""The source of a conversion: one version of an object, while the object is there."""

from contextlib import closing

import pytest
from datalake.driver.arrivals import parse
from datalake.lake.arrival import Arrival
from datalake.lake.sources import GoneError, Source
from lake_harness import Lake, Upload


def arrival(lake: Lake, upload: Upload) -> Arrival:
    found = parse(upload.event, lake.arguments(), "raw/")
    assert found
    return found


def test_a_version_is_read_as_often_as_it_is_opened_also_if_a_newer_one_is_there(lake: Lake) -> None:
    old = lake.put("raw/a.csv", b"old", Metadata={"of": "old"})
    lake.put("raw/a.csv", b"new")

    with closing(Source(lake.s3, arrival(lake, old))) as source:
        assert source.metadata == {"of": "old"}
        assert [source.open().read() for _ in range(2)] == [b"old", b"old"]


def test_a_version_of_an_object_that_was_deleted_is_gone_though_s3_still_has_it(lake: Lake) -> None:
    upload = lake.put("raw/a.csv", b"id\n1\n")
    lake.s3.delete_object(Bucket=lake.bucket(), Key=upload.key)

    with pytest.raises(GoneError):
        Source(lake.s3, arrival(lake, upload))
    assert lake.read(upload) == b"id\n1\n"
