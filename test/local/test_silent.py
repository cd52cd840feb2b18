"""A dataset whose uploads have stopped is named in a notice, rings the alarm, and is listed by the command."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from demo.arrived import Arrived
from demo.journey import Upload, follow
from demo.lake import Lake
from demo.local import LocalLake
from emulator.testing.probe import clients, eventually
from local.people import EXPECTED
from local.resources import physical_id
from local.test_sweeper import total, wait_for

from cli.doctor import command

CUSTOMER = "acme"
LAKE = ("--organization", "mycompany", "--environment", "dev")
SILENT = "no upload since"
LATE, ON_TIME = (f"{CUSTOMER}/{dataset['name']}" for dataset in EXPECTED)


@pytest.fixture(scope="module")
def mailbox(local: LocalLake) -> str:
    """A queue subscribed to the topic of the alarms."""
    lake = local.lake
    url: str = lake.sqs.create_queue(QueueName="silent-feeds")["QueueUrl"]
    arn = lake.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    lake.client("sns").subscribe(TopicArn=lake.outputs["AlarmTopicArn"], Protocol="sqs", Endpoint=arn)
    return url


def check(local: LocalLake, later: timedelta) -> dict[str, Any]:
    """Runs the check as if so much time had passed, and returns its output."""
    machine = physical_id(local.lake, "AWS::StepFunctions::StateMachine", "LakeObserveFeedsStateMachine")
    at = (datetime.now(UTC) + later).isoformat(timespec="seconds").replace("+00:00", "Z")
    states = clients(local.aws, inject_host_prefix=False)("stepfunctions")
    done = states.start_sync_execution(stateMachineArn=machine, input=json.dumps({"scheduledTime": at}))
    assert done["status"] == "SUCCEEDED", done
    output: dict[str, Any] = json.loads(done["output"])
    return output


def state(lake: Lake) -> str:
    name = physical_id(lake, "AWS::CloudWatch::Alarm", "LakeObserveFeedsSilentFeeds")
    (alarm,) = lake.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(alarm["StateValue"])


def told(lake: Lake, mailbox: str) -> list[str]:
    """What the mailbox got since the last call."""
    found: list[str] = []
    while messages := lake.sqs.receive_message(QueueUrl=mailbox, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"])["Message"])
            lake.sqs.delete_message(QueueUrl=mailbox, ReceiptHandle=message["ReceiptHandle"])
    return found


def listed(local: LocalLake, *options: str) -> tuple[int, list[dict[str, Any]]]:
    done = command("silent", *LAKE, "--json", *options, environment=local.aws.environment)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_no_dataset_is_silent_before_its_time_has_passed(local: LocalLake, arrived: Arrived, mailbox: str) -> None:
    assert arrived.of("weather.csv")

    assert check(local, timedelta(0)) == {"count": 0, "silent": []}

    @eventually
    def counted() -> None:
        assert state(local.lake) == "OK"

    counted()
    assert [message for message in told(local.lake, mailbox) if SILENT in message] == []
    assert listed(local) == (0, [])
    assert {feed["dataset"] for feed in listed(local, "--all")[1]} == {dataset["name"] for dataset in EXPECTED}


def test_a_dataset_that_falls_silent_is_named_in_a_notice_and_rings_the_alarm(local: LocalLake, mailbox: str) -> None:
    found = check(local, timedelta(minutes=90))
    messages: list[str] = []

    @eventually
    def heard() -> None:
        messages.extend(told(local.lake, mailbox))
        assert any(SILENT in message for message in messages)
        assert any('"NewStateValue": "ALARM"' in message and "SilentFeeds" in message for message in messages)

    heard()
    (text,) = found["silent"]
    assert found["count"] == 1
    assert text.startswith(f"{LATE}: no upload since it was declared, ")
    assert text.endswith(", expected every 1 h")
    (notice,) = [message for message in messages if SILENT in message]
    assert notice == f"{text}\n\nAll silent feeds: npx modern-data-lake silent {' '.join(LAKE)}"


def test_a_dataset_that_stays_silent_is_counted_and_not_named_again(local: LocalLake, mailbox: str) -> None:
    told(local.lake, mailbox)

    assert check(local, timedelta(minutes=150))["count"] == 1
    found = check(local, timedelta(days=1, minutes=30))  # the other one falls silent, and ends the wait
    messages: list[str] = []

    @eventually
    def heard() -> None:
        messages.extend(message for message in told(local.lake, mailbox) if SILENT in message)
        assert messages

    heard()
    assert found["count"] == len(found["silent"]) == 2
    (notice,) = messages
    assert notice.startswith(f"{ON_TIME}: no upload since 2")
    assert LATE not in notice


def test_an_upload_ends_the_silence(local: LocalLake) -> None:
    key = "raw/nightly/a.csv"
    follow(local.lake, [Upload(CUSTOMER, key, local.lake.upload(CUSTOMER, key, b"id\n1\n"))])

    assert check(local, timedelta(minutes=59))["count"] == 0
    (nightly,) = [feed for feed in listed(local, "--all")[1] if feed["dataset"] == "nightly"]
    assert nightly["newestUpload"]
    assert check(local, timedelta(minutes=61))["silent"] == [
        f"{LATE}: no upload since {nightly['newestUpload']}, expected every 1 h"
    ]


def test_the_check_runs_every_hour(local: LocalLake) -> None:
    machine = physical_id(local.lake, "AWS::StepFunctions::StateMachine", "LakeObserveFeedsStateMachine")
    checks = {
        "Namespace": "AWS/States",
        "MetricName": "ExecutionsSucceeded",
        "Dimensions": [{"Name": "StateMachineArn", "Value": machine}],
    }
    local.lake.wait_until_idle()
    before = total(local.lake, checks)

    local.aws.turn_clock(timedelta(hours=1).total_seconds())

    wait_for(local.lake, checks, before + 1)
