"""S3 sends an event for an object, and a rule delivers it to a queue."""

import json
from typing import Any

import pytest
from emulator.client import LocalAws
from emulator.settings import S3_EVENTS_AFTER_SECONDS
from emulator.testing.probe import Client, eventually

PATTERN = {
    "source": ["aws.s3"],
    "detail-type": ["Object Created"],
    "detail": {"bucket": {"name": [{"wildcard": "org-*-dev-datalake"}]}, "object": {"key": [{"prefix": "raw/"}]}},
}
BUCKETS = ("org-a-dev-datalake", "org-b-dev-datalake", "org-a-prod-datalake")


@pytest.fixture(scope="module")
def queues(aws: LocalAws, client: Client) -> dict[str, str]:
    """A rule with a queue, a target that is not there and a dead-letter queue; URLs by name."""
    s3, sqs, events = client("s3"), client("sqs"), client("events")
    for bucket in BUCKETS:
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
    aws.turn_clock(S3_EVENTS_AFTER_SECONDS)
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("work", "dead")}
    events.put_rule(Name="created", EventPattern=json.dumps(PATTERN))
    group = {"MessageGroupId": "$.detail.bucket.name"}
    dead = {"Arn": arn("dead")}
    targets = [
        {"Id": "work", "Arn": arn("work"), "SqsParameters": group, "DeadLetterConfig": dead},
        {"Id": "gone", "Arn": arn("gone"), "DeadLetterConfig": dead},
    ]
    events.put_targets(Rule="created", Targets=targets)
    return urls


def arn(queue: str) -> str:
    return f"arn:aws:sqs:us-east-1:123456789012:{queue}"


@pytest.fixture(autouse=True)
def _empty(client: Client, queues: dict[str, str]) -> None:
    for url in queues.values():
        client("sqs").purge_queue(QueueUrl=url)


def receive(client: Client, url: str) -> dict[str, Any]:
    """The next message, with all of its attributes."""
    options = {"WaitTimeSeconds": 10, "AttributeNames": ["All"], "MessageAttributeNames": ["All"]}
    found: dict[str, Any] = client("sqs").receive_message(QueueUrl=url, **options)["Messages"][0]
    return found


def put(client: Client, key: str, body: bytes = b"1", bucket: str = BUCKETS[0]) -> str:
    version: str = client("s3").put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]
    return version


@pytest.mark.parametrize("key", ["raw/a b+c.csv", "raw/100%/é–ß.csv", "raw/a%20b.csv"])
def test_the_event_names_the_version_and_the_raw_key(client: Client, queues: dict[str, str], key: str) -> None:
    version = put(client, key, b"1234")

    found = json.loads(receive(client, queues["work"])["Body"])["detail"]["object"]

    assert (found["key"], found["version-id"], found["size"]) == (key, version, 4)


def test_the_sequencer_of_a_key_grows(client: Client, queues: dict[str, str]) -> None:
    versions = [put(client, "raw/same.csv", str(n).encode()) for n in range(20)]

    objects = [json.loads(receive(client, queues["work"])["Body"])["detail"]["object"] for _ in versions]

    in_order = sorted(objects, key=lambda found: found["sequencer"])
    assert [found["version-id"] for found in in_order] == versions
    assert len({len(found["sequencer"]) for found in objects}) == 1


def test_the_rule_takes_only_what_matches(client: Client, queues: dict[str, str]) -> None:
    put(client, "processed/a.json")
    put(client, "raw/other.csv", bucket=BUCKETS[2])
    put(client, "raw/b.csv", bucket=BUCKETS[1])

    message = receive(client, queues["work"])

    assert json.loads(message["Body"])["detail"]["bucket"]["name"] == BUCKETS[1]
    assert depth(client, queues["work"]) == 0


def depth(client: Client, url: str) -> int:
    answer = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


@eventually
def wait_for_depth(client: Client, url: str, expected: int) -> None:
    assert depth(client, url) == expected


def test_the_bucket_is_the_message_group(client: Client, queues: dict[str, str]) -> None:
    put(client, "raw/a.csv")

    assert receive(client, queues["work"])["Attributes"]["MessageGroupId"] == BUCKETS[0]


def test_one_customers_burst_does_not_delay_another(client: Client, queues: dict[str, str]) -> None:
    for number in range(8):
        put(client, f"raw/{number}.csv")
    put(client, "raw/late.csv", bucket=BUCKETS[1])
    wait_for_depth(client, queues["work"], 9)

    groups = [receive(client, queues["work"])["Attributes"]["MessageGroupId"] for _ in range(2)]

    assert sorted(groups) == sorted(BUCKETS[:2])


def test_a_new_bucket_sends_no_events_for_five_minutes(aws: LocalAws, client: Client, queues: dict[str, str]) -> None:
    bucket, s3 = "org-new-dev-datalake", client("s3")
    configuration: dict[str, Any] = {"EventBridgeConfiguration": {}}
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    s3.put_object(Bucket=bucket, Key="raw/lost.csv", Body=b"")
    aws.turn_clock(S3_EVENTS_AFTER_SECONDS - 10)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)  # nothing new
    s3.put_object(Bucket=bucket, Key="raw/lost-too.csv", Body=b"")

    aws.turn_clock(10)
    s3.put_object(Bucket=bucket, Key="raw/first.csv", Body=b"")

    assert json.loads(receive(client, queues["work"])["Body"])["detail"]["object"]["key"] == "raw/first.csv"
    assert depth(client, queues["work"]) == 0


def test_a_bucket_that_is_made_again_is_new(aws: LocalAws, client: Client, queues: dict[str, str]) -> None:
    bucket, s3 = "org-again-dev-datalake", client("s3")
    configuration: dict[str, Any] = {"EventBridgeConfiguration": {}}
    for key in ("raw/first.csv", "raw/lost.csv"):
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
        if key == "raw/first.csv":
            aws.turn_clock(S3_EVENTS_AFTER_SECONDS)
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
        s3.delete_object(Bucket=bucket, Key=key)
        s3.delete_bucket(Bucket=bucket)

    assert json.loads(receive(client, queues["work"])["Body"])["detail"]["object"]["key"] == "raw/first.csv"
    assert depth(client, queues["work"]) == 0


def test_an_event_that_cannot_be_delivered_goes_to_the_targets_dead_letter_queue(
    client: Client, queues: dict[str, str]
) -> None:
    put(client, "raw/a.csv")

    dead = receive(client, queues["dead"])

    assert json.loads(dead["Body"]) == json.loads(receive(client, queues["work"])["Body"])
    attributes = {name: value["StringValue"] for name, value in dead["MessageAttributes"].items()}
    assert attributes["TARGET_ARN"] == arn("gone")
    assert attributes["ERROR_CODE"] == "SQS_QUEUE_NOT_FOUND"
