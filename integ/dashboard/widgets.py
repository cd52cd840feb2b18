"""The widgets of a deployed dashboard and their data, as CloudWatch's console asks for them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.deploy import STACK
from demo.lake import Lake

Widget = Mapping[str, Any]

#: Metrics of AWS services that the local AWS does not put, each with the reason.
NOT_PUT = {
    ("AWS/Athena", "ProcessedBytes"): "DuckDB runs the queries in Athena's place",
    ("AWS/DynamoDB", "ConsumedReadCapacityUnits"): "the local table has no capacity units",
    ("AWS/DynamoDB", "ConsumedWriteCapacityUnits"): "the local table has no capacity units",
}
#: What a widget does not say. Source: the page on the dashboard body's structure in CloudWatch's API reference.
DEFAULT_PERIOD, DEFAULT_STATISTIC = 300, "Average"
_SOURCES = re.compile(r"(?:SOURCE '[^']+' \| )+")


@dataclass(frozen=True)
class Metric:
    """A line of a graph."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    options: Mapping[str, Any]

    @classmethod
    def of(cls, row: Sequence[Any]) -> "Metric":
        """Reads a row of `metrics`: namespace, name, names and values of dimensions, options."""
        *words, options = row if isinstance(row[-1], dict) else (*row, {})
        namespace, name, *dimensions = words
        return cls(namespace, name, dict(zip(dimensions[::2], dimensions[1::2], strict=True)), options)

    @property
    def label(self) -> str:
        """Its name in the legend."""
        return str(self.options.get("label", self.name))


@dataclass(frozen=True)
class Dashboard:
    """A deployed dashboard."""

    lake: Lake
    widgets: Sequence[Widget]

    @classmethod
    def of(cls, lake: Lake) -> "Dashboard":
        """Reads the dashboard of the lake's stack."""
        pages = lake.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
        found = [resource for page in pages for resource in page["StackResourceSummaries"]]
        (name,) = [r["PhysicalResourceId"] for r in found if r["ResourceType"] == "AWS::CloudWatch::Dashboard"]
        body = json.loads(lake.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])
        return cls(lake, body["widgets"])

    def of_type(self, type_: str) -> Iterator[Mapping[str, Any]]:
        """Properties of the widgets of a type."""
        return (widget["properties"] for widget in self.widgets if widget["type"] == type_)

    def points(self, metric: Metric, hours: float) -> list[tuple[datetime, float]]:
        """The values of the last hours, oldest first."""
        end = datetime.now(UTC) + timedelta(minutes=1)
        period = int(metric.options.get("period", DEFAULT_PERIOD))
        dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
        about = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
        stat = {"Metric": about, "Period": period, "Stat": metric.options.get("stat", DEFAULT_STATISTIC)}
        (answer,) = self.lake.client("cloudwatch").get_metric_data(
            MetricDataQueries=[{"Id": "m", "MetricStat": stat}],
            StartTime=end - timedelta(hours=hours),
            EndTime=end,
        )["MetricDataResults"]
        return sorted(zip(answer["Timestamps"], answer["Values"], strict=True))

    def rows(self, properties: Mapping[str, Any], hours: float) -> list[dict[str, str]]:
        """The rows of a table: its query, run on its log groups."""
        query = str(properties["query"])
        sources = _SOURCES.match(query)
        groups = re.findall(r"'([^']+)'", sources[0]) if sources else []
        return run_query(self.lake, query.removeprefix(sources[0] if sources else ""), groups, hours)

    def states(self, properties: Mapping[str, Any]) -> dict[str, str]:
        """The state of each alarm, by the description's first words."""
        cloudwatch = self.lake.client("cloudwatch")
        names = [arn.rpartition(":alarm:")[2] for arn in properties["alarms"]]
        found = cloudwatch.describe_alarms(AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        alarms = [*found["CompositeAlarms"], *found["MetricAlarms"]]
        return {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}


def run_query(lake: Lake, query: str, groups: Sequence[str], hours: float = 24) -> list[dict[str, str]]:
    """The rows that Logs Insights finds."""
    logs, end = lake.client("logs"), datetime.now(UTC) + timedelta(minutes=1)
    started = logs.start_query(
        logGroupNames=groups,
        startTime=int((end - timedelta(hours=hours)).timestamp()),
        endTime=int(end.timestamp()),
        queryString=query,
    )
    results = logs.get_query_results(queryId=started["queryId"])["results"]
    return [{field["field"]: field["value"] for field in row} for row in results]
