"""Lets DescribeStackResources find the stack of a resource by its physical id."""

from collections.abc import Mapping, Sequence
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, helpers

Parameters = Mapping[str, Sequence[str]]


def install() -> None:
    """Accepts a physical id in place of the stack's name."""
    inner = handlers._ACTION_HANDLERS["DescribeStackResources"]

    def describe(params: Parameters) -> Any:
        physical_id = helpers._p(params, "PhysicalResourceId")
        if not physical_id:
            return inner(params)
        stack = stack_of(physical_id)
        if stack is None:
            return helpers._error("ValidationError", f"Stack for {physical_id} does not exist")
        return inner({**params, "StackName": [stack]})

    handlers._ACTION_HANDLERS["DescribeStackResources"] = describe


def stack_of(physical_id: str) -> str | None:
    """Name of the stack that owns the resource."""
    for name, stack in cloudformation._stacks.items():
        resources = stack.get("_resources", {}).values()
        if stack["StackStatus"] != "DELETE_COMPLETE" and any(
            resource.get("PhysicalResourceId") == physical_id for resource in resources
        ):
            return str(name)
    return None
