"""The alarms ring as deployed, on recorded data and a clock that is turned: nothing waits for an hour here."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from demo.lake import Lake
from demo.local import LocalLake
from emulator.testing.probe import eventually
from local.resources import physical_id

MINUTES, HOUR = 300, 3600


@dataclass(frozen=True)
class Recorded:
    """Values of a metric in the last periods, newest first; None is a period without data."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    values: Sequence[float | None]
    period: int = MINUTES


def of_job(stage: str, name: str, *values: float | None, period: int = MINUTES) -> Recorded:
    """A metric that the job of a stage sends."""
    return Recorded("ModernDataLake", name, {"Lake": "mycompany-dev", "Stage": stage}, values, period)


def of_queue(url: str, name: str, *values: float | None) -> Recorded:
    """A metric of a queue."""
    return Recorded("AWS/SQS", name, {"QueueName": url.rsplit("/", 1)[-1]}, values)


def waiting(lake: Lake, *values: float | None) -> Recorded:
    """Messages that wait in the work queue of the second stage."""
    return of_queue(lake.stages[1].queue_url, "ApproximateNumberOfMessagesVisible", *values)


def age(url: str, seconds: float) -> Recorded:
    """Age of the oldest message of a queue."""
    return of_queue(url, "ApproximateAgeOfOldestMessage", seconds)


def of_rule(lake: Lake, name: str, *values: float | None) -> Recorded:
    """A metric of the rule that brings new files to the first stage."""
    rules = lake.client("events").list_rules()["Rules"]
    (rule,) = [rule["Name"] for rule in rules if "raw/" in rule.get("EventPattern", "")]
    return Recorded("AWS/Events", name, {"RuleName": rule}, values)


def scanned(gibibytes: float) -> Recorded:
    """What a query in the lake's workgroup scanned."""
    return Recorded("AWS/Athena", "ProcessedBytes", {"WorkGroup": "mycompany-dev-datalake"}, [gibibytes * 1024**3])


def throttled(lake: Lake, *values: float | None) -> Recorded:
    """Writes that DynamoDB refuses because an index is behind."""
    of = {"TableName": lake.outputs["ManifestTableName"], "GlobalSecondaryIndexName": "by-status"}
    return Recorded("AWS/DynamoDB", "WriteThrottleEvents", of, values)


Case = tuple[str, bool, Callable[[Lake], Sequence[Recorded]]]
#: Alarm, whether it rings, and on what. A case that does not ring comes before the one that does.
CASES: Sequence[Case] = [
    ("AnalyticsTransformNoProgress", False, lambda lake: [waiting(lake, 9, 9)]),
    ("AnalyticsTransformNoProgress", True, lambda lake: [waiting(lake, None, None, 9)]),
    ("AnalyticsTransformArrivalToDone", False, lambda _: [of_job("analytics-transform", "ArrivalToDoneSeconds", 4e3)]),
    (
        "AnalyticsTransformArrivalToDone",
        True,
        lambda _: [of_job("analytics-transform", "ArrivalToDoneSeconds", None, 4e3, 4e3)],
    ),
    (
        "ProcessCsvMisfits",
        False,
        lambda _: [
            of_job("process-csv", "RowsWritten", 10_000, period=HOUR),
            of_job("process-csv", "ValuesRescued", 40, period=HOUR),
            of_job("analytics-transform", "ValuesRescued", 30, period=HOUR),
        ],
    ),
    ("ProcessCsvMisfits", True, lambda _: [of_job("process-csv", "RowsShort", 30, period=HOUR)]),
    ("ManifestManifestThrottled", False, lambda lake: [throttled(lake, None, 5, 5)]),
    ("ManifestManifestThrottled", True, lambda lake: [throttled(lake, 5)]),
    ("ProcessCsvLostEvents", False, lambda lake: [of_rule(lake, "InvocationsSentToDlq", 1)]),
    ("ProcessCsvLostEvents", True, lambda lake: [of_rule(lake, "InvocationsFailedToBeSentToDlq", 1)]),
    ("AnalyticsTransformBacklogAge", False, lambda lake: [age(lake.stages[1].queue_url, HOUR - 1)]),
    ("AnalyticsTransformBacklogAge", True, lambda lake: [age(lake.stages[1].queue_url, HOUR)]),
    (
        "ProcessCsvExpiringDeadLetters",
        False,
        lambda lake: [age(lake.stages[0].dead_letter_queue_url, 7 * 24 * HOUR - 1)],
    ),
    ("ProcessCsvExpiringDeadLetters", True, lambda lake: [age(lake.stages[0].dead_letter_queue_url, 7 * 24 * HOUR)]),
    (
        "SweeperFailedSweeps",
        True,
        lambda lake: [Recorded("AWS/States", "ExecutionsFailed", {"StateMachineArn": lake.outputs["SweeperArn"]}, [1])],
    ),
    ("AnalyticsTransformUnseenObjects", False, lambda _: [of_job("analytics-transform", "ObjectsUnseen", 0)]),
    ("AnalyticsTransformUnseenObjects", True, lambda _: [of_job("analytics-transform", "ObjectsUnseen", 1)]),
    ("QueryQueriesCutOff", False, lambda _: [scanned(99.9)]),
    ("QueryQueriesCutOff", True, lambda _: [scanned(100)]),
]


