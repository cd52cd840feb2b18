"""What the evidence makes of AWS's answers."""

from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.stub import Stubber
from evidence.sources import stack

STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/Lake/1"
#: Two events of one millisecond.
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def described(logical_id: str, status: str) -> dict[str, Any]:
    return {
        "StackId": STACK,
        "EventId": logical_id + status,
        "StackName": "Lake",
        "LogicalResourceId": logical_id,
        "ResourceType": "AWS::CloudFormation::Stack",
        "ResourceStatus": status,
        "Timestamp": AT,
    }


def test_the_stack_ends_last_though_another_event_has_its_time() -> None:
    client = boto3.client(
        "cloudformation", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
    )
    events = [described("Lake", "CREATE_COMPLETE"), described("Table", "CREATE_IN_PROGRESS")]
    with Stubber(client) as answers:
        answers.add_response("describe_stack_events", {"StackEvents": events}, {"StackName": STACK})

        found = stack(lambda _: client, {"StackId": STACK, "StackName": "Lake", "StackStatus": "CREATE_COMPLETE"})

    assert [event["id"] for event in found["events"]] == ["Table", "Lake"]
