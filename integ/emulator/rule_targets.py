"""Targets of EventBridge rules: Glue workflows, message groups of queues, and failed deliveries."""

import datetime
import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import eventbridge, glue, sqs
from ministack.services import stepfunctions as states

from emulator import call_log
from emulator.answers import Record
from emulator.metrics import count_sent, record

SCHEDULER = "aws.scheduler"
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
NOT_FOUND = {
    "sqs": "SQS_QUEUE_NOT_FOUND",
    "glue": "RESOURCE_NOT_FOUND",
    "states": "RESOURCE_NOT_FOUND",
}


def install(notify_workflow: Callable[[str, str], str | None]) -> None:
    """Replaces ministack's delivery of events.

    Args:
        notify_workflow: glue:NotifyEvent, called with the workflow's name and the event's id. Returns the refusal,
            if any. AWS would retry for a while before it gives up.
    """
    inner_invoke, inner_to_sqs = eventbridge._invoke_target, eventbridge._dispatch_to_sqs

    def invoke(target: Record, event: Record, rule: Record, view: Any = None) -> None:
        view = view or eventbridge._pattern_event_view(event)
        target = with_scheduled_time(target, event)
        _, _, service, _, _, name = target["Arn"].split(":", 5)
        if is_first(target):
            count("TriggeredRules", rule)
            count("MatchedEvents", rule)
        count("Invocations", rule)
        if not exists(service, target["Arn"]):
            count("FailedInvocations", rule)
            dead_letter(target, rule, view.event_with_detail(), (NOT_FOUND[service], f"{target['Arn']} does not exist"))
        elif service == "glue":
            call_log.note(target["RoleArn"], "glue:NotifyEvent", target["Arn"])
            refused = notify_workflow(name.removeprefix("workflow/"), event["EventId"])
            if refused:
                count("FailedInvocations", rule)
                dead_letter(target, rule, view.event_with_detail(), ("SDK_CLIENT_ERROR", refused))
        else:
            if service == "states":
                call_log.note(target["RoleArn"], "states:StartExecution", target["Arn"])
            elif service == "sqs" and event["Source"] == SCHEDULER:
                call_log.note(target["RoleArn"], "sqs:SendMessage", target["Arn"])
            elif service == "sqs":
                call_log.note_service("events.amazonaws.com", "sqs:SendMessage", target["Arn"], rule["Arn"])
            inner_invoke(with_message_group(target, view), event, rule, view)

    def to_sqs(spec: Any, payload: str, parameters: Mapping[str, str] | None = None) -> None:
        inner_to_sqs(spec, payload, parameters)
        queue, group = sqs._queue_by_arn(str(spec)), (parameters or {}).get("MessageGroupId")
        count_sent(spec.resource)
        if queue and group:
            queue["messages"][-1]["group_id"] = group

    eventbridge._invoke_target, eventbridge._dispatch_to_sqs = invoke, to_sqs


def is_first(target: Record) -> bool:
    """True for one target per rule, so that each event counts once."""
    return any(targets and targets[0] is target for targets in eventbridge._targets.values())


def exists(service: str, arn: str) -> bool:
    """False if the target belongs to a service that the lake uses and does not exist."""
    if service == "sqs":
        return sqs._queue_by_arn(arn) is not None
    if service == "glue":
        return arn.rpartition(":workflow/")[2] in glue._workflows
    if service == "states":
        return states._resolve_state_machine_arn(arn) is not None
    return True


def with_scheduled_time(target: Record, event: Record) -> Record:
    """The input of a schedule with the time for which it was due. Source: EventBridge Scheduler, context attributes."""
    if event["Source"] != SCHEDULER or SCHEDULED_TIME not in str(target.get("Input")):
        return target
    due = datetime.datetime.fromtimestamp(event["Time"], datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {**target, "Input": target["Input"].replace(SCHEDULED_TIME, due)}


def with_message_group(target: Record, view: Any) -> Record:
    """Resolves a MessageGroupId that is a JSON path into the event, before any input transformer."""
    group = (target.get("SqsParameters") or {}).get("MessageGroupId", "")
    if not group.startswith("$."):
        return target
    value: Any = view.event_with_detail()
    for name in group[2:].split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return {**target, "SqsParameters": {"MessageGroupId": value if isinstance(value, str) else json.dumps(value)}}


def dead_letter(target: Record, rule: Record, event: Record, error: tuple[str, str]) -> None:
    """Sends an undeliverable event, unchanged, to the target's dead-letter queue."""
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    queue = sqs._queue_by_arn(arn) if arn else None
    if queue is None:
        return
    attributes = {
        "RULE_ARN": rule["Arn"],
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": error[0],
        "ERROR_MESSAGE": error[1],
        "RETRY_ATTEMPTS": "0",
    }
    message = {
        "QueueUrl": queue["url"],
        "MessageBody": json.dumps(event),
        "MessageAttributes": {name: {"DataType": "String", "StringValue": v} for name, v in attributes.items()},
    }
    call_log.note_service("events.amazonaws.com", "sqs:SendMessage", str(arn), rule["Arn"])
    sqs._act_send_message(message, queue["url"])
    count("InvocationsSentToDlq", rule)


def count(metric: str, rule: Record) -> None:
    """Increments a metric of the rule. Schedules also come here, but have no such metrics."""
    if "EventBusName" in rule:
        record("AWS/Events", metric, 1, {"RuleName": rule["Name"]})
