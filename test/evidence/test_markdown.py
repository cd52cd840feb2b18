"""The page shows what failed and what took long, from events as CloudFormation reports them."""

from typing import Any

import pytest
from evidence.markdown import failures, page, slowest

BUCKET, TOPIC, STACK = "AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::CloudFormation::Stack"


def event(at: str, status: str, type_: str, id_: str, reason: str | None = None) -> dict[str, Any]:
    return {"at": f"2026-11-25T{at}+00:00", "status": status, "type": type_, "id": id_, "reason": reason}


@pytest.fixture
def stacks() -> list[dict[str, Any]]:
    events = [
        event("10:00:00", "CREATE_IN_PROGRESS", STACK, "lake"),
        event("10:00:01", "CREATE_IN_PROGRESS", BUCKET, "Logs"),
        event("10:00:02", "CREATE_IN_PROGRESS", TOPIC, "Alarms"),
        event("10:00:03", "CREATE_IN_PROGRESS", BUCKET, "Logs", "Resource creation Initiated"),
        event("10:00:31", "CREATE_COMPLETE", BUCKET, "Logs"),
        event("10:00:40", "CREATE_FAILED", TOPIC, "Alarms", "not | allowed\nat all"),
        event("10:01:00", "ROLLBACK_IN_PROGRESS", STACK, "lake", "[Alarms] failed"),
        event("10:01:05", "DELETE_IN_PROGRESS", BUCKET, "Logs"),
        event("10:01:07", "DELETE_COMPLETE", BUCKET, "Logs"),
        event("10:01:08", "ROLLBACK_COMPLETE", STACK, "lake"),
    ]
    return [{"stack": "lake", "status": "ROLLBACK_COMPLETE", "seconds": 68.0, "events": events}]


def test_only_what_failed_is_a_failure(stacks: list[dict[str, Any]]) -> None:
    assert [(each["stack"], each["id"], each["reason"]) for each in failures(stacks)] == [
        ("lake", "Alarms", "not | allowed\nat all")
    ]


def test_a_resource_takes_from_its_first_event_to_its_end(stacks: list[dict[str, Any]]) -> None:
    timings = [(each["id"], each["status"], each["seconds"]) for each in slowest(stacks)]

    assert timings == [
        ("Alarms", "CREATE_FAILED", 38.0),
        ("Logs", "CREATE_COMPLETE", 30.0),
        ("Logs", "DELETE_COMPLETE", 2.0),
    ]


def test_a_reason_stays_in_its_cell(stacks: list[dict[str, Any]]) -> None:
    none: dict[str, list[Any]] = {
        part: [] for part in ("assertions", "executions", "runs", "queues", "alarms", "manifest", "unread")
    }

    text = page({"versions": {"region": "eu-west-1"}, "stacks": stacks, **none})

    row = "| lake | 2026-11-25T10:00:40+00:00 | CREATE_FAILED | AWS::SNS::Topic | Alarms | not \\| allowed at all |"
    assert row in text.splitlines()
