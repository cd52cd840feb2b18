"""Alarms evaluate the metrics of their own dimensions and notify their topic."""

import itertools
import json
from typing import Any

import pytest
from emulator.testing.probe import Client, Jobs, eventually

_numbers = itertools.count()


@pytest.fixture
def mailbox(client: Client) -> "Mailbox":
    return Mailbox(client)


class Mailbox:
    """A topic with a subscribed queue."""

    def __init__(self, client: Client) -> None:
        name = f"mail-{next(_numbers)}"
        self.sqs = client("sqs")
        self.topic: str = client("sns").create_topic(Name=name)["TopicArn"]
        self.url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
        client("sns").subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)

    def next(self) -> dict[str, Any]:
        """The next notification."""
        message = self.sqs.receive_message(QueueUrl=self.url, WaitTimeSeconds=20)["Messages"][0]
        found: dict[str, Any] = json.loads(json.loads(message["Body"])["Message"])
        return found


def put_alarm(client: Client, topic: str, namespace: str, metric: str, dimensions: dict[str, str], **more: Any) -> str:
    name = f"alarm-{next(_numbers)}"
    options = {
        "AlarmName": name,
        "AlarmActions": [topic],
        "OKActions": [topic],
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    client("cloudwatch").put_metric_alarm(**{**options, **more})
    return name


def state(client: Client, name: str) -> str:
    found: str = client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]
    return found


@eventually
def wait_for_state(client: Client, name: str, expected: str) -> None:
    assert state(client, name) == expected


def test_an_alarm_on_a_queue_is_raised_by_that_queue_alone(client: Client, mailbox: Mailbox) -> None:
    sqs = client("sqs")
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("full", "empty")}
    alarms = {
        name: put_alarm(client, mailbox.topic, "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": name})
        for name in urls
    }
    for _ in urls:
        assert mailbox.next()["NewStateValue"] == "OK"

    sqs.send_message(QueueUrl=urls["full"], MessageBody="dead letter")

    told = mailbox.next()
    assert (told["AlarmName"], told["NewStateValue"], told["OldStateValue"]) == (alarms["full"], "ALARM", "OK")
    assert state(client, alarms["empty"]) == "OK"


def test_the_age_of_the_oldest_message_grows(client: Client, mailbox: Mailbox) -> None:
    url = client("sqs").create_queue(QueueName="old")["QueueUrl"]
    metric, dimensions = "ApproximateAgeOfOldestMessage", {"QueueName": "old"}
    alarm = put_alarm(client, mailbox.topic, "AWS/SQS", metric, dimensions, Threshold=2)

    client("sqs").send_message(QueueUrl=url, MessageBody="waits")

    wait_for_state(client, alarm, "ALARM")


@pytest.mark.parametrize(("script", "expected"), [("raise SystemExit(1)", "ALARM"), ("", "OK")])
def test_an_alarm_on_failed_runs(client: Client, jobs: Jobs, mailbox: Mailbox, script: str, expected: str) -> None:
    job = jobs.create(script, DefaultArguments={"--enable-observability-metrics": "true"})
    dimensions = {"JobName": job, "JobRunId": "ALL", "Type": "count", "ObservabilityGroup": "error"}
    alarm = put_alarm(client, mailbox.topic, "Glue", "glue.error.ALL", dimensions, Statistic="Sum")

    jobs.ended(job, jobs.start(job))

    wait_for_metric(client, "Glue", "glue.error.ALL", dimensions)
    wait_for_state(client, alarm, expected)


@eventually
def wait_for_metric(client: Client, namespace: str, metric: str, dimensions: dict[str, str]) -> None:
    wanted = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    found = client("cloudwatch").list_metrics(Namespace=namespace, MetricName=metric, Dimensions=wanted)
    assert found["Metrics"]


def test_a_job_without_observability_has_no_metrics(client: Client, jobs: Jobs) -> None:
    job = jobs.create("raise SystemExit(1)")

    jobs.ended(job, jobs.start(job))

    wanted = [{"Name": "JobName", "Value": job}]
    assert client("cloudwatch").list_metrics(Namespace="Glue", Dimensions=wanted)["Metrics"] == []


def test_an_alarm_on_a_rule_that_cannot_deliver(client: Client, mailbox: Mailbox) -> None:
    events = client("events")
    events.put_rule(Name="lost", EventPattern=json.dumps({"source": ["lost"]}))
    arn = "arn:aws:glue:us-east-1:123456789012:workflow/gone"
    role = "arn:aws:iam::123456789012:role/wake-up"
    events.put_targets(Rule="lost", Targets=[{"Id": "gone", "Arn": arn, "RoleArn": role}])
    dimensions = {"RuleName": "lost"}
    alarm = put_alarm(client, mailbox.topic, "AWS/Events", "FailedInvocations", dimensions, Statistic="Sum")

    events.put_events(Entries=[{"Source": "lost", "DetailType": "test", "Detail": "{}"}])

    wait_for_state(client, alarm, "ALARM")


@pytest.mark.parametrize(
    ("missing", "expected"), [("notBreaching", "OK"), ("breaching", "ALARM"), ("missing", "INSUFFICIENT_DATA")]
)
def test_missing_data_counts_as_the_alarm_says(client: Client, mailbox: Mailbox, missing: str, expected: str) -> None:
    alarm = put_alarm(client, mailbox.topic, "Nothing", "Nothing", {"Of": missing}, TreatMissingData=missing)

    wait_for_state(client, alarm, expected)


def test_metrics_of_a_job_raise_an_alarm(client: Client, mailbox: Mailbox) -> None:
    dimensions = {"Lake": "org-dev", "Stage": "process-csv"}
    alarm = put_alarm(client, mailbox.topic, "ModernDataLake", "ObjectsRejected", dimensions, Statistic="Sum")
    values = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    data = {"MetricName": "ObjectsRejected", "Dimensions": values, "Value": 1, "Unit": "Count"}

    client("cloudwatch").put_metric_data(Namespace="ModernDataLake", MetricData=[data])

    wait_for_state(client, alarm, "ALARM")
