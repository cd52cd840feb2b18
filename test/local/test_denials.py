"""A call that AWS denies on a customer's bucket or on the lake's key rings, and is kept for whoever looks into it."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from demo.inputs import bucket_name
from demo.lake import Lake
from demo.local import LocalLake
from emulator.settings import ACCOUNT, REGION
from local.documented import commands, shell
from local.resources import physical_id
from local.test_alarms import notices, wait_for_an_evaluation

#: A denied use of a key, as CloudTrail tells EventBridge of it: it names no bucket, and the key as a resource.
USE_OF_KEY = {
    "eventSource": "kms.amazonaws.com",
    "eventName": "Decrypt",
    "errorCode": "AccessDenied",
    "requestParameters": None,
}


@pytest.fixture
def mailbox(lake: Lake) -> str:
    """A queue subscribed to the topic of the alarms."""
    url: str = lake.sqs.create_queue(QueueName="denials")["QueueUrl"]
    arn = lake.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    lake.client("sns").subscribe(TopicArn=lake.outputs["AlarmTopicArn"], Protocol="sqs", Endpoint=arn)
    return url


def denied_session(lake: Lake, action: str) -> Any:
    """The S3 of a role that is denied an action."""
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]}
    role = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/curious", "RoleSessionName": "test"}
    given = lake.client("sts").assume_role(**role, Policy=json.dumps(deny))["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], region_name=REGION)
    return session.client("s3", endpoint_url=lake.s3.meta.endpoint_url)


def test_a_denied_read_of_a_customers_object_rings_and_is_kept(local: LocalLake, mailbox: str) -> None:
    lake, bucket = local.lake, bucket_name("acme")
    alarm = physical_id(lake, "AWS::CloudWatch::Alarm", "LakeObserveAccessAccessDenied")

    with pytest.raises(ClientError, match="AccessDenied"):
        denied_session(lake, "s3:GetObject").get_object(Bucket=bucket, Key="raw/orders/a.csv")

    wait_for_an_evaluation(lake)
    assert (alarm, "ALARM") in notices(lake, mailbox)
    shown = shell(local, commands("runbook.md", "## Access denied", "aws sqs receive-message"))
    (call,) = [json.loads(line) for line in shown.splitlines()]
    who = f"arn:aws:sts::{ACCOUNT}:assumed-role/curious/test"
    assert call[1:] == [who, "GetObject", bucket, "raw/orders/a.csv", "Access Denied"]


@pytest.mark.parametrize(
    ("is_ours", "changed", "matches"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"errorCode": "ThrottlingException"}, False),
        (False, {"requestParameters": {"bucketName": "mycompany-acme-prod-datalake"}}, False),
        (False, {"requestParameters": {"bucketName": "mycompany-acme-dev-datalake"}}, True),
    ],
)
def test_denials_of_the_lakes_key_and_buckets_ring_and_no_others(
    lake: Lake, is_ours: bool, changed: dict[str, Any], matches: bool
) -> None:
    rule = physical_id(lake, "AWS::Events::Rule", "LakeObserveAccessDenied")
    key = physical_id(lake, "AWS::KMS::Key", "LakeEncryptionKey") if is_ours else "theirs"
    resources = [{"type": "AWS::KMS::Key", "ARN": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"}]
    event = {
        "id": "1",
        "account": ACCOUNT,
        "region": REGION,
        "time": "2026-01-31T12:00:00Z",
        "source": "aws.kms",
        "detail-type": "AWS API Call via CloudTrail",
        "resources": [],
        "detail": {**USE_OF_KEY, "resources": resources, **changed},
    }

    events = lake.client("events")
    pattern = events.describe_rule(Name=rule)["EventPattern"]
    assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"] == matches
