"""The commands about a deployed lake call what their help says, and show what runs and what has failed."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from emulator.client import LocalAws
from emulator.testing.probe import Client, eventually
from emulator.testing.stacks import Stack, resource

from cli.doctor import command

LAKE = ("--organization", "mycompany", "--environment", "dev")
JOB = {"Role": "job", "Command": {"Name": "glueetl", "ScriptLocation": "s3://scripts/none.py"}}


@pytest.fixture(scope="module")
def lake(aws: LocalAws, client: Client) -> Iterator[Stack]:  # noqa: ARG001
    """The resources of a lake that the commands look at, under the names by which they know them."""
    keys = [{"AttributeName": name, "KeyType": kind} for name, kind in (("object", "HASH"), ("version", "RANGE"))]
    indexed = ("object", "version", "customer_status", "updated_at")
    by_status = [("customer_status", "HASH"), ("updated_at", "RANGE")]
    index = {
        "IndexName": "by-status",
        "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in by_status],
        "Projection": {"ProjectionType": "ALL"},
    }
    table = resource(
        "DynamoDB::Table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in indexed],
        GlobalSecondaryIndexes=[index],
    )
    alarm = resource(
        "CloudWatch::Alarm",
        AlarmDescription="ProcessCsv: objects were given up",
        Namespace="Test",
        MetricName="Nothing",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="breaching",
    )
    of_stages = {
        f"Lake{stage}{name}00000000": made
        for stage in ("ProcessCsv", "AnalyticsTransform")
        for name, made in {
            "Job": resource("Glue::Job", **JOB),
            "WorkQueue": resource("SQS::Queue"),
            "DeadLetterQueue": resource("SQS::Queue"),
        }.items()
    }
    stack = Stack(
        client,
        {
            "LakeQueryResults00000000": resource("S3::Bucket", BucketName="mycompany-dev-query-results"),
            "LakeManifestTable00000000": table,
            "LakeObserveProcessCsvDeadLetters00000000": alarm,
            **of_stages,
        },
    )
    yield stack
    stack.delete()


@pytest.mark.usefixtures("lake")
@pytest.mark.parametrize(
    "arguments", [("status",), ("history", "--customer", "acme"), ("file", "raw/a.csv", "--customer", "acme")]
)
def test_help_names_the_actions_that_are_called(
    aws: LocalAws, as_role: Callable[..., dict[str, str]], arguments: tuple[str, ...]
) -> None:
    session = as_role()
    assert not command(*arguments, *LAKE, environment={**aws.environment, **session}).stderr

    text = command(arguments[0], "--help", environment={}).stdout
    promised = [line.strip() for line in text.split("IAM actions")[1].splitlines()[1:] if line.strip()]

    lines = [json.loads(line) for line in (aws.directory / "calls.jsonl").read_text().splitlines()]
    called = {line["action"] for line in lines if line["principal"].endswith(f"/{session['session']}")}
    assert promised == sorted(called)


def test_a_refused_call_names_the_missing_action(
    aws: LocalAws, lake: Stack, as_role: Callable[..., dict[str, str]]
) -> None:
    assert lake
    session = as_role("dynamodb:Query")

    done = command("history", "--customer", "acme", *LAKE, environment={**aws.environment, **session})

    assert done.returncode == 2
    assert done.stderr.startswith("error: AWS refused dynamodb:Query: ")


def test_status_shows_what_waits_and_which_runs_failed(aws: LocalAws, client: Client, lake: Stack) -> None:
    sqs, glue, job = client("sqs"), client("glue"), lake.id_of("LakeProcessCsvJob00000000")
    queue = lake.id_of("LakeProcessCsvWorkQueue00000000")
    for body in ("a", "b", "c"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    sqs.receive_message(QueueUrl=queue, VisibilityTimeout=600)
    run = glue.start_job_run(JobName=job)["JobRunId"]
    failed = wait_for_failure(aws, run)

    csv, parquet = failed["stages"]
    assert (csv["waiting"], csv["inFlight"], csv["deadLetters"], csv["running"]) == (2, 1, 0, 0)
    assert (parquet["waiting"], parquet["failedRuns"]) == (0, [])
    assert "lastRun" not in parquet
    assert [each["description"] for each in failed["ringing"]] == ["ProcessCsv: objects were given up"]
    text = command("status", *LAKE, environment=aws.environment).stdout
    assert "1 alarms ring" not in text
    assert run in text


def wait_for_failure(aws: LocalAws, run: str) -> Mapping[str, Any]:
    """What status says once the run has failed: its script does not exist."""

    @eventually
    def ask() -> Mapping[str, Any]:
        found: dict[str, Any] = json.loads(command("status", *LAKE, "--json", environment=aws.environment).stdout)
        assert [each["id"] for each in found["stages"][0]["failedRuns"]] == [run]
        assert found["ringing"]
        return found

    made: Mapping[str, Any] = ask()
    return made
