"""Step Functions: the optimized integrations with Glue and EventBridge, and a record of the calls of tasks."""

import datetime
import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import botocore.session
from botocore.model import ListShape, Shape, StructureShape
from ministack.services import glue
from ministack.services import stepfunctions as states

from emulator import call_log
from emulator.answers import Record
from emulator.glue_runs import GlueRuns
from emulator.settings import ACCOUNT, REGION

PUT_EVENTS = "arn:aws:states:::events:putEvents"
START_JOB_RUN = "arn:aws:states:::glue:startJobRun"

_session = botocore.session.get_session()
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
    states._SERVICE_DISPATCH[PUT_EVENTS] = put_events(states._SERVICE_DISPATCH[PUT_EVENTS])
    note_tasks()


def put_events(inner: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """events:putEvents. The optimized integration writes the detail as text, and fails for an entry that failed."""

    def put(resource: str, data: Any) -> Any:
        entries = [{**entry, "Detail": json.dumps(entry["Detail"])} for entry in data["Entries"]]
        for entry in entries:
            bus = entry.get("EventBusName", "default")
            call_log.note(_role.get(), "events:PutEvents", f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus}")
        result = inner(resource, {**data, "Entries": entries})
        if result.get("FailedEntryCount"):
            raise states._ExecutionError("EventBridge.FailedEntry", json.dumps(result))
        return result

    return put


def with_iso_times(value: Any, shape: Shape | None) -> Any:
    """A result of the SDK with times as text, as states see them. JSON services send seconds."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {name: with_iso_times(member, shape.members.get(name)) for name, member in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [with_iso_times(member, shape.member) for member in value]
    if shape and shape.type_name == "timestamp" and isinstance(value, int | float):
        time = datetime.datetime.fromtimestamp(value, datetime.UTC)
        return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


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
        operation = f"{action[0].upper()}{action[1:]}"
        call_log.note(_role.get(), f"{service}:{operation}", arn)
        shape = _session.get_service_model(service).operation_model(operation).output_shape
        return with_iso_times(inner_call(resource, data), shape)

    states._execute_task, states._invoke_aws_sdk_integration = execute, call
