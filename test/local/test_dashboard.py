"""The dashboard and the saved queries show what a lake has really done."""

import json
import re
from collections.abc import Mapping

import pytest
from dashboard.widgets import NOT_PUT, Dashboard, Metric, run_query
from demo.arrived import Arrived
from demo.deploy import ROOT
from demo.lake import Lake

HOURS = 24 * 30  # other tests turn the clock


@pytest.fixture(scope="module")
def dashboard(arrived: Arrived, lake: Lake) -> Dashboard:  # noqa: ARG001
    """After the demo's own files have arrived, and the runs have ended and sent their last figures."""
    lake.wait_until_idle()
    return Dashboard.of(lake)


def names(dashboard: Dashboard) -> set[tuple[str, str]]:
    metrics = [Metric.of(row) for graph in dashboard.of_type("metric") for row in graph["metrics"]]
    return {(metric.namespace, metric.name) for metric in metrics}


def test_each_graph_has_data_of_the_demo(dashboard: Dashboard) -> None:
    for graph in dashboard.of_type("metric"):
        metrics = [Metric.of(row) for row in graph["metrics"]]
        put = [metric for metric in metrics if (metric.namespace, metric.name) not in NOT_PUT]
        if put and graph["title"] != "Failed runs by hour":  # in the demo none fails; test_sweeper makes one fail
            assert any(dashboard.points(metric, HOURS) for metric in put), graph["title"]


def test_only_metrics_that_the_local_aws_does_not_put_are_left_out(dashboard: Dashboard) -> None:
    assert set(NOT_PUT) <= names(dashboard)


def test_the_rows_of_a_table_are_those_of_the_demo(dashboard: Dashboard, arrived: Arrived) -> None:
    tables = {table["title"]: dashboard.rows(table, HOURS) for table in dashboard.of_type("log")}

    assert all(tables.values()), tables
    used = {row["customer"]: row for row in tables["Usage by customer"]}
    for customer in arrived.catalogs:
        here = [f for f in arrived.files if f.customer == customer and not f.broken]
        assert int(used[customer]["objects"]) >= len(here)
        assert float(used[customer]["megabytes"]) >= sum(file.path.stat().st_size for file in here) / 1_000_000
    reasons = {(row["error.type"], row["example"]) for row in tables["Failures by reason"]}
    assert any(type_ == "Rejected" for type_, _ in reasons)


def test_the_alarms_that_it_shows_are_deployed(dashboard: Dashboard) -> None:
    (alarms,) = dashboard.of_type("alarm")

    assert len(dashboard.states(alarms)) == len(alarms["alarms"])


def saved(lake: Lake) -> Mapping[str, tuple[str, list[str]]]:
    """Text and log groups of the saved queries."""
    prefix = "mycompany-dev-datalake/"
    found = lake.client("logs").describe_query_definitions(queryDefinitionNamePrefix=prefix)["queryDefinitions"]
    return {q["name"].removeprefix(prefix): (q["queryString"], q["logGroupNames"]) for q in found}


def test_each_saved_query_finds_what_happened(dashboard: Dashboard, arrived: Arrived) -> None:
    lake, queries = dashboard.lake, saved(dashboard.lake)
    found = {name: run_query(lake, text, groups, HOURS) for name, (text, groups) in queries.items()}

    assert [name for name, rows in found.items() if not rows] == ["ObjectStory"]  # its key is the user's to write
    (broken,) = [file for file in arrived.files if file.broken]
    assert any(row["customer"] == broken.customer for row in found["FailuresByCustomer"])
    assert {row["stage"] for row in found["RunTime"]} == {"process-csv", "analytics-transform"}
    ended = {row["run"] for row in found["Runs"] if row["event"] == "run_ended"}
    assert ended <= {row["run"] for row in found["Runs"] if row["event"] == "run_started"}
    seconds = [float(row["seconds"]) for row in found["SlowestObjects"]]
    assert seconds == sorted(seconds, reverse=True)


def test_the_story_of_an_object_goes_through_both_stages(dashboard: Dashboard) -> None:
    text, groups = saved(dashboard.lake)["ObjectStory"]

    story = run_query(dashboard.lake, text.replace("orders/a.csv", "disasters"), groups, HOURS)

    assert [(row["object"].partition("#")[2].split("/")[0], row["result"]) for row in story] == [
        ("raw", "SUCCEEDED"),
        ("processed", "SUCCEEDED"),
    ]


def test_every_line_has_the_documented_form(dashboard: Dashboard) -> None:
    section = (ROOT / "docs" / "operate.md").read_text().split("\n## Logs\n")[1].split("\n## ")[0]
    documented = {
        event: {"event", *re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", fields))}
        for event, fields in re.findall(r"^\| `(\w+)` \|[^|]*\|(.*)\|$", section, re.MULTILINE)
    }
    _, groups = saved(dashboard.lake)["Runs"]

    lines = run_query(dashboard.lake, 'fields @message | filter @message like "{"', groups, HOURS)

    assert lines
    for line in lines:
        facts = json.loads(line["@message"])
        assert set(facts) <= documented[facts["event"]], line
