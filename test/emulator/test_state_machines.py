"""Step Functions as the sweeper uses it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from emulator.client import LocalAws
from emulator.testing.probe import Client, Jobs, eventually
from emulator.testing.stacks import Stack, resource

ROLE = "arn:aws:iam::123456789012:role/sweeper"


def create(client: Client, name: str, states: dict[str, Any]) -> str:
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
    machine = client("stepfunctions").create_state_machine(name=name, roleArn=ROLE, definition=json.dumps(definition))
    arn: str = machine["stateMachineArn"]
    return arn


def run(client: Client, arn: str, value: object = None) -> dict[str, Any]:
    """Runs an execution to its end."""
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


def test_a_call_without_an_answer_gives_an_empty_one(client: Client) -> None:
    datum = {"MetricName": "Looks", "Value": 1}
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:cloudwatch:putMetricData",
        "Arguments": {"Namespace": "Test", "MetricData": [datum]},
        "End": True,
    }

    ended = run(client, create(client, "metric", {"Put": task}))

    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {})


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


EACH = {
    "Map": {
        "Type": "Map",
        "Items": "{% $states.input.jobs %}",
        "ItemProcessor": {
            "StartAt": "Start",
            "States": {
                "Start": {
                    "Type": "Task",
                    "Resource": "arn:aws:states:::aws-sdk:glue:startJobRun",
                    "Arguments": {"JobName": "{% $states.input %}"},
                    "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}],
                    "Catch": [
                        {
                            "ErrorEquals": ["States.ALL"],
                            "Next": "Failed",
                            "Output": {"error": "{% $states.errorOutput.Error %}"},
                        }
                    ],
                    "Next": "Done",
                },
                "Failed": {"Type": "Pass", "End": True},
                "Done": {"Type": "Pass", "Output": {}, "End": True},
            },
        },
        "Next": "DidOneFail",
    },
    "DidOneFail": {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $exists($states.input.error) %}", "Next": "Fail"}],
        "Default": "Succeed",
    },
    "Fail": {"Type": "Fail", "Error": "SweepFailed", "Cause": "{% $join($states.input.error, ', ') %}"},
    "Succeed": {"Type": "Succeed"},
}


def create_express(client: Client, name: str, states: dict[str, Any], level: str) -> str:
    """An Express state machine that logs into a group of its own name."""
    client("logs").create_log_group(logGroupName=name)
    group = {"logGroupArn": f"arn:aws:logs:us-east-1:123456789012:log-group:{name}:*"}
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
    machine = client("stepfunctions").create_state_machine(
        name=name,
        roleArn=ROLE,
        definition=json.dumps(definition),
        type="EXPRESS",
        loggingConfiguration={
            "level": level,
            "includeExecutionData": True,
            "destinations": [{"cloudWatchLogsLogGroup": group}],
        },
    )
    arn: str = machine["stateMachineArn"]
    return arn


def logged(client: Client, group: str) -> list[dict[str, Any]]:
    """What is in a log group."""
    return [json.loads(event["message"]) for event in client("logs").filter_log_events(logGroupName=group)["events"]]


@eventually
def wait_for_record(client: Client, group: str, event_type: str) -> dict[str, Any]:
    """The only record of its type."""
    found = [record for record in logged(client, group) if record["type"] == event_type]
    assert len(found) == 1
    return found[0]


def test_a_failed_express_execution_is_in_its_log_and_in_the_metrics(client: Client, jobs: Jobs) -> None:
    arn, job = create_express(client, "errors", EACH, "ERROR"), jobs.create("")
    value = json.dumps({"jobs": ["no-such-job", job]})

    client("stepfunctions").start_execution(stateMachineArn=arn, input=value)

    failed = wait_for_record(client, "errors", "ExecutionFailed")
    assert failed["details"] == {"error": "SweepFailed", "cause": "Glue.EntityNotFoundException"}
    assert [record["type"] for record in logged(client, "errors")].count("TaskFailed") == 2  # it was tried again
    assert len(jobs.glue.get_job_runs(JobName=job)["JobRuns"]) == 1
    wanted = [{"Name": "StateMachineArn", "Value": arn}]

    @eventually
    def counted() -> None:
        found = client("cloudwatch").list_metrics(
            Namespace="AWS/States", MetricName="ExecutionsFailed", Dimensions=wanted
        )
        assert found["Metrics"]

    counted()


@pytest.mark.parametrize(("level", "types"), [("ALL", ["ExecutionStarted", "ExecutionSucceeded"]), ("ERROR", [])])
def test_what_a_good_express_execution_logs_is_for_the_level_to_say(
    client: Client, level: str, types: list[str]
) -> None:
    states = client("stepfunctions")
    arn = create_express(client, f"good-{level}", {"Done": {"Type": "Succeed"}}, level)
    bad = create_express(client, f"bad-{level}", {"Fail": {"Type": "Fail", "Error": "E", "Cause": "C"}}, level)

    states.start_execution(stateMachineArn=arn)
    states.start_execution(stateMachineArn=bad)

    wait_for_record(client, f"bad-{level}", "ExecutionFailed")
    found = [record["type"] for record in logged(client, f"good-{level}")]
    assert [found[0], found[-1]] == types if types else found == []


def test_express_executions_cannot_be_looked_at(client: Client) -> None:
    states = client("stepfunctions")
    arn = create_express(client, "hidden", {"Done": {"Type": "Succeed"}}, "OFF")
    execution = states.start_execution(stateMachineArn=arn)["executionArn"]

    with pytest.raises(ClientError, match="StateMachineTypeNotSupported"):
        states.list_executions(stateMachineArn=arn)
    for look in (states.describe_execution, states.get_execution_history):
        with pytest.raises(ClientError, match="InvalidArn"):
            look(executionArn=execution)


def test_a_schedule_starts_an_express_execution_each_minute_of_the_accounts_clock(
    aws: LocalAws, client: Client
) -> None:
    arn = create_express(client, "each-minute", {"Done": {"Type": "Succeed"}}, "ALL")
    client("scheduler").create_schedule(
        Name="each-minute",
        ScheduleExpression="rate(1 minute)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": ROLE},
    )

    for _ in range(3):
        aws.turn_clock(60)

    @eventually
    def started() -> None:
        found = [record for record in logged(client, "each-minute") if record["type"] == "ExecutionStarted"]
        assert len(found) == 3

    started()


def test_a_template_sets_how_a_state_machine_logs(client: Client) -> None:
    machine = {
        "RoleArn": ROLE,
        "DefinitionString": json.dumps(
            {"StartAt": "Fail", "States": {"Fail": {"Type": "Fail", "Error": "E", "Cause": "C"}}}
        ),
        "StateMachineType": "EXPRESS",
    }
    group = {"LogGroupArn": {"Fn::GetAtt": ["Group", "Arn"]}}
    logging = {"Level": "ERROR", "Destinations": [{"CloudWatchLogsLogGroup": group}]}
    resources = {"Group": resource("Logs::LogGroup", LogGroupName="of-a-template")}
    states = {"Machine": resource("StepFunctions::StateMachine", **machine, LoggingConfiguration=logging)}
    stack = Stack(client, {**resources, **states})

    client("stepfunctions").start_execution(stateMachineArn=stack.id_of("Machine"))

    assert wait_for_record(client, "of-a-template", "ExecutionFailed")["details"] == {"error": "E", "cause": "C"}
