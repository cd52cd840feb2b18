"""Resources of the deployed lake."""

from demo.deploy import STACK
from demo.lake import Lake


def physical_id(lake: Lake, type_: str, logical_id: str) -> str:
    """The name or ARN of the one resource of a type whose logical id begins so."""
    pages = lake.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    found = [resource for page in pages for resource in page["StackResourceSummaries"]]
    (name,) = [
        str(resource["PhysicalResourceId"])
        for resource in found
        if resource["ResourceType"] == type_ and resource["LogicalResourceId"].startswith(logical_id)
    ]
    return name
