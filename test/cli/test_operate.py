"""The commands about a deployed lake call what their help says, and show what runs and what has failed."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cli.deployed import deploy
from cli.rights import called, promised
from emulator.client import LocalAws
from emulator.testing.probe import Client, eventually
from emulator.testing.stacks import Stack

from cli.doctor import command

LAKE = ("--organization", "mycompany", "--environment", "dev")


@pytest.fixture(scope="module")
def lake(aws: LocalAws, client: Client) -> Iterator[Stack]:  # noqa: ARG001
    stack = deploy(client)
    status = {"status": "PROCESSING", "customer_status": "acme#PROCESSING", "updated_at": "2026-01-31T12:00:00Z"}
    item = {name: {"S": value} for name, value in {"object": "acme#raw/a.csv", "version": "1", **status}.items()}
    client("dynamodb").put_item(TableName=stack.id_of("LakeManifestTable00000000"), Item=item)
    client("s3").create_bucket(Bucket="mycompany-acme-dev-datalake")
    yield stack
    client("s3").delete_bucket(Bucket="mycompany-acme-dev-datalake")
    stack.delete()


@pytest.mark.usefixtures("lake")
@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("history", "--customer", "acme"),
        ("file", "raw/a.csv", "--customer", "acme"),
        ("lineage", "raw/a.csv", "--customer", "acme", "--format", "openlineage"),
        ("report", "--output", "/dev/null"),
    ],
)
def test_help_names_the_actions_that_are_called(
    aws: LocalAws, as_role: Callable[..., dict[str, str]], arguments: tuple[str, ...]
) -> None:
    session = as_role()
    assert not command(*arguments, *LAKE, environment={**aws.environment, **session}).stderr

    assert promised(arguments[0]) == called(aws, session)


def test_a_refused_call_names_the_missing_action(
    aws: LocalAws, lake: Stack, as_role: Callable[..., dict[str, str]]
) -> None:
    assert lake
    session = as_role("dynamodb:Query")

    done = command("history", "--customer", "acme", *LAKE, environment={**aws.environment, **session})

    assert done.returncode == 2
    assert done.stderr.startswith("error: AWS refused dynamodb:Query: ")


@pytest.mark.parametrize(
    ("key", "customer", "said"),
    [
        ("a.csv", "acme", "The manifest has no object a.csv of acme. Similar keys:\n  raw/a.csv\n"),
        ("raw/b.csv", "acme", "The manifest has no object raw/b.csv of acme. Similar keys:\n  raw/a.csv\n"),
        ("raw/a.csv", "acne", "The manifest has no object of acne: check --customer and --environment.\n"),
    ],
)
def test_lineage_of_an_unknown_object_names_similar_ones(
    aws: LocalAws, lake: Stack, key: str, customer: str, said: str
) -> None:
    assert lake
    done = command("lineage", key, "--customer", customer, *LAKE, environment=aws.environment)

    assert (done.returncode, done.stdout) == (1, said)


def test_the_report_has_as_many_objects_as_asked_for(
    aws: LocalAws, client: Client, lake: Stack, tmp_path: Path
) -> None:
    for number in range(11):
        status = {"status": "REJECTED", "customer_status": "acme#REJECTED"}
        facts = {
            "object": f"acme#raw/{number}.csv",
            "version": "1",
            "layer": "raw",
            "updated_at": f"2026-01-{number + 1:02}",
        }
        item = {name: {"S": value} for name, value in {**facts, **status}.items()}
        client("dynamodb").put_item(TableName=lake.id_of("LakeManifestTable00000000"), Item=item)
    page = tmp_path / "report.html"

    done = command("report", *LAKE, "--output", str(page), "--objects", "10", "--json", environment=aws.environment)

    assert json.loads(done.stdout) == {"file": str(page), "objects": 10, "isComplete": False}
    text = page.read_text()
    assert "<code>raw/10.csv</code>" in text
    assert "<code>raw/1.csv</code>" not in text


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
