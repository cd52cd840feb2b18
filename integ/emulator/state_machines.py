"""Step Functions: tasks that call AWS, the optimized integrations, and waits that follow the account's clock."""

import functools
import json
import threading
import time
from contextvars import ContextVar
from typing import Any

from ministack.services import glue
from ministack.services import stepfunctions as states

from emulator import distributed_map
from emulator.answers import Record
from emulator.glue_runs import GlueRuns
from emulator.task_calls import TaskCalls

#: Optimized integrations that are calls and nothing else.
CALLS = ("athena:getQueryResults",)
PREFIX = "arn:aws:states:::"
POLL_SECONDS = 0.1

_role: ContextVar[str] = ContextVar("role of the state machine that a task belongs to")
_turned = threading.Condition()
_seconds_turned = 0.0


class Integrations:
    """What tasks do."""

    def __init__(self, runs: GlueRuns, calls: TaskCalls) -> None:
        """Prepares them.

        Args:
            runs: Glue's, which .sync waits for.
            calls: of AWS.
        """
        self._runs, self._calls = runs, calls

    def install(self) -> None:
        """Adds them to ministack's."""
        optimized = {"athena:startQueryExecution": self.start_query, "events:putEvents": self.put_events}
        optimized |= {"glue:startJobRun": self.start_job_run, **dict.fromkeys(CALLS, self.call)}
        states._SERVICE_DISPATCH.update({f"{PREFIX}{name}": task for name, task in optimized.items()})
        states._invoke_aws_sdk_integration = self.call

    def call(self, resource: str, data: Any) -> Record:
        """A call of the SDK; the last two parts of the resource are its service and operation."""
        service, action = resource.removesuffix(".sync").split(":")[-2:]
        return self._calls.call(_role.get(), service, action, data)

    def start_job_run(self, resource: str, data: Any) -> Record:
        """With .sync it waits for the run and fails if the run fails."""
        found = self.call(resource, data)
        if not resource.endswith(".sync"):
            return found
        record = next(run for run in glue._job_runs[data["JobName"]] if run["Id"] == found["JobRunId"])
        ended = self._runs.wait(record)
        if ended["JobRunState"] != "SUCCEEDED":
            raise states._ExecutionError("States.TaskFailed", json.dumps(ended))
        return ended

    def start_query(self, resource: str, data: Any) -> Record:
        """With .sync it waits for the query and fails if the query fails."""
        started = self.call(resource, data)
        while resource.endswith(".sync"):
            found = self.call("athena:getQueryExecution", started)
            state = found["QueryExecution"]["Status"]["State"]
            if state == "SUCCEEDED":
                return found
            if state in ("FAILED", "CANCELLED"):
                raise states._ExecutionError("States.TaskFailed", json.dumps(found["QueryExecution"]))
            time.sleep(POLL_SECONDS)
        return started

    def put_events(self, resource: str, data: Any) -> Record:
        """The optimized integration writes the detail as text, and fails for an entry that failed."""
        entries = [{**entry, "Detail": json.dumps(entry["Detail"])} for entry in data["Entries"]]
        result = self.call(resource, {**data, "Entries": entries})
        if result.get("FailedEntryCount"):
            raise states._ExecutionError("EventBridge.FailedEntry", json.dumps(result))
        return result


def install(runs: GlueRuns, endpoint: str) -> None:
    """Adds the integrations and the waits."""
    calls = TaskCalls(endpoint)
    Integrations(runs, calls).install()
    distributed_map.install(lambda role: functools.partial(calls.call, role))
    inner = states._execute_task

    def execute(state: Any, raw_input: Any, execution: Record, context: Any) -> Any:
        _role.set(states._state_machines[execution["stateMachineArn"]]["roleArn"])
        return inner(state, raw_input, execution, context)

    states._execute_task, states._scaled_sleep = execute, wait


def wait(seconds: float) -> None:
    """Waits until the account's clock has gone on by so many seconds, by itself or because a test turned it."""
    with _turned:
        end = time.monotonic() + _seconds_turned + seconds
        while (left := end - time.monotonic() - _seconds_turned) > 0:
            _turned.wait(left)


def turn(seconds: float) -> None:
    """Ends the waits that are over by then."""
    global _seconds_turned
    with _turned:
        _seconds_turned += seconds
        _turned.notify_all()
