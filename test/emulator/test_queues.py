"""SQS as the jobs use it: no loss under load, dead letters with their source queue, redrives."""

import datetime
import itertools
import json
import operator
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from emulator import queues
from emulator.client import LocalAws
from emulator.settings import S3_EVENTS_AFTER_SECONDS
from emulator.testing.probe import Client, eventually

PRODUCERS = 4
CONSUMERS = 2
MESSAGES = 100

_numbers = itertools.count()


@pytest.fixture
def sqs(client: Client) -> Any:
    return client("sqs")


def create(sqs: Any, **attributes: str) -> tuple[str, str]:
    """A queue; its URL and ARN."""
    url: str = sqs.create_queue(QueueName=f"queue-{next(_numbers)}", Attributes=attributes)["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, answer["Attributes"]["QueueArn"]


def pair(sqs: Any, most: int = 1) -> tuple[str, str, str, str]:
    """A queue with its dead-letter queue: URL, ARN, URL, ARN."""
    dead_url, dead_arn = create(sqs)
    policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": most})
    url, arn = create(sqs, RedrivePolicy=policy, VisibilityTimeout="0")
    return url, arn, dead_url, dead_arn


def bodies(sqs: Any, url: str) -> list[str]:
    """Receives everything that is visible. The messages stay in flight."""
    found: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [message["Body"] for message in messages]
    return found


def test_no_message_is_lost_while_others_are_deleted(aws: LocalAws, client: Client) -> None:
    # Deliveries of events append from threads of their own, while receivers delete on the server's loop.
    sqs, s3, events = client("sqs"), client("s3"), client("events")
    url, arn = create(sqs)
    s3.create_bucket(Bucket="hammer")
    s3.put_bucket_notification_configuration(
        Bucket="hammer", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    aws.turn_clock(S3_EVENTS_AFTER_SECONDS)
    events.put_rule(Name="hammer", EventPattern=json.dumps({"detail": {"bucket": {"name": ["hammer"]}}}))
    events.put_targets(Rule="hammer", Targets=[{"Id": "queue", "Arn": arn}])
    received: list[str] = []
    produced = threading.Event()

    def produce(producer: int) -> None:
        for number in range(MESSAGES):
            s3.put_object(Bucket="hammer", Key=f"{producer}/{number}", Body=b"")

    def consume() -> None:
        while messages := receive(sqs, url) or not produced.is_set():
            if isinstance(messages, list):
                entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)]
                sqs.delete_message_batch(QueueUrl=url, Entries=entries)
                received.extend(json.loads(message["Body"])["detail"]["object"]["key"] for message in messages)

    with ThreadPoolExecutor(PRODUCERS + CONSUMERS) as pool:
        consumers = [pool.submit(consume) for _ in range(CONSUMERS)]
        list(pool.map(produce, range(PRODUCERS)))
        produced.set()
        for consumer in consumers:
            consumer.result()

    assert sorted(received) == sorted(f"{p}/{n}" for p in range(PRODUCERS) for n in range(MESSAGES))


def test_a_message_list_is_one_threads_at_a_time() -> None:
    seen: list[bool] = []
    is_inside = threading.Event()

    def look() -> None:
        seen.append(is_inside.is_set())

    def hold() -> None:
        is_inside.set()
        other.start()
        other.join(0.2)
        is_inside.clear()

    other = threading.Thread(target=queues.locked(look))
    queues.locked(hold)()
    other.join()

    assert seen == [False]


def receive(sqs: Any, url: str) -> list[dict[str, Any]]:
    """Receives messages, waiting up to a second."""
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
    return list(found)


def test_a_message_received_too_often_becomes_a_dead_letter_of_its_queue(sqs: Any) -> None:
    url, arn, dead_url, _ = pair(sqs, most=2)
    sqs.send_message(QueueUrl=url, MessageBody="poison")

    for _ in range(2):
        assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "poison"

    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    dead = sqs.receive_message(QueueUrl=dead_url, AttributeNames=["All"])["Messages"][0]
    assert (dead["Body"], dead["Attributes"]["DeadLetterQueueSourceArn"]) == ("poison", arn)
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead_url)["queueUrls"] == [url]


MINUTE, HOUR, DAY = 60, 60 * 60, 24 * 60 * 60


def test_a_dead_letter_expires_as_if_it_had_never_been_moved(aws: LocalAws, sqs: Any) -> None:
    url, _, dead_url, _ = pair(sqs)
    for each in (url, dead_url):
        sqs.set_queue_attributes(QueueUrl=each, Attributes={"MessageRetentionPeriod": str(14 * DAY)})
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    aws.turn_clock(13 * DAY)
    for _ in range(2):  # the second receive moves it
        sqs.receive_message(QueueUrl=url)
    assert bodies(sqs, dead_url) == ["poison"]

    aws.turn_clock(DAY)

    assert bodies(sqs, dead_url) == []


def test_a_redriven_letter_starts_anew(aws: LocalAws, sqs: Any) -> None:
    url, arn, dead_url, dead_arn = pair(sqs)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "30"})
    sqs.send_message(QueueUrl=dead_url, MessageBody="poison")
    aws.turn_clock(3 * DAY)  # of the four that a queue keeps its messages
    sqs.start_message_move_task(SourceArn=dead_arn, DestinationArn=arn)
    finished(sqs, dead_arn)

    aws.turn_clock(3 * DAY)

    assert bodies(sqs, url) == ["poison"]


