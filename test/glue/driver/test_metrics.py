"""The metrics that CloudWatch receives."""

import re
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from datalake.arguments import Arguments
from datalake.driver.metrics import ARRIVAL_TO_DONE, FIGURES, NAMESPACE, OBJECTS, Metrics
from datalake.lake.state import State
from datalake.worker.outcome import Outcome

ARGUMENTS = Arguments("job", "jr_1", "my-company", "dev", "table", "queue", "dead", "role")
OF_ONE = {"rows_in": 3, "rows_out": 3, "rows_short": 2, "values_rescued": 0, "size_bytes": 30}
RUNBOOK = Path(__file__).parents[3] / "docs" / "runbook.md"


class CloudWatch:
    """Keeps the metrics that it receives."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def put_metric_data(self, **call: Any) -> None:
        self.calls.append(call)

    def sums(self) -> dict[str, float]:
        data = [datum for call in self.calls for datum in call["MetricData"]]
        return {datum["MetricName"]: datum["Value"] for datum in data if "Value" in datum}


def metrics(cloudwatch: Any) -> Metrics:
    return Metrics(cloudwatch, ARGUMENTS, "process-csv")


def test_a_count_is_sent_even_if_it_is_none() -> None:
    cloudwatch = CloudWatch()
    made = metrics(cloudwatch)

    made.count("ObjectsUnseen", 0)
    made.send(is_last=True)

    assert cloudwatch.sums() == {"ObjectsUnseen": 0}


def test_a_run_is_one_call() -> None:
    cloudwatch = CloudWatch()
    made = metrics(cloudwatch)
    for seconds in (1.0, 1.001, 63.4):
        made.add(Outcome(State.SUCCEEDED, OF_ONE, seconds=seconds))
    made.add(Outcome(State.REJECTED))
    made.add(Outcome(State.FAILED))
    for state in (State.RETRYING, State.DONE, State.FOREIGN, State.HELD):
        made.add(Outcome(state))

    made.send()
    assert not cloudwatch.calls
    made.send(is_last=True)

    (call,) = cloudwatch.calls
    assert call["Namespace"] == "ModernDataLake"
    dimensions = [{"Name": "Lake", "Value": "my-company-dev"}, {"Name": "Stage", "Value": "process-csv"}]
    assert all(datum["Dimensions"] == dimensions for datum in call["MetricData"])
    assert cloudwatch.sums() == {
        "ObjectsSucceeded": 3,
        "ObjectsRejected": 1,
        "ObjectsFailed": 1,
        "RowsRead": 9,
        "RowsWritten": 9,
        "RowsShort": 6,
        "ValuesRescued": 0,
        "BytesRead": 90,
    }
    units = {datum["MetricName"]: datum["Unit"] for datum in call["MetricData"]}
    assert {name for name, unit in units.items() if unit != "Count"} == {"BytesRead", "ArrivalToDoneSeconds"}
    assert units["BytesRead"] == "Bytes"
    (spread,) = [datum for datum in call["MetricData"] if datum["MetricName"] == "ArrivalToDoneSeconds"]
    assert (spread["Values"], spread["Counts"], spread["Unit"]) == ([1.0, 63.0], [2, 1], "Seconds")


def test_what_was_sent_is_not_sent_again() -> None:
    cloudwatch = CloudWatch()
    made = metrics(cloudwatch)
    made.add(Outcome(State.REJECTED))

    made.send(is_last=True)
    made.send(is_last=True)

    assert len(cloudwatch.calls) == 1


def test_a_long_run_sends_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    cloudwatch = CloudWatch()
    now = 0.0
    monkeypatch.setattr("datalake.driver.metrics.time.monotonic", lambda: now)
    made = metrics(cloudwatch)

    for _ in range(130):
        now += 1
        made.add(Outcome(State.SUCCEEDED, OF_ONE))
        made.send()

    assert len(cloudwatch.calls) == 2


def test_no_datum_has_more_values_than_cloudwatch_takes() -> None:
    cloudwatch = CloudWatch()
    made = metrics(cloudwatch)
    for n in range(1, 100_000, 7):
        made.add(Outcome(State.SUCCEEDED, OF_ONE, seconds=n / 10))

    made.send(is_last=True)

    spreads = [datum for datum in cloudwatch.calls[0]["MetricData"] if "Values" in datum]
    assert len(spreads) > 1
    assert all(len(datum["Values"]) <= 150 for datum in spreads)
    assert sum(sum(datum["Counts"]) for datum in spreads) == cloudwatch.sums()["ObjectsSucceeded"]


def test_figures_that_cannot_be_sent_do_not_end_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    class Broken:
        def put_metric_data(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "Throttling", "Message": "slow"}}, "PutMetricData")

    made = metrics(Broken())
    made.add(Outcome(State.REJECTED))

    made.send(is_last=True)

    assert "Throttling" in capsys.readouterr().out


def test_the_runbook_has_every_metric() -> None:
    _, section = RUNBOOK.read_text().split("## The lake's own metrics\n")
    table = section.split("\n## ")[0]

    names = re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|")))

    assert sorted(names) == sorted([*OBJECTS.values(), *FIGURES.values(), ARRIVAL_TO_DONE])
    assert f"namespace `{NAMESPACE}`" in table
