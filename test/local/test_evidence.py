"""The evidence of a run tells what happened, and neither whose account it was nor what the files contained."""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from demo.arrived import Arrived
from demo.deploy import ROOT, STACK
from demo.lake import Lake
from demo.local import LocalLake
from emulator.settings import ACCOUNT
from evidence.collect import Collector
from evidence.sources import executions
from local.resources import physical_id
from tenacity import retry, stop_after_delay, wait_fixed

#: A person, a file and an account in what AWS could say of a failed state.
CAUSE = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/Admin/jane.doe is not authorized on s3://acme/raw/salaries.csv"


class Refusing:
    """A client of a service that denies everything."""

    def get_paginator(self, _: str) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetJobRuns")


def collected(local: LocalLake, folder: Path, *stacks: str, code: int = 0) -> str:
    """Runs the command of `npx projen integ:report` and returns what it prints."""
    environment = {**os.environ, **local.aws.environment, "PYTHONPATH": "integ"}
    command = [str(ROOT / ".venv/local/bin/python"), "-m", "evidence", *stacks, "--output", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(local: LocalLake, arrived: Arrived, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001
    local.lake.wait_until_idle()
    folder = tmp_path_factory.mktemp("evidence")
    collected(local, folder, STACK)
    return folder


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "evidence.json").read_text())
    return found


def test_everything_could_be_read(report: dict[str, Any]) -> None:
    assert report["unread"] == []
    assert all(report["versions"][name] for name in ("commit", "node", "cdk", "region"))


def test_the_deployment_is_there_event_by_event(report: dict[str, Any]) -> None:
    (stack,) = report["stacks"]

    assert stack["stack"] == STACK
    assert stack["status"] == stack["events"][-1]["status"] == "CREATE_COMPLETE"
    assert {"AWS::S3::Bucket", "AWS::Glue::Job"} <= {event["type"] for event in stack["events"]}


def test_runs_and_queues_are_those_of_the_lake(report: dict[str, Any], lake: Lake) -> None:
    runs = [run for stage in lake.stages for run in lake.runs(stage)]
    of_stages = [url for stage in lake.stages for url in (stage.queue_url, stage.dead_letter_queue_url)]
    of_denials = physical_id(lake, "AWS::SQS::Queue", "LakeObserveAccess")
    waiting = sum(lake.backlog(url) for url in (*of_stages, of_denials))

    assert Counter(run["state"] for run in report["runs"]) == Counter(run["JobRunState"] for run in runs)
    assert sum(queue["waiting"] + queue["in flight"] for queue in report["queues"]) == waiting > 0


def test_the_manifest_is_summed_up(report: dict[str, Any], lake: Lake) -> None:
    items = lake.manifest()

    assert sum(group["objects"] for group in report["manifest"]) == len(items)
    assert sum(group.get("rows_out", 0) for group in report["manifest"]) == sum(item.rows_out for item in items)
    assert {group["status"] for group in report["manifest"]} == {item.status for item in items}


def test_the_dead_letter_alarm_is_seen_to_ring(report: dict[str, Any]) -> None:
    ringing = [alarm["alarm"] for alarm in report["alarms"] if alarm["state"] == "ALARM"]

    assert any("Dead" in alarm for alarm in ringing)


def test_neither_the_account_nor_a_file_is_named(folder: Path, arrived: Arrived, lake: Lake) -> None:
    texts = [path.read_text() for path in folder.iterdir()]
    keys = {journey.upload.key for journey in arrived.journeys}
    reasons = {item.reason for item in lake.manifest() if item.reason}

    assert len(texts) == len(("json", "markdown"))
    assert reasons
    for secret in (ACCOUNT, *keys, *reasons):
        assert not any(secret in text for text in texts)


def test_a_failed_execution_shows_its_steps_and_its_error_without_names(lake: Lake, tmp_path: Path) -> None:
    states = {"Look": {"Type": "Pass", "Next": "Stop"}, "Stop": {"Type": "Fail", "Error": "Denied", "Cause": CAUSE}}
    machines = lake.client("stepfunctions")
    arn = machines.create_state_machine(
        name=tmp_path.name,
        definition=json.dumps({"StartAt": "Look", "States": states}),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/any",
    )["stateMachineArn"]
    execution = machines.start_execution(stateMachineArn=arn, input='{"salary": 4711}')["executionArn"]

    @retry(stop=stop_after_delay(20), wait=wait_fixed(0.1), reraise=True)
    def ended() -> None:
        assert machines.describe_execution(executionArn=execution)["status"] == "FAILED"

    ended()
    found = list(executions(lake.client, "Journey", arn))

    assert found[0]["status"] == "FAILED"
    assert [step["name"] for step in found[0]["steps"] if "name" in step] == ["Look", "Stop"]
    assert found[0]["steps"][-1] | {"at": ""} == {
        "at": "",
        "type": "ExecutionFailed",
        "error": "Denied",
        "cause": CAUSE,
    }
    assert "4711" not in json.dumps(found)


def test_without_stacks_of_tests_it_says_where_it_looked(local: LocalLake, tmp_path: Path) -> None:
    said = collected(local, tmp_path, code=1)

    assert f"no stack in {local.aws.environment['AWS_REGION']} is one of the integration tests" in said


def test_a_source_that_refuses_is_named_and_the_others_are_read(lake: Lake, folder: Path) -> None:  # noqa: ARG001
    def clients(service: str) -> Any:
        return lake.client(service) if service != "glue" else Refusing()

    found = Collector(clients).collect([STACK])

    assert {each["what"].split(" ")[0] for each in found["unread"]} == {"runs"}
    assert all("AccessDenied" in each["why"] for each in found["unread"])
    assert found["queues"]
