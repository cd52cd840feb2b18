"""The versions of a customer's objects, as S3 lists them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectVersionTypeDef


def versions(
    s3: "S3Client", bucket: str, prefix: str, after: tuple[str, str] | None = None
) -> "Iterator[ObjectVersionTypeDef]":
    """Lists versions by key, the newest of a key first. Delete markers are left out.

    Args:
        s3: the customer's client.
        bucket: the customer's.
        prefix: of the keys.
        after: key and version to go on after; None: from the start.
    """
    place: Any = {"Bucket": bucket, "Prefix": prefix}
    if after:
        place |= {"KeyMarker": after[0], "VersionIdMarker": after[1]}
    while True:
        # No paginator: it would call the shared client, which signs for nobody.
        page = s3.list_object_versions(**place)
        yield from page.get("Versions", ())
        if not page["IsTruncated"]:
            return
        place |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
