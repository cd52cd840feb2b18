"""Grantees use their grants. test/permissions simulates the policies with their calls."""

import pytest
from demo.arrived import Arrived
from demo.inputs import bucket_name
from demo.journey import Upload, follow
from demo.lake import Lake
from local.people import s3_of

CONTENT = b"id,town\n1,Ulm\n"
READY = "analytics-ready/"
#: Clients of other accounts send it so that the owner of the bucket may read; no other ACL is accepted.
ACL = "bucket-owner-full-control"


@pytest.mark.parametrize(
    ("role", "customer"), [("loader", "acme"), ("supplier-acme", "acme"), ("supplier-globex", "globex")]
)
def test_uploads_arrive_whole_in_parts_and_with_tags(lake: Lake, role: str, customer: str) -> None:
    s3, bucket, folder = s3_of(lake, role), bucket_name(customer), f"raw/towns/{role}"
    whole = s3.put_object(Bucket=bucket, Key=f"{folder}/whole.csv", Body=CONTENT, Tagging="of=town", ACL=ACL)
    parts = {"Bucket": bucket, "Key": f"{folder}/parts.csv"}
    upload = {**parts, "UploadId": s3.create_multipart_upload(**parts)["UploadId"]}
    s3.upload_part(**upload, PartNumber=1, Body=CONTENT)
    listed = [{name: part[name] for name in ("PartNumber", "ETag")} for part in s3.list_parts(**upload)["Parts"]]
    done = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": listed})
    s3.abort_multipart_upload(**parts, UploadId=s3.create_multipart_upload(**parts)["UploadId"])

    versions = {"whole": whole["VersionId"], "parts": done["VersionId"]}
    journeys = follow(lake, [Upload(customer, f"{folder}/{name}.csv", version) for name, version in versions.items()])

    assert [journey.status for journey in journeys] == ["SUCCEEDED", "SUCCEEDED"]


@pytest.mark.parametrize(
    ("role", "customer"),
    [("reader", "acme"), ("analyst", "acme"), ("partner-acme", "acme"), ("partner-globex", "globex")],
)
def test_readers_find_and_read_what_is_ready(lake: Lake, arrived: Arrived, role: str, customer: str) -> None:  # noqa: ARG001
    s3, bucket = s3_of(lake, role), {"Bucket": bucket_name(customer)}
    s3.get_bucket_location(**bucket)

    found = s3.list_objects_v2(**bucket, Prefix=READY)["Contents"]

    ready = {**bucket, "Key": found[0]["Key"]}
    now = s3.get_object(**ready)
    assert now["Body"].read().startswith(b"PAR1")
    assert s3.get_object(**ready, VersionId=now["VersionId"])["ETag"] == found[0]["ETag"]
    assert {"Key": "layer", "Value": "analytics-ready"} in s3.get_object_tagging(**ready)["TagSet"]
