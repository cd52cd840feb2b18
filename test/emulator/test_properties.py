"""Every property in the lake's template can be read back through the APIs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from demo.deploy import STACK, Cdk
from demo.timings import Timings
from emulator.client import LocalAws
from emulator.testing.probe import Client
from emulator.testing.readback import READERS
from emulator.testing.template import Template

#: Properties that cannot be compared, by type, each with the reason.
NOT_COMPARED = {
    "AWS::Athena::WorkGroup": {"RecursiveDeleteOption": "an option of the deletion: there is no API that reads it"},
    "AWS::CDK::Metadata": {"Analytics": "usage data of the CDK; no resource at all"},
}


@pytest.fixture(scope="module")
def template(aws: LocalAws, client: Client, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The quickstart, deployed by the real CDK CLI."""
    folder: Path = tmp_path_factory.mktemp("cdk")
    timings = Timings()
    cdk = Cdk(aws.environment, folder, timings)
    cdk.bootstrap_and_synth()
    cdk.deploy()
    print(timings.steps)
    pages = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    physical_ids = {found["LogicalResourceId"]: found["PhysicalResourceId"] for found in resources}
    synthesized = json.loads((folder / "cdk.out" / f"{STACK}.template.json").read_text())
    return Template(synthesized, physical_ids)


def test_every_property_of_the_template_is_there(client: Client, template: Template) -> None:
    differences = [
        difference for logical_id in template.resources for difference in compare(client, template, logical_id)
    ]

    assert differences == []


def compare(client: Client, template: Template, logical_id: str) -> list[str]:
    """Properties that the APIs return differently or not at all."""
    type_ = template.resources[logical_id]["Type"]
    given = template.properties(logical_id)
    left_out = NOT_COMPARED.get(type_, {})
    found = READERS[type_](client, template.physical_ids[logical_id], given) if set(given) - set(left_out) else {}
    return [
        f"{type_} {logical_id}.{name}: {value!r} became {found.get(name)!r}"
        for name, value in given.items()
        if name not in left_out and not contains(found.get(name), value)
    ]


def contains(found: Any, given: Any) -> bool:
    """True if everything in the template is there. The APIs add defaults and return some numbers as text."""
    if isinstance(given, Mapping):
        return isinstance(found, Mapping) and all(contains(found.get(name), value) for name, value in given.items())
    if isinstance(given, list):
        if not isinstance(found, list):
            return False
        if given and isinstance(given[0], Mapping) and set(given[0]) == {"Key", "Value"}:
            return all(tag in found for tag in given)  # CloudFormation adds tags of its own
        return len(found) == len(given) and all(map(contains, found, given))
    if isinstance(found, float):
        return found == float(given)
    return found is not None and str(found).lower() == str(given).lower()


def test_no_exception_is_left_that_the_template_does_not_need(template: Template) -> None:
    used = {(template.resources[id_]["Type"], name) for id_ in template.resources for name in template.properties(id_)}

    assert [(type_, name) for type_, names in NOT_COMPARED.items() for name in names if (type_, name) not in used] == []
