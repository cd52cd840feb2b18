"""Step Functions: the optimized integration with Glue, and a record of the calls of tasks."""

import json
from contextvars import ContextVar
from typing import Any

from ministack.services import glue
from ministack.services import stepfunctions as states

from emulator import call_log
from emulator.answers import Record
from emulator.glue_runs import GlueRuns
from emulator.settings import ACCOUNT, REGION

START_JOB_RUN = "arn:aws:states:::glue:startJobRun"

_role: ContextVar[str] = ContextVar("role of the state machine that a task belongs to")


def install(runs: GlueRuns) -> None:
    """Adds glue:startJobRun. With .sync it waits for the run and fails if the run fails."""

    def start_job_run(resource: str, data: Any) -> Record:
        request = data or {}
        status, _, body = runs.start(request)
        found: Record = json.loads(body)
        if status >= 400:
            raise states._ExecutionError(f"Glue.{found['__type']}", found.get("message", ""))
        if not resource.endswith(".sync"):
            return found
        record = next(run for run in glue._job_runs[request["JobName"]] if run["Id"] == found["JobRunId"])
        ended = runs.wait(record)
        if ended["JobRunState"] != "SUCCEEDED":
            raise states._ExecutionError("States.TaskFailed", json.dumps(ended))
        return ended

    states._SERVICE_DISPATCH[START_JOB_RUN] = start_job_run
    note_tasks()


def note_tasks() -> None:
    """Records the calls of tasks, which use the role of their state machine."""
    inner_task, inner_call = states._execute_task, states._invoke_aws_sdk_integration

    def execute(state: Any, raw_input: Any, execution: Record, context: Any) -> Any:
        _role.set(states._state_machines[execution["stateMachineArn"]]["roleArn"])
        return inner_task(state, raw_input, execution, context)

    def call(resource: str, data: Any) -> Any:
        service, action = resource.split(":")[-2:]
        name = str((data or {}).get("QueueUrl") or f"job/{(data or {}).get('JobName')}")
        arn = f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name.rsplit('/', 1)[-1] if service == 'sqs' else name}"
        call_log.note(_role.get(), f"{service}:{action[0].upper()}{action[1:]}", arn)
        return inner_call(resource, data)

    states._execute_task, states._invoke_aws_sdk_integration = execute, call
