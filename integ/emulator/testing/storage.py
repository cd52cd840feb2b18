"""Reads buckets and tables through S3 and DynamoDB, under the property names of CloudFormation."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from emulator.bucket_names import LIFECYCLE_PATHS
from emulator.testing.probe import Client

Found = dict[str, Any]


def read_bucket(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::S3::Bucket."""
    s3 = client("s3")
    encryption = s3.get_bucket_encryption(Bucket=id_)["ServerSideEncryptionConfiguration"]["Rules"]
    notifications = s3.get_bucket_notification_configuration(Bucket=id_)
    return {
        "BucketName": id_,
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption_rule(rule) for rule in encryption]},
        "LifecycleConfiguration": {"Rules": lifecycle_rules(s3, id_)},
        "LoggingConfiguration": logging(s3, id_),
        "NotificationConfiguration": {
            "EventBridgeConfiguration": {"EventBridgeEnabled": "EventBridgeConfiguration" in notifications}
        },
        "OwnershipControls": optional(s3.get_bucket_ownership_controls, id_, "OwnershipControls"),
        "PublicAccessBlockConfiguration": optional(s3.get_public_access_block, id_, "PublicAccessBlockConfiguration"),
        "VersioningConfiguration": s3.get_bucket_versioning(Bucket=id_),
        "Tags": optional(s3.get_bucket_tagging, id_, "TagSet"),
    }


def optional(action: Any, bucket: str, member: str) -> Any:
    """A part of the bucket's configuration; None if it is not set."""
    try:
        return action(Bucket=bucket)[member]
    except ClientError:
        return None


def encryption_rule(rule: Mapping[str, Any]) -> Found:
    """A rule of BucketEncryption."""
    return {
        "BucketKeyEnabled": rule.get("BucketKeyEnabled"),
        "ServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"],
    }


def lifecycle_rules(s3: Any, bucket: str) -> list[Found]:
    """Rules in the template's flat form."""
    rules = optional(s3.get_bucket_lifecycle_configuration, bucket, "Rules") or []
    flat = []
    for rule in rules:
        found = {}
        for name, path in LIFECYCLE_PATHS.items():
            value: Any = rule
            for part in path:
                value = (value or {}).get(part, (value or {}).get(f"{part}s"))
            found[name] = value
        flat.append({name: value for name, value in found.items() if value not in (None, {})})
    return flat


def logging(s3: Any, bucket: str) -> Found:
    """LoggingConfiguration."""
    enabled = s3.get_bucket_logging(Bucket=bucket).get("LoggingEnabled", {})
    names = {"TargetBucket": "DestinationBucketName", "TargetPrefix": "LogFilePrefix"}
    return {names.get(name, name): value for name, value in enabled.items()}


def read_bucket_policy(client: Client, _id: str, given: Mapping[str, Any]) -> Found:
    """AWS::S3::BucketPolicy."""
    found = client("s3").get_bucket_policy(Bucket=given["Bucket"])
    return {"Bucket": given["Bucket"], "PolicyDocument": json.loads(found["Policy"])}


def read_table(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::DynamoDB::Table."""
    tables = client("dynamodb")
    found = tables.describe_table(TableName=id_)["Table"]
    backups = tables.describe_continuous_backups(TableName=id_)["ContinuousBackupsDescription"]
    ttl = tables.describe_time_to_live(TableName=id_)["TimeToLiveDescription"]
    encryption = found.get("SSEDescription", {})
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    return {
        **found,
        "BillingMode": found["BillingModeSummary"]["BillingMode"],
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": recovery},
        "SSESpecification": {
            "SSEEnabled": encryption.get("Status") == "ENABLED",
            "SSEType": encryption.get("SSEType"),
            "KMSMasterKeyId": encryption.get("KMSMasterKeyArn"),
        },
        "TimeToLiveSpecification": {**ttl, "Enabled": ttl["TimeToLiveStatus"] == "ENABLED"},
        "Tags": tables.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"],
    }
