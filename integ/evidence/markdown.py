"""A report as a short page: what a reader looks for first."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from evidence.sources import Fact

#: The slowest resources of a stack that are listed.
MOST_RESOURCES = 5


def page(report: Fact) -> str:
    """Markdown."""
    parts = [
        "# Evidence of an integration test",
        _list(f"{name}: {value}" for name, value in report["versions"].items()),
        _section("Stacks", ("stack", "status", "seconds"), report["stacks"]),
        _section("Failed events", ("stack", "at", "status", "type", "id", "reason"), failures(report["stacks"])),
        _section("Slowest resources", ("stack", "id", "type", "status", "seconds"), slowest(report["stacks"])),
        _section("Assertions", ("assertion", "result"), report["assertions"]),
        _section("Executions", ("machine", "status", "began", "seconds"), report["executions"]),
        _section("Steps and errors", ("machine", "at", "type", "name", "error", "cause"), _steps(report)),
        _section("Glue runs", ("job", "state", "began", "seconds", "DPU seconds", "error"), report["runs"]),
        _section("Queues that are not empty", ("queue", "waiting", "in flight"), _filled(report["queues"])),
        _section("Alarms that ring", ("alarm", "state", "since"), _ringing(report["alarms"])),
        _section("Manifest", ("layer", "status", "error", "objects", "rows_in", "rows_out"), report["manifest"]),
        _section("Could not be read", ("what", "why"), report["unread"]),
    ]
    return "\n\n".join(parts) + "\n"


def failures(stacks: Sequence[Fact]) -> list[Fact]:
    """Events of resources that failed, the oldest first: the first one of a stack is the cause of the others."""
    failed = [{"stack": each["stack"], **event} for each in stacks for event in each["events"]]
    return [event for event in failed if event["status"].endswith("_FAILED")]


def slowest(stacks: Sequence[Fact]) -> list[Fact]:
    """The resources of each stack that took longest, the slowest first."""
    return [timing for each in stacks for timing in _timings(each)[:MOST_RESOURCES]]


def _timings(stack: Fact) -> list[Fact]:
    began: dict[str, str] = {}
    found = []
    for event in stack["events"]:
        if event["status"].endswith("_IN_PROGRESS"):
            began.setdefault(event["id"], event["at"])
        elif event["id"] in began and event["type"] != "AWS::CloudFormation::Stack":
            seconds = datetime.fromisoformat(event["at"]) - datetime.fromisoformat(began.pop(event["id"]))
            found.append({"stack": stack["stack"], **event, "seconds": seconds.total_seconds()})
    return sorted(found, key=lambda timing: -timing["seconds"])


def _steps(report: Fact) -> list[Fact]:
    return [{"machine": each["machine"], **step} for each in report["executions"] for step in each["steps"]]


def _filled(queues: Sequence[Fact]) -> list[Fact]:
    return [queue for queue in queues if queue["waiting"] or queue["in flight"]]


def _ringing(alarms: Sequence[Fact]) -> list[Fact]:
    return [alarm for alarm in alarms if alarm["state"] == "ALARM"]


def _section(title: str, columns: Sequence[str], rows: Sequence[Fact]) -> str:
    if not rows:
        return f"## {title}\n\nNone."
    lines = [columns, ["---"] * len(columns), *([_cell(row.get(column)) for column in columns] for row in rows)]
    return f"## {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    return "" if value is None else " ".join(str(value).split()).replace("|", "\\|")


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
