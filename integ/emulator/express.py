"""Express state machines: their executions can be followed in their log group alone.

Source: Step Functions' pages on workflow types, on logging (the fields of a record, the levels) and on its API.
"""

import datetime
import json
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cloudwatch_logs
from ministack.services import stepfunctions as states

from emulator.answers import Answer, Properties, Record, refusal

#: How the names of the events end that a level logs, besides those of the levels below it.
ERROR_ENDINGS = ("Failed", "TimedOut", "Aborted")
FATAL_EVENTS = ("ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")
#: Members of an event that hold data of the execution.
DATA = ("input", "output", "parameters")


def install() -> None:
    """Refuses to show executions, and logs them when they have ended."""
    inner_list, inner_announce = states._list_executions, states._emit_execution_status_event

    def hidden(inner: Callable[[Properties], Answer]) -> Callable[[Properties], Answer]:
        return lambda data: no_execution() if is_of_express(data) else inner(data)

    def list_executions(data: Properties) -> Answer:
        if is_express(str(data.get("stateMachineArn"))):
            return refusal(
                "StateMachineTypeNotSupported", "This operation is not supported by this type of state machine"
            )
        made: Answer = inner_list(data)
        return made

    def announce(execution: Record) -> None:
        if not is_express(execution["stateMachineArn"]):
            inner_announce(execution)
        elif execution["status"] != "RUNNING":
            log(execution, states._state_machines[execution["stateMachineArn"]])

    states._describe_execution = hidden(states._describe_execution)
    states._get_execution_history = hidden(states._get_execution_history)
    states._list_executions, states._emit_execution_status_event = list_executions, announce


def is_express(state_machine_arn: str) -> bool:
    """True for a state machine of that type."""
    return (states._state_machines.get(state_machine_arn) or {}).get("type") == "EXPRESS"


def is_of_express(data: Properties) -> bool:
    """True for an execution of an Express state machine."""
    execution = states._executions.get(data.get("executionArn"))
    return bool(execution) and is_express(execution["stateMachineArn"])


def no_execution() -> Answer:
    """What the API says to the ARN of an Express execution."""
    return refusal("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")


def log(execution: Record, machine: Record) -> None:
    """Writes the events of an execution that its level asks for."""
    configuration = machine.get("loggingConfiguration") or {}
    events = [event for event in execution["events"] if is_logged(event["type"], configuration.get("level", "OFF"))]
    lines = [line(event, execution, configuration) for event in events]
    for destination in configuration.get("destinations", []) if lines else []:
        group = destination["cloudWatchLogsLogGroup"]["logGroupArn"].removesuffix(":*").rpartition(":log-group:")[2]
        minute = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d-%H-%M")
        names = {"logGroupName": group, "logStreamName": f"states/{machine['name']}/{minute}/{uuid.uuid4().hex[:8]}"}
        cloudwatch_logs._create_log_stream(names)
        cloudwatch_logs._put_log_events({**names, "logEvents": lines})


def is_logged(event_type: str, level: str) -> bool:
    """Whether a level logs events of a type."""
    if level == "ALL":
        return True
    return event_type in FATAL_EVENTS if level == "FATAL" else level == "ERROR" and event_type.endswith(ERROR_ENDINGS)


def line(event: Record, execution: Record, configuration: Properties) -> Record:
    """One event as a record of the log."""
    found = [value for name, value in event.items() if name.endswith("EventDetails")]
    details: Mapping[str, Any] = found[0] if found else {}
    if not configuration.get("includeExecutionData"):
        details = {name: value for name, value in details.items() if name not in DATA}
    record = {
        "id": str(event["id"]),
        "type": event["type"],
        "details": details,
        "execution_arn": execution["executionArn"],
        "redrive_count": "0",
    }
    return {"timestamp": int(time.time() * 1000), "message": json.dumps(record)}
