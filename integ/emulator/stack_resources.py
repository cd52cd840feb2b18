"""The resources of stacks: found by a physical id, and still listed after their stack was deleted.

ListStackResources lists the resources of a deleted stack for 90 days. Source: its page in the API reference. ministack
forgets them at once, but not the stack's events.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, helpers

Parameters = Mapping[str, Sequence[str]]


def install() -> None:
    """Extends both calls."""
    inner, inner_list = (handlers._ACTION_HANDLERS[f"{verb}StackResources"] for verb in ("Describe", "List"))

    def describe(params: Parameters) -> Any:
        physical_id = helpers._p(params, "PhysicalResourceId")
        if not physical_id:
            return inner(params)
        stack = stack_of(physical_id)
        if stack is None:
            return helpers._error("ValidationError", f"Stack for {physical_id} does not exist")
        return inner({**params, "StackName": [stack]})

    def list_(params: Parameters) -> Any:
        stack = handlers._resolve_stack(helpers._p(params, "StackName"))
        if stack and stack["StackStatus"] == "DELETE_COMPLETE":
            stack["_resources"] = last_known(stack["StackId"])
        return inner_list(params)

    handlers._ACTION_HANDLERS.update(DescribeStackResources=describe, ListStackResources=list_)


def last_known(stack_id: str) -> dict[str, dict[str, Any]]:
    """The last event of each resource of a stack, by logical id."""
    events = cloudformation._stack_events[stack_id]
    return {event["LogicalResourceId"]: event for event in events if event["PhysicalResourceId"] != stack_id}


def stack_of(physical_id: str) -> str | None:
    """Name of the stack that owns the resource."""
    for name, stack in cloudformation._stacks.items():
        resources = stack.get("_resources", {}).values()
        if stack["StackStatus"] != "DELETE_COMPLETE" and any(
            resource.get("PhysicalResourceId") == physical_id for resource in resources
        ):
            return str(name)
    return None
