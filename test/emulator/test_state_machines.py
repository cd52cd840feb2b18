"""Step Functions as the sweeper needs it."""

import json
from typing import Any

import pytest
from emulator.testing.probe import Client, Jobs, eventually

ROLE = "arn:aws:iam::123456789012:role/sweeper"


def create(client: Client, name: str, states: dict[str, Any]) -> str:
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
    machine = client("stepfunctions").create_state_machine(name=name, roleArn=ROLE, definition=json.dumps(definition))
    arn: str = machine["stateMachineArn"]
    return arn


def run(client: Client, arn: str, value: object = None) -> dict[str, Any]:
    """An execution that is over."""
    states = client("stepfunctions")
    started = states.start_execution(stateMachineArn=arn, input=json.dumps(value or {}))

    @eventually
    def ended() -> dict[str, Any]:
        found: dict[str, Any] = states.describe_execution(executionArn=started["executionArn"])
        assert found["status"] != "RUNNING"
        return found

    return ended()


SWEEP = {
    "Count": {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueAttributes",
        "Arguments": {
            "QueueUrl": "{% $states.input.queueUrl %}",
            "AttributeNames": ["ApproximateNumberOfMessages"],
        },
        "Output": {
            "jobName": "{% $states.input.jobName %}",
            "waiting": "{% $number($states.result.Attributes.ApproximateNumberOfMessages) %}",
        },
        "Next": "DoesWorkWait",
    },
    "DoesWorkWait": {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input.waiting > 0 %}", "Next": "Start"}],
        "Default": "Nothing",
    },
    "Start": {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:glue:startJobRun",
        "Arguments": {"JobName": "{% $states.input.jobName %}", "JobRunQueuingEnabled": False},
        "Catch": [{"ErrorEquals": ["Glue.ConcurrentRunsExceededException"], "Next": "Nothing"}],
        "End": True,
    },
    "Nothing": {"Type": "Succeed"},
}


@pytest.fixture(scope="module")
def sweeper(client: Client) -> str:
    processor = {"StartAt": "Count", "States": SWEEP}
    each = {"Type": "Map", "Items": "{% $states.input.stages %}", "ItemProcessor": processor, "End": True}
    return create(client, "sweep", {"EachStage": each})


def test_the_sweeper_starts_the_job_of_a_queue_that_is_not_empty(client: Client, jobs: Jobs, sweeper: str) -> None:
    job = jobs.create("import time; time.sleep(600)", JobRunQueuingEnabled=True)
    url = client("sqs").create_queue(QueueName="swept")["QueueUrl"]
    value = {"stages": [{"jobName": job, "queueUrl": url}]}
    assert run(client, sweeper, value)["status"] == "SUCCEEDED"
    assert jobs.glue.get_job_runs(JobName=job)["JobRuns"] == []
    client("sqs").send_message(QueueUrl=url, MessageBody="work")

    for _ in range(2):  # the second is refused, which the sweeper takes as being done
        assert run(client, sweeper, value)["status"] == "SUCCEEDED"

    runs = jobs.glue.get_job_runs(JobName=job)["JobRuns"]
    assert len(runs) == 1
    jobs.glue.batch_stop_job_run(JobName=job, JobRunIds=[runs[0]["Id"]])


@pytest.mark.parametrize("service", ["aws-sdk:glue", "glue"])
def test_a_refused_run_has_glues_name_of_the_error(client: Client, jobs: Jobs, service: str) -> None:
    job = jobs.create("import time; time.sleep(600)")
    first = jobs.start(job)
    task = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{service}:startJobRun",
        "Arguments": {"JobName": job},
        "End": True,
    }

    ended = run(client, create(client, service.replace(":", "-"), {"Start": task}))

    assert (ended["status"], ended["error"]) == ("FAILED", "Glue.ConcurrentRunsExceededException")
    jobs.glue.batch_stop_job_run(JobName=job, JobRunIds=[first])


@pytest.mark.parametrize(("script", "status"), [("", "SUCCEEDED"), ("raise SystemExit(1)", "FAILED")])
def test_sync_waits_for_the_run(client: Client, jobs: Jobs, script: str, status: str) -> None:
    job = jobs.create(script)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Arguments": {"JobName": job},
        "End": True,
    }

    ended = run(client, create(client, f"sync-{job}", {"Start": task}))

    assert ended["status"] == status
    assert jobs.glue.get_job_runs(JobName=job)["JobRuns"][0]["JobRunState"] == status


def test_parallel_branches(client: Client) -> None:
    branches = [
        {"StartAt": name, "States": {name: {"Type": "Pass", "Output": f"{{% $states.input.n + {add} %}}", "End": True}}}
        for name, add in (("One", 1), ("Two", 2))
    ]

    ended = run(
        client, create(client, "parallel", {"All": {"Type": "Parallel", "Branches": branches, "End": True}}), {"n": 1}
    )

    assert json.loads(ended["output"]) == [2, 3]


def test_a_schedule_starts_an_execution(client: Client) -> None:
    arn = create(client, "scheduled", {"Done": {"Type": "Succeed"}})
    client("scheduler").create_schedule(
        Name="now",
        ScheduleExpression="at(2020-01-01T00:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": ROLE},
    )

    @eventually
    def started() -> None:
        assert client("stepfunctions").list_executions(stateMachineArn=arn)["executions"]

    started()
