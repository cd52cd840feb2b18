"""Every line of the log has the documented form."""

import ast
import json
import re
from pathlib import Path

import pytest
from datalake.lake.state import State
from datalake.log import log

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "operate.md").read_text().split("\n## Logs\n")[1].split("\n## ")[0]
#: Fields by event, as documented. Words in parentheses explain a field.
FIELDS = {
    event: set(re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", fields)))
    for event, fields in re.findall(r"^\| `(\w+)` \|[^|]*\|(.*)\|$", DOCUMENT, re.MULTILINE)
}


def calls() -> list[ast.Call]:
    """Every call of `log` in the sources."""
    trees = [ast.parse(path.read_text()) for path in (ROOT / "glue-assets" / "datalake").rglob("*.py")]
    return [
        node
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "log"
    ]


def test_every_event_is_documented_and_none_that_no_job_writes() -> None:
    written = {ast.literal_eval(call.args[0]) for call in calls()}

    assert written == set(FIELDS)


def test_every_field_is_documented() -> None:
    for call in calls():
        event = ast.literal_eval(call.args[0])
        assert {keyword.arg for keyword in call.keywords if keyword.arg} <= FIELDS[event], event


def test_every_result_is_documented() -> None:
    _, results = DOCUMENT.split("`result` is ")
    between_attempts = {state for state in State if state.is_in_backlog} | {State.PROCESSING}

    assert set(re.findall(r"`([A-Z]+)`", results)) == set(State) - between_attempts


def test_a_line_leaves_out_what_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    log("object", object="acme#raw/a.csv", rows_out=0, advice=(), error=None, attempts=1)

    assert json.loads(capsys.readouterr().out) == {"event": "object", "object": "acme#raw/a.csv", "attempts": 1}
