"""Reads the policies of a deployed lake for the simulation in test/permissions."""

import json
from pathlib import Path
from typing import Any

from demo.lake import Lake


def policies_of(lake: Lake, *stacks: str) -> dict[str, Any]:
    """Policies by ARN: what every role may do and who may assume it, and every resource policy.

    Also returns the names of all resources by logical id, and the keys of the buckets.
    """
    pages = lake.client("cloudformation").get_paginator("list_stack_resources")
    listed = [
        found
        for stack in stacks
        for page in pages.paginate(StackName=stack)
        for found in page["StackResourceSummaries"]
    ]
    names: dict[str, list[str]] = {}
    for found in listed:
        names.setdefault(found["ResourceType"], []).append(found["PhysicalResourceId"])
    return {
        "names": {found["LogicalResourceId"]: found["PhysicalResourceId"] for found in listed},
        "bucket_keys": {
            f"arn:aws:s3:::{name}": key for name in names["AWS::S3::Bucket"] if (key := bucket_key(lake, name))
        },
        "roles": dict(role_policies(lake, name) for name in names["AWS::IAM::Role"]),
        "resources": {
            **{f"arn:aws:s3:::{name}": bucket_policy(lake, name) for name in names["AWS::S3::Bucket"]},
            **dict(queue_policy(lake, url) for url in names["AWS::SQS::Queue"]),
            **dict(topic_policy(lake, arn) for arn in names["AWS::SNS::Topic"]),
            **dict(key_policy(lake, name) for name in names["AWS::KMS::Key"]),
        },
    }


def role_policies(lake: Lake, name: str) -> tuple[str, dict[str, Any]]:
    """Permissions and trust policy of a role."""
    iam = lake.client("iam")
    role = iam.get_role(RoleName=name)["Role"]
    inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
    policies = [iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in inline]
    return role["Arn"], {"trust": role["AssumeRolePolicyDocument"], "policies": policies}


def bucket_policy(lake: Lake, name: str) -> Any:
    """Policy of a bucket."""
    return json.loads(lake.s3.get_bucket_policy(Bucket=name)["Policy"])


def bucket_key(lake: Lake, name: str) -> str | None:
    """ARN of the KMS key that encrypts a bucket."""
    (rule,) = lake.s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    key: str | None = rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID")
    return key


def queue_policy(lake: Lake, url: str) -> tuple[str, Any]:
    """ARN and policy of a queue."""
    names = ["QueueArn", "Policy"]
    attributes = lake.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return attributes["QueueArn"], json.loads(attributes["Policy"])


def topic_policy(lake: Lake, arn: str) -> tuple[str, Any]:
    """ARN and policy of a topic."""
    return arn, json.loads(lake.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])


def key_policy(lake: Lake, key_id: str) -> tuple[str, Any]:
    """ARN and policy of a key."""
    kms = lake.client("kms")
    policy = json.loads(kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"])
    return kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"], policy


def write(path: Path, policies: dict[str, Any]) -> None:
    """Writes them as JSON."""
    path.write_text(json.dumps(policies, indent=1))