@pytest.fixture(scope="module")
def mailbox(local: LocalLake) -> str:
    """A queue subscribed to the topic of the alarms."""
    lake = local.lake
    url: str = lake.sqs.create_queue(QueueName="alarms-of-several-periods")["QueueUrl"]
    arn = lake.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    lake.client("sns").subscribe(TopicArn=lake.outputs["AlarmTopicArn"], Protocol="sqs", Endpoint=arn)
    return url


def record(lake: Lake, recorded: Recorded) -> None:
    dimensions = [{"Name": name, "Value": value} for name, value in recorded.dimensions.items()]
    for number, value in enumerate(recorded.values):
        if value is not None:
            at = time.time() - (number + 0.5) * recorded.period
            datum = {"MetricName": recorded.name, "Dimensions": dimensions, "Value": value, "Timestamp": at}
            lake.client("cloudwatch").put_metric_data(Namespace=recorded.namespace, MetricData=[datum])


def notices(lake: Lake, mailbox: str) -> list[tuple[str, str]]:
    """Alarms that have notified since the last call, with their new states."""
    found: list[tuple[str, str]] = []
    while messages := lake.sqs.receive_message(QueueUrl=mailbox, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            told: dict[str, Any] = json.loads(json.loads(message["Body"])["Message"])
            found.append((told["AlarmName"], told["NewStateValue"]))
            lake.sqs.delete_message(QueueUrl=mailbox, ReceiptHandle=message["ReceiptHandle"])
    return found


def wait_for_an_evaluation(lake: Lake) -> None:
    """Alarms are evaluated in the order of their creation: once a new one rings, all others were evaluated."""
    cloudwatch, name = lake.client("cloudwatch"), f"last-{time.monotonic_ns()}"
    cloudwatch.put_metric_data(Namespace="Test", MetricData=[{"MetricName": name, "Value": 1}])
    about: dict[str, Any] = {"Namespace": "Test", "MetricName": name, "Statistic": "Sum", "Period": MINUTES}
    limit = {"Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "EvaluationPeriods": 1}
    cloudwatch.put_metric_alarm(AlarmName=name, **about, **limit)

    @eventually
    def wait() -> None:
        (found,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        assert found["StateValue"] == "ALARM"

    wait()
    cloudwatch.delete_alarms(AlarmNames=[name])


@pytest.mark.parametrize(("alarm", "rings", "recorded"), CASES)
def test_an_alarm_rings_at_its_threshold_in_all_of_its_periods(
    local: LocalLake, mailbox: str, alarm: str, rings: bool, recorded: Callable[[Lake], Sequence[Recorded]]
) -> None:
    lake = local.lake
    name = physical_id(lake, "AWS::CloudWatch::Alarm", f"LakeObserve{alarm}")
    notices(lake, mailbox)

    for each in recorded(lake):
        record(lake, each)

    wait_for_an_evaluation(lake)
    assert ((name, "ALARM") in notices(lake, mailbox)) == rings


@contextmanager
def schedule_off(lake: Lake) -> Iterator[None]:
    """Disables the schedule of the sweeper, as somebody might outside the app."""
    scheduler = lake.client("scheduler")
    found = scheduler.list_schedules()["Schedules"]
    (name,) = [each["Name"] for each in found if each["Target"]["Arn"] == lake.outputs["SweeperArn"]]
    kept = ("Name", "GroupName", "Description", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    schedule = {key: value for key, value in scheduler.get_schedule(Name=name).items() if key in kept}
    scheduler.update_schedule(**schedule, State="DISABLED")
    yield
    scheduler.update_schedule(**schedule, State="ENABLED")


def test_a_sweeper_that_has_not_started_for_ten_minutes_rings(local: LocalLake, mailbox: str) -> None:
    lake = local.lake
    lake.wait_until_idle()
    name = physical_id(lake, "AWS::CloudWatch::Alarm", "LakeObserveSweeperSilentSweeper")
    lake.sweep()
    wait_for_an_evaluation(lake)
    notices(lake, mailbox)

    with schedule_off(lake):
        local.aws.turn_clock(MINUTES + 1)
        wait_for_an_evaluation(lake)
        after_five = notices(lake, mailbox)
        local.aws.turn_clock(MINUTES + 1)
        wait_for_an_evaluation(lake)
        after_ten = notices(lake, mailbox)

    assert (name, "ALARM") not in after_five
    assert (name, "ALARM") in after_ten


def test_the_alarm_to_page_on_rings_while_any_other_does(local: LocalLake) -> None:
    name = physical_id(local.lake, "AWS::CloudWatch::CompositeAlarm", "LakeObserveLakeUnhealthy")

    @eventually
    def wait() -> None:
        asked = local.lake.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
        assert [found["StateValue"] for found in asked["CompositeAlarms"]] == ["ALARM"]

    wait()
