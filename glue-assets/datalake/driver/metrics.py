"""The lake's own metrics, which the driver adds up and sends in few calls."""

import time
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from datalake import policy
from datalake.arguments import Arguments
from datalake.lake.state import State
from datalake.log import log
from datalake.worker.outcome import Outcome, error_of

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

NAMESPACE = "ModernDataLake"
OBJECTS = {
    State.SUCCEEDED: "ObjectsSucceeded",
    State.FAILED: "ObjectsFailed",
    State.REJECTED: "ObjectsRejected",
}
FIGURES = {
    "rows_in": "RowsRead",
    "rows_out": "RowsWritten",
    "rows_short": "RowsShort",
    "values_rescued": "ValuesRescued",
    "bytes_in": "BytesRead",
}
#: Versions that a reconcile has found without an item: no event had told of them.
OBJECTS_UNSEEN = "ObjectsUnseen"
ARRIVAL_TO_DONE = "ArrivalToDoneSeconds"


class Metrics:
    """The figures of a run since they were last sent."""

    def __init__(self, cloudwatch: "CloudWatchClient", arguments: Arguments, stage: str) -> None:
        """Sends nothing yet."""
        self._cloudwatch = cloudwatch
        lake = f"{arguments.organization}-{arguments.environment}"
        self._dimensions = [{"Name": "Lake", "Value": lake}, {"Name": "Stage", "Value": stage}]
        self._sums: Counter[str] = Counter()
        self._seconds: Counter[float] = Counter()
        self._sent_at = time.monotonic()

    def add(self, outcome: Outcome) -> None:
        """Adds one outcome."""
        if outcome.state in OBJECTS:
            self._sums[OBJECTS[outcome.state]] += 1
        if outcome.figures:
            self._sums.update({FIGURES[name]: value for name, value in outcome.figures.items()})
        if outcome.seconds:
            self._seconds[_rounded(outcome.seconds)] += 1

    def count(self, name: str, number: int) -> None:
        """Adds to a figure that belongs to no object. A zero is sent, too."""
        self._sums[name] += number

    def send(self, *, is_last: bool = False) -> None:
        """Sends the figures once a minute and at the end. A failure costs the figures, not the run."""
        if not self._sums or not (is_last or time.monotonic() - self._sent_at >= policy.METRICS_SECONDS):
            return
        data, self._sent_at = self._data(), time.monotonic()
        self._sums.clear()
        self._seconds.clear()
        try:
            self._cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data)
        except (BotoCoreError, ClientError) as error:
            log("metrics_lost", error=error_of(error))

    def _data(self) -> "list[MetricDatumTypeDef]":
        dimensions = {"Dimensions": self._dimensions}
        sums: list[dict[str, Any]] = [
            {"MetricName": name, "Value": value, "Unit": _unit(name)} for name, value in self._sums.items()
        ]
        seconds = sorted(self._seconds.items())
        spreads: list[dict[str, Any]] = [
            {
                "MetricName": ARRIVAL_TO_DONE,
                "Values": [value for value, _ in seconds[start : start + policy.MOST_VALUES]],
                "Counts": [count for _, count in seconds[start : start + policy.MOST_VALUES]],
                "Unit": "Seconds",
            }
            for start in range(0, len(seconds), policy.MOST_VALUES)
        ]
        return [cast("MetricDatumTypeDef", datum | dimensions) for datum in (*sums, *spreads)]


def _unit(name: str) -> str:
    return "Bytes" if name == FIGURES["bytes_in"] else "Count"


def _rounded(seconds: float) -> float:
    """Rounds to two digits: one call has room for all values, and percentiles hardly change."""
    return float(f"{max(0.0, seconds):.2g}")