def age(client: Client, url: str) -> float:
    """The newest value of ApproximateAgeOfOldestMessage."""
    now = datetime.datetime.now(datetime.UTC)
    found = client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Dimensions=[{"Name": "QueueName", "Value": url.rsplit("/", 1)[-1]}],
        StartTime=now - datetime.timedelta(seconds=5),
        EndTime=now + datetime.timedelta(seconds=5),
        Period=1,
        Statistics=["Maximum"],
    )
    newest = max(found["Datapoints"], key=operator.itemgetter("Timestamp"), default={"Maximum": -1.0})
    return float(newest["Maximum"])


@eventually
def wait_for_age(client: Client, url: str, least: float, most: float) -> None:
    assert least <= age(client, url) <= most


def test_the_age_looks_at_no_message_that_was_received_three_times(aws: LocalAws, client: Client, sqs: Any) -> None:
    url, *_ = pair(sqs, most=9)
    sqs.send_message(QueueUrl=url, MessageBody="old")
    aws.turn_clock(HOUR)
    for _ in range(2):
        sqs.receive_message(QueueUrl=url)
    wait_for_age(client, url, HOUR, HOUR + MINUTE)

    sqs.receive_message(QueueUrl=url)

    wait_for_age(client, url, 0, 0)


def test_the_age_of_a_dead_letter_begins_with_its_move(aws: LocalAws, client: Client, sqs: Any) -> None:
    url, _, dead_url, _ = pair(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    aws.turn_clock(HOUR)
    for _ in range(2):
        sqs.receive_message(QueueUrl=url)

    aws.turn_clock(MINUTE)

    wait_for_age(client, dead_url, MINUTE, 2 * MINUTE)


@eventually
def finished(sqs: Any, dead_arn: str) -> dict[str, Any]:
    """The newest redrive, when it is over."""
    task: dict[str, Any] = sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"][0]
    assert task["Status"] != "RUNNING"
    return task


def test_a_redrive_moves_dead_letters_to_its_destination(sqs: Any) -> None:
    url, arn, dead_url, dead_arn = pair(sqs)
    for number in range(12):
        reason = {"Reason": {"DataType": "String", "StringValue": "test"}}
        sqs.send_message(QueueUrl=dead_url, MessageBody=str(number), MessageAttributes=reason)

    sqs.start_message_move_task(SourceArn=dead_arn, DestinationArn=arn)

    task = finished(sqs, dead_arn)
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"], "TaskHandle" in task) == ("COMPLETED", 12, False)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    assert sorted(map(int, bodies(sqs, url))) == list(range(12))
    assert bodies(sqs, dead_url) == []


def test_a_redrive_without_destination_takes_each_message_to_where_it_came_from(sqs: Any) -> None:
    url, _, dead_url, dead_arn = pair(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    for _ in range(2):
        sqs.receive_message(QueueUrl=url)

    sqs.start_message_move_task(SourceArn=dead_arn)

    assert finished(sqs, dead_arn)["Status"] == "COMPLETED"
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "poison"
    assert bodies(sqs, dead_url) == []


def test_a_redrive_without_destination_fails_on_a_letter_that_was_sent_directly(sqs: Any) -> None:
    *_, dead_url, dead_arn = pair(sqs)
    sqs.send_message(QueueUrl=dead_url, MessageBody="from the job")

    sqs.start_message_move_task(SourceArn=dead_arn)

    task = finished(sqs, dead_arn)
    assert (task["Status"], task["FailureReason"]) == ("FAILED", "CouldNotDetermineMessageSource")
    assert bodies(sqs, dead_url) == ["from the job"]


def test_a_queue_that_is_nobodys_dead_letter_queue_cannot_be_redriven(sqs: Any) -> None:
    _, arn = create(sqs)

    with pytest.raises(ClientError, match="must be configured as a Dead Letter Queue"):
        sqs.start_message_move_task(SourceArn=arn)


def test_a_batch_deletes_its_own_messages_and_says_which_receipts_are_none(sqs: Any) -> None:
    url, _ = create(sqs)
    for body in ("first", "second", "third"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    receipts = [m["ReceiptHandle"] for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=2)["Messages"]]
    entries = [{"Id": str(n), "ReceiptHandle": receipt} for n, receipt in enumerate([receipts[1], "none"])]

    answer = sqs.delete_message_batch(QueueUrl=url, Entries=entries)

    assert [done["Id"] for done in answer["Successful"]] == ["0"]
    assert [(failed["Id"], failed["Code"]) for failed in answer["Failed"]] == [("1", "ReceiptHandleIsInvalid")]
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipts[0], VisibilityTimeout=0)
    assert sorted(bodies(sqs, url)) == ["first", "third"]


def test_a_fair_queue_serves_the_group_with_the_fewest_messages_in_flight(sqs: Any) -> None:
    url, _ = create(sqs)
    for group, number in (("noisy", 6), ("quiet", 2)):
        for n in range(number):
            sqs.send_message(QueueUrl=url, MessageBody=f"{group} {n}", MessageGroupId=group)
    sqs.send_message(QueueUrl=url, MessageBody="late 0", MessageGroupId="late")

    received = [sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] for _ in range(9)]

    assert received[:5] == ["noisy 0", "quiet 0", "late 0", "noisy 1", "quiet 1"]
    assert received[5:] == [f"noisy {n}" for n in range(2, 6)]
