"""One integration test on a local AWS, in place of integ-runner."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from demo.deploy import ROOT, Cdk
from demo.lake import ACTIVE
from demo.timings import Timings
from emulator.client import LocalAws
from emulator.testing.probe import clients
from tenacity import retry, stop_after_delay, wait_fixed

#: For all journeys together; a run of Glue starts in seconds here.
PATIENCE_SECONDS = 400


class Journey:
    """The stacks of integ/integ.{name}.ts, and the calls that its assertions make."""

    def __init__(self, aws: LocalAws, name: str, folder: Path) -> None:
        """Prepares its commands of the CDK CLI. The app has to be synthesized before the rest.

        Args:
            aws: the account.
            name: of the integration test.
            folder: for the files of the CDK CLI.
        """
        self._aws, self._client = aws, clients(aws)
        self._states = self._client("stepfunctions")
        self._assembly, self._stack = folder / "cdk.out", f"modern-data-lake-integ-{name}"
        self.cdk = Cdk(aws.environment, folder, Timings(), f"node --import tsx ../../integ/integ.{name}.ts")

    def deploy(self) -> None:
        """Deploys all stacks but that of the assertions, which are Lambda functions, and reads the assertions."""
        for path in self._assembly.glob("modern*.template.json"):
            path.write_text(with_short_stays(path.read_text()))
        self.cdk.deploy_stacks(self._stack, f"{self._stack}/**")
        (path,) = self._assembly.glob("*DeployAssert*.template.json")
        properties = [each["Properties"] for each in json.loads(path.read_text())["Resources"].values()]
        self._calls = {each["api"]: each for each in properties if "api" in each}

    def start(self) -> None:
        """Starts the state machine that the assertions start."""
        exported = self._calls["startExecution"]["parameters"]["stateMachineArn"]["Fn::Join"][1][1]["Fn::ImportValue"]
        pages = self._client("cloudformation").get_paginator("list_exports").paginate()
        arns = {export["Name"]: export["Value"] for page in pages for export in page["Exports"]}
        self._machine = arns[exported]
        self._execution = self._states.start_execution(stateMachineArn=self._machine)["executionArn"]

    @property
    def found(self) -> dict[str, Any]:
        """What the asserted call answers."""
        answer: dict[str, Any] = self._states.describe_execution(executionArn=self._execution)
        return answer

    @property
    def expected(self) -> dict[str, Any]:
        """What the assertion expects of the answer."""
        found: dict[str, Any] = json.loads(self._calls["describeExecution"]["expected"])["$ObjectLike"]
        return found

    @property
    def waits(self) -> int:
        """Seconds of the state in which it waits; 0 if it does not."""
        last = {"executionArn": self._execution, "reverseOrder": True, "maxResults": 1}
        (event,) = self._states.get_execution_history(**last)["events"]
        if event["type"] != "WaitStateEntered":
            return 0
        definition = json.loads(self._states.describe_state_machine(stateMachineArn=self._machine)["definition"])
        seconds: int = definition["States"][event["stateEnteredEventDetails"]["name"]]["Seconds"]
        return seconds

    def clean_up(self) -> None:
        """Runs the hooks before the deletion, and deletes the stacks."""
        (case,) = json.loads((self._assembly / "integ.json").read_text())["testCases"].values()
        for hook in case["hooks"]["preDestroy"]:
            environment = {**os.environ, **self._aws.environment}
            subprocess.run(hook.split(), check=True, cwd=ROOT / "integ", env=environment)
        self.cdk.destroy()


def with_short_stays(template: str) -> str:
    """A template whose runs end soon after their work: a run that stays for further files would only prolong a test."""
    parsed = json.loads(template)
    for each in parsed["Resources"].values():
        if each["Type"] == "AWS::Glue::Job":
            each["Properties"]["DefaultArguments"]["--idle_seconds"] = "2"
    return json.dumps(parsed)


@retry(stop=stop_after_delay(PATIENCE_SECONDS), wait=wait_fixed(0.5), reraise=True)
def run_to_the_end(aws: LocalAws, journeys: list[Journey]) -> None:
    """Turns the clock over what the journeys wait for, until all have ended."""
    running = [journey for journey in journeys if journey.found["status"] == "RUNNING"]
    waits = [journey.waits for journey in running]
    if running and all(waits) and not any(active_runs(aws)):
        aws.turn_clock(min(waits))
    assert not running


def active_runs(aws: LocalAws) -> Iterator[str]:
    """Runs of Glue that work. To turn the clock would age their messages, and not their work."""
    glue = clients(aws)("glue")
    for job in glue.get_jobs()["Jobs"]:
        runs = glue.get_job_runs(JobName=job["Name"])["JobRuns"]
        yield from (run["Id"] for run in runs if run["JobRunState"] in ACTIVE)
