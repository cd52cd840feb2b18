"""A rule notifies a Glue workflow, whose EVENT trigger starts a job per batch of events."""

import datetime
import itertools
import json
from typing import Any

import pytest
from emulator.testing.probe import Client, Jobs, eventually

RUNNING = "import time\nprint('ready')\ntime.sleep(600)"
_numbers = itertools.count()


class Workflow:
    """A workflow with one job, woken by events of one source."""

    def __init__(self, client: Client, jobs: Jobs, script: str, batch: dict[str, int], most: int = 0) -> None:
        self.name = f"workflow-{next(_numbers)}"
        self.jobs, self.events = jobs, client("events")
        self.job = jobs.create(script, JobRunQueuingEnabled=True)
        jobs.glue.create_workflow(Name=self.name, MaxConcurrentRuns=most)
        jobs.glue.create_trigger(
            Name=self.name,
            WorkflowName=self.name,
            Type="EVENT",
            EventBatchingCondition=batch,
            Actions=[{"JobName": self.job, "Arguments": {"--of": "trigger"}}],
        )
        self.events.put_rule(Name=self.name, EventPattern=json.dumps({"source": [self.name]}))
        arn = f"arn:aws:glue:us-east-1:123456789012:workflow/{self.name}"
        role = "arn:aws:iam::123456789012:role/wake-up"
        self.events.put_targets(Rule=self.name, Targets=[{"Id": "workflow", "Arn": arn, "RoleArn": role}])

    def send(self, number: int) -> list[str]:
        entries = [{"Source": self.name, "DetailType": "test", "Detail": "{}"} for _ in range(number)]
        return [entry["EventId"] for entry in self.events.put_events(Entries=entries)["Entries"]]

    @property
    def runs(self) -> list[dict[str, str]]:
        """Runs of the job, the oldest first."""
        found: list[dict[str, str]] = self.jobs.glue.get_job_runs(JobName=self.job)["JobRuns"]
        return found[::-1]

    @eventually
    def wait_for_runs(self, number: int) -> None:
        assert len(self.runs) == number


def test_a_full_batch_starts_the_job_at_once(client: Client, jobs: Jobs) -> None:
    script = "import json, sys; print(json.dumps(sys.argv[1:]))"
    workflow = Workflow(client, jobs, script, {"BatchSize": 3, "BatchWindow": 900})
    assert workflow.send(2)
    assert workflow.runs == []

    workflow.send(1)

    workflow.wait_for_runs(1)
    run = jobs.ended(workflow.job, workflow.runs[0]["Id"])
    words = json.loads(jobs.output(run["Id"])[0])
    arguments = dict(zip(words[::2], words[1::2], strict=True))
    assert (arguments["--of"], arguments["--WORKFLOW_NAME"]) == ("trigger", workflow.name)
    assert arguments["--WORKFLOW_RUN_ID"]


def test_the_window_closes_a_batch_that_is_not_full(client: Client, jobs: Jobs) -> None:
    workflow = Workflow(client, jobs, "", {"BatchSize": 100, "BatchWindow": 1})

    ids = workflow.send(3)

    workflow.wait_for_runs(1)
    run = completed(jobs, workflow.name)
    assert json.loads(run["WorkflowRunProperties"]["aws:eventIds"]) == ids
    assert run["Statistics"]["SucceededActions"] == 1
    workflow.send(1)
    workflow.wait_for_runs(2)


@eventually
def completed(jobs: Jobs, workflow: str) -> dict[str, Any]:
    run: dict[str, Any] = jobs.glue.get_workflow_runs(Name=workflow)["Runs"][0]
    assert run["Status"] == "COMPLETED"
    return run


def test_events_over_max_concurrent_runs_are_refused_and_lost(client: Client, jobs: Jobs) -> None:
    workflow = Workflow(client, jobs, RUNNING, {"BatchSize": 1}, most=2)
    assert total(client, workflow.name, "FailedInvocations") == 0

    workflow.send(4)

    workflow.wait_for_runs(2)
    first, second = workflow.runs
    jobs.wait_for_output(first["Id"], "ready")
    assert jobs.get(workflow.job, second["Id"])["JobRunState"] == "WAITING"
    assert len(jobs.glue.get_workflow_runs(Name=workflow.name)["Runs"]) == 2
    wait_for_total(client, workflow.name, "FailedInvocations", 2)
    jobs.glue.batch_stop_job_run(JobName=workflow.job, JobRunIds=[second["Id"], first["Id"]])


def test_a_workflow_can_be_started_by_hand(jobs: Jobs) -> None:
    job = jobs.create("")
    jobs.glue.create_workflow(Name="by-hand")
    jobs.glue.create_trigger(Name="by-hand", WorkflowName="by-hand", Type="ON_DEMAND", Actions=[{"JobName": job}])

    run_id = jobs.glue.start_workflow_run(Name="by-hand", RunProperties={"why": "test"})["RunId"]

    completed(jobs, "by-hand")
    assert jobs.glue.get_workflow_run_properties(Name="by-hand", RunId=run_id)["RunProperties"]["why"] == "test"


@pytest.mark.parametrize(("script", "state"), [("", "SUCCEEDED"), ("raise SystemExit(1)", "FAILED")])
def test_the_end_of_a_run_is_an_event(client: Client, jobs: Jobs, script: str, state: str) -> None:
    job, sqs, events = jobs.create(script), client("sqs"), client("events")
    url = sqs.create_queue(QueueName=f"events-of-{job}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.glue"], "detail-type": ["Glue Job State Change"], "detail": {"jobName": [job]}}
    events.put_rule(Name=job, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=job, Targets=[{"Id": name, "Arn": arn} for name in ("queue", "again")])

    run_id = jobs.start(job)

    message = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"][0]
    detail = json.loads(message["Body"])["detail"]
    assert (detail["state"], detail["jobRunId"]) == (state, run_id)
    wait_for_total(client, job, "TriggeredRules", 1)


@eventually
def wait_for_total(client: Client, rule: str, metric: str, expected: int) -> None:
    assert total(client, rule, metric) == expected


def total(client: Client, rule: str, metric: str) -> float:
    """The sum of a rule's metric."""
    now, hour = datetime.datetime.now(datetime.UTC), datetime.timedelta(hours=1)
    data = client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Events",
        MetricName=metric,
        Dimensions=[{"Name": "RuleName", "Value": rule}],
        StartTime=now - hour,
        EndTime=now + hour,
        Period=86400,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in data["Datapoints"]))
