"""What the services know of a run: named fields only, never a whole answer.

Figures, times, states and types are safe. Free text is returned as it is and scrubbed by the caller. Everything else,
above all inputs and outputs of executions, messages, and keys of objects, is not read at all.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeAlias

from evidence.scrub import kind_of

Fact: TypeAlias = dict[str, Any]
#: Gives the boto3 client of a service.
Clients: TypeAlias = Callable[[str], Any]

#: What integ-runner deploys: the lakes, and the stacks with their assertions.
TESTS = ("modern-data-lake-integ-", "DefaultTestDeployAssert", "EverythingDefaultTestDeployAssert")
_FIGURES = ("attempts", "rows_in", "rows_out", "values_rescued", "rows_short")


def stacks(clients: Clients, names: list[str]) -> list[Fact]:
    """The newest stack of every name: those given, or else those of the tests, the deleted ones included."""
    pages = clients("cloudformation").get_paginator("list_stacks").paginate()
    found = [each for page in pages for each in page["StackSummaries"]]
    wanted = [each for each in found if _is_wanted(each["StackName"], names)]
    newest = {each["StackName"]: each for each in sorted(wanted, key=lambda each: each["CreationTime"])}
    return list(newest.values())


def _is_wanted(name: str, names: list[str]) -> bool:
    return name in names if names else name.startswith(TESTS)


def stack(clients: Clients, summary: Fact) -> Fact:
    """A stack's events, the oldest first, and how long each resource took."""
    pages = clients("cloudformation").get_paginator("describe_stack_events").paginate(StackName=summary["StackId"])
    # AWS lists the newest first. Its order tells what the times cannot: several events may share a millisecond.
    events = [each for page in pages for each in page["StackEvents"]][::-1]
    return {
        "stack": summary["StackName"],
        "status": summary["StackStatus"],
        "seconds": _seconds(events[0]["Timestamp"], events[-1]["Timestamp"]) if events else None,
        "events": [_event(each) for each in events],
    }


def _event(event: Fact) -> Fact:
    return {
        "at": _text(event["Timestamp"]),
        "status": event["ResourceStatus"],
        "type": event["ResourceType"],
        "id": event["LogicalResourceId"],
        "reason": event.get("ResourceStatusReason"),
    }


def assertions(clients: Clients, summary: Fact) -> list[Fact]:
    """Results of the assertions, which integ-tests writes into the outputs of their stack."""
    (described,) = clients("cloudformation").describe_stacks(StackName=summary["StackId"])["Stacks"]
    outputs = [each for each in described.get("Outputs", []) if each["OutputKey"].startswith("AssertionResults")]
    return [{"assertion": each["OutputKey"], "result": each["OutputValue"]} for each in outputs]


def resources(clients: Clients, summary: Fact) -> dict[str, list[tuple[str, str]]]:
    """Logical and physical ids of a stack's resources, by type."""
    pages = clients("cloudformation").get_paginator("list_stack_resources").paginate(StackName=summary["StackId"])
    found: dict[str, list[tuple[str, str]]] = {}
    for each in (each for page in pages for each in page["StackResourceSummaries"]):
        if "PhysicalResourceId" in each:
            names = (each["LogicalResourceId"], each["PhysicalResourceId"])
            found.setdefault(each["ResourceType"], []).append(names)
    return found


def executions(clients: Clients, machine: str, arn: str) -> Iterator[Fact]:
    """Executions of a standard state machine: when each state began, and every error. No input and no output."""
    states = clients("stepfunctions")
    if states.describe_state_machine(stateMachineArn=arn)["type"] == "EXPRESS":
        return  # keeps no history
    for each in states.list_executions(stateMachineArn=arn)["executions"]:
        history = states.get_paginator("get_execution_history").paginate(executionArn=each["executionArn"])
        events = [event for page in history for event in page["events"]]
        yield {
            "machine": machine,
            "status": each["status"],
            "began": _text(each["startDate"]),
            "seconds": _seconds(each["startDate"], each.get("stopDate")),
            "steps": [step for event in events if (step := _step(event))],
        }


def _step(event: Fact) -> Fact | None:
    """An event that enters a state or tells of an error."""
    details: Fact = next((value for name, value in event.items() if name.endswith("EventDetails")), {})
    if "error" not in details and not event["type"].endswith("StateEntered"):
        return None
    named = {name: details[name] for name in ("name", "error", "cause") if name in details}
    return {"at": _text(event["timestamp"]), "type": event["type"], **named}


def runs(clients: Clients, job: str, name: str) -> Iterator[Fact]:
    """Runs of a Glue job. Only the class of an error is kept: messages quote files."""
    for page in clients("glue").get_paginator("get_job_runs").paginate(JobName=name):
        for run in page["JobRuns"]:
            yield {
                "job": job,
                "state": run["JobRunState"],
                "began": _text(run["StartedOn"]),
                "seconds": _seconds(run["StartedOn"], run.get("CompletedOn")),
                "billed seconds": run.get("ExecutionTime"),
                "DPU seconds": run.get("DPUSeconds"),
                "error": kind_of(run["ErrorMessage"]) if run.get("ErrorMessage") else None,
            }


def queue(clients: Clients, name: str, url: str) -> Iterator[Fact]:
    """How many messages a queue has."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = clients("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    waiting, in_flight = (int(answer[each]) for each in names)
    yield {"queue": name, "waiting": waiting, "in flight": in_flight}


def alarms(clients: Clients, found: list[tuple[str, str]]) -> Iterator[Fact]:
    """State of every alarm. A list has at most 100 names."""
    ids = {name: id_ for id_, name in found}
    names = list(ids)
    for begin in range(0, len(names), 100):
        answer = clients("cloudwatch").describe_alarms(
            AlarmNames=names[begin : begin + 100], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        for alarm in answer.get("MetricAlarms", []) + answer.get("CompositeAlarms", []):
            state, since = alarm["StateValue"], alarm.get("StateUpdatedTimestamp")
            yield {"alarm": ids[alarm["AlarmName"]], "state": state, "since": _text(since)}


def manifest(clients: Clients, _: str, table: str) -> Iterator[Fact]:
    """Sums over the objects by layer, status and class of error. No object is named."""
    pages = clients("dynamodb").get_paginator("scan").paginate(TableName=table)
    groups: dict[tuple[str, ...], Counter[str]] = {}
    for item in (item for page in pages for item in page["Items"] if "status" in item):
        error = item.get("error", {}).get("M", {}).get("type", {}).get("S", "")
        group = (item["layer"]["S"], item["status"]["S"], error)
        figures = {name: int(item[name]["N"]) for name in _FIGURES if "N" in item.get(name, {})}
        groups.setdefault(group, Counter()).update({"objects": 1, **figures})
    for (layer, status, kind), sums in sorted(groups.items()):
        yield {"layer": layer, "status": status, "error": kind, **sums}


def _text(time: datetime | None) -> str | None:
    return time.isoformat(timespec="seconds") if time else None


def _seconds(began: datetime, ended: datetime | None) -> float | None:
    return round((ended - began).total_seconds(), 1) if ended else None
