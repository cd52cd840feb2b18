"""Bucket properties that ministack's CloudFormation drops. They are set through its S3 API."""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import s3
from ministack.services.cloudformation import provisioners

from emulator.answers import Properties, Record
from emulator.bucket_names import LIFECYCLE_PATHS, MEMBER_NAMES


def install() -> None:
    """Adds the missing properties, and refuses to delete a bucket that is not empty."""
    provisioners._S3_BUCKET_CONFIGURATIONS += (
        ("BucketEncryption", encryption_xml, s3._put_bucket_encryption, s3._delete_bucket_encryption),
        ("LifecycleConfiguration", lifecycle_xml, s3._put_bucket_lifecycle, s3._delete_bucket_lifecycle),
        ("LoggingConfiguration", logging_xml, s3._put_bucket_logging, remove_logging),
        ("OwnershipControls", ownership_xml, s3._put_bucket_ownership_controls, s3._delete_bucket_ownership_controls),
        ("Tags", tags_xml, s3._put_bucket_tagging, s3._delete_bucket_tagging),
    )
    handlers = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    inner_delete = handlers["delete"]

    def delete(name: str, properties: Properties) -> None:
        versions = any(found for (bucket, _), found in s3._object_versions.items() if bucket == name)
        if s3._buckets.get(name, {}).get("objects") or versions:
            raise ValueError(f"The bucket {name} you tried to delete is not empty (BucketNotEmpty)")
        inner_delete(name, properties)

    handlers["delete"] = delete


def encryption_xml(given: Properties) -> bytes:
    """BucketEncryption."""
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault", {}),
            "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
        }
        for rule in given["ServerSideEncryptionConfiguration"]
    ]
    return document("ServerSideEncryptionConfiguration", {"Rule": rules})


def lifecycle_xml(given: Properties) -> bytes:
    """LifecycleConfiguration."""
    return document("LifecycleConfiguration", {"Rule": [lifecycle_rule(rule) for rule in given["Rules"]]})


def lifecycle_rule(given: Properties) -> Record:
    """One rule in the API's form. An unknown member is an error, so that none is lost silently."""
    rule: Record = {}
    for name, value in given.items():
        *parents, last = LIFECYCLE_PATHS[name]
        place = rule
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return rule


def logging_xml(given: Properties) -> bytes:
    """LoggingConfiguration."""
    enabled = {
        "TargetBucket": given.get("DestinationBucketName", ""),
        "TargetPrefix": given.get("LogFilePrefix", ""),
    }
    if "TargetObjectKeyFormat" in given:
        enabled["TargetObjectKeyFormat"] = given["TargetObjectKeyFormat"]
    return document("BucketLoggingStatus", {"LoggingEnabled": enabled})


def remove_logging(name: str) -> None:
    """S3 has no action that deletes logging: an empty status turns it off."""
    s3._put_bucket_logging(name, document("BucketLoggingStatus", {}))


def ownership_xml(given: Properties) -> bytes:
    """OwnershipControls."""
    return document("OwnershipControls", {"Rule": given["Rules"]})


def tags_xml(given: Any) -> bytes:
    """Tags, a list."""
    return document("Tagging", {"TagSet": {"Tag": list(given)}})


def document(tag: str, value: Mapping[str, Any]) -> bytes:
    """A request body of the S3 API."""
    return element(tag, value).encode()


def element(tag: str, value: Any) -> str:
    """A value as XML. A list becomes repeated elements."""
    if isinstance(value, Mapping):
        inner = "".join(element(MEMBER_NAMES.get(name) or name, member) for name, member in value.items())
    elif isinstance(value, list):
        return "".join(element(tag, member) for member in value)
    elif isinstance(value, bool):
        inner = str(value).lower()
    else:
        inner = escape(str(value))
    return f"<{tag}>{inner}</{tag}>"
