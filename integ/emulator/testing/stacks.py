"""Stacks of small templates, for tests of what CloudFormation does with them."""

import itertools
import json
from typing import Any

from botocore.exceptions import WaiterError

from emulator.testing.probe import Client

WAITER = {"Delay": 0.1, "MaxAttempts": 100}
Resources = dict[str, Any]


class StackFailedError(Exception):
    """An operation on a stack failed; the message has the reasons of all its events."""


class Stack:
    """A stack of a template that changes."""

    _numbers = itertools.count()

    def __init__(
        self, client: Client, resources: Resources, outputs: Resources | None = None, name: str | None = None
    ) -> None:
        """Creates the stack, under the next number without a name.

        Raises:
            StackFailedError: the creation was rolled back.
        """
        self.cloudformation, self.resources = client("cloudformation"), resources
        self.name = name or f"stack-{next(self._numbers)}"
        created = self.cloudformation.create_stack(StackName=self.name, TemplateBody=body(resources, outputs))
        self.id: str = created["StackId"]
        self._wait("create")

    def update(self, resources: Resources, outputs: Resources | None = None) -> None:
        """Raises StackFailedError if the update was rolled back."""
        self.cloudformation.update_stack(StackName=self.name, TemplateBody=body(resources, outputs))
        self._wait("update")

    def delete(self) -> None:
        """Raises StackFailedError if something could not be deleted."""
        self.cloudformation.delete_stack(StackName=self.name)
        self._wait("delete")

    def id_of(self, logical_id: str) -> str:
        """The physical id of a resource."""
        answer = self.cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        id_: str = answer["StackResourceDetail"]["PhysicalResourceId"]
        return id_

    def _wait(self, what: str) -> None:
        try:
            self.cloudformation.get_waiter(f"stack_{what}_complete").wait(StackName=self.name, WaiterConfig=WAITER)
        except WaiterError as error:
            events = self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
            raise StackFailedError("\n".join(event.get("ResourceStatusReason", "") for event in events)) from error


def body(resources: Resources, outputs: Resources | None = None) -> str:
    """A template."""
    return json.dumps({"Resources": resources, **({"Outputs": outputs} if outputs else {})})


def resource(type_: str, **properties: Any) -> Resources:
    """A resource of a template."""
    return {"Type": f"AWS::{type_}", "Properties": properties}
