"""The tags of objects in all layers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from datalake import policy
from datalake.lake.arrival import Arrival, iso
from datalake.lake.keys import file_type

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import TagTypeDef


def lake_tags(arrival: Arrival, key: str, schema_version: int) -> dict[str, str]:
    """The lake's tags for an arrival, or for an object that was made of it."""
    return {
        "customer": arrival.customer,
        "layer": key.split("/", 1)[0],
        "file-type": file_type(key) or "none",
        "uploaded-at": iso(arrival.uploaded_at),
        "schema-version": str(schema_version),
    }


def merge(existing: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    """Adds the lake's tags to existing ones: nobody else's is lost, and ours are added while there is room."""
    others = {name: value for name, value in existing.items() if name not in ours}
    room = max(0, policy.MOST_TAGS - len(others))
    return others | dict(list(ours.items())[:room])


def tag_version(s3: "S3Client", arrival: Arrival, ours: Mapping[str, str]) -> None:
    """Adds the lake's tags to an object version.

    S3 takes all tags of an object at once, and without a condition. So they are read right before they are written:
    what the conversion saw minutes ago may lack tags that somebody has set since.
    """
    place: Any = {"Bucket": arrival.bucket, "Key": arrival.key, "VersionId": arrival.version}
    found = s3.get_object_tagging(**place)["TagSet"]
    existing = {tag["Key"]: tag["Value"] for tag in found}
    wanted = merge(existing, ours)
    if wanted != existing:
        tags: list[TagTypeDef] = [{"Key": name, "Value": value} for name, value in wanted.items()]
        s3.put_object_tagging(**place, Tagging={"TagSet": tags})
