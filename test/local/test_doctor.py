"""The doctor finds nothing wrong with a lake that is deployed. What it finds is tested in test/cli."""

import json
from pathlib import Path

import pytest
from demo.deploy import STACK
from demo.local import LocalLake
from local.people import declared_customers

from cli.doctor import Doctor


@pytest.mark.usefixtures("notices_url")  # somebody who receives the alarms
def test_nothing_is_wrong_with_a_lake(local: LocalLake, tmp_path: Path) -> None:
    file = tmp_path / "customers.json"
    file.write_text(json.dumps(declared_customers()))

    found = Doctor(local.aws.environment, lambda: file)()

    assert found.bad == []
    assert (found.code, found.report["stack"]) == (0, STACK)
    looked_at = {check for check, _, _ in found.findings}
    schedules = {"schedule", "searches", "feeds"}
    assert looked_at >= {"notifications", "rules", *schedules, "queues", "created-keys", "trail", "subscriptions"}
    assert [text.split(", ")[1] for _, text in found.of("quota-buckets")] == ["the lake needs 0 more"]
