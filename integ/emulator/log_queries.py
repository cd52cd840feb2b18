"""Logs Insights: queries, and saved queries. ministack knows neither `stats` nor `parse`, and saves none."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from ministack import app
from ministack.services import cloudwatch_logs

from emulator import insights
from emulator.answers import Answer, Properties, Record, answer, refusal
from emulator.cloudformation_types import ResourceType, register

#: By id.
_definitions: dict[str, Record] = {}


def start_query(request: Properties) -> Answer:
    """StartQuery. ministack checks the log groups, and holds the result for GetQueryResults."""
    groups = cloudwatch_logs._resolve_query_log_groups(request)
    records = cloudwatch_logs._collect_query_records(groups, request["startTime"], request["endTime"])
    names = ("@message", "@logStream", "@log")
    lines = [{**{name: each[name] for name in names}, "@timestamp": each["_timestamp_ms"]} for each in records]
    try:
        rows = insights.run(request["queryString"], lines)
    except ValueError as error:
        return refusal("MalformedQueryException", str(error))
    started: Answer = cloudwatch_logs._start_query({**request, "queryString": "fields @message"})
    status, _, body = started
    if status == 200:
        results = [[{"field": name, "value": value} for name, value in row.items()] for row in rows]
        cloudwatch_logs._queries[json.loads(body)["queryId"]]["results"] = results
    return started


def describe_query_definitions(request: Properties) -> Answer:
    """DescribeQueryDefinitions, all on one page."""
    prefix = request.get("queryDefinitionNamePrefix", "")
    found = [each for each in _definitions.values() if each["name"].startswith(prefix)]
    return answer({"queryDefinitions": found})


def save(name: str, given: Properties) -> str:
    """Saves a query; returns its id."""
    id_ = str(uuid.uuid4())
    change(id_, {**given, "Name": name})
    return id_


def change(id_: str, given: Properties) -> None:
    """Replaces a saved query."""
    about = {"queryDefinitionId": id_, "name": given["Name"], "queryString": given["QueryString"]}
    _definitions[id_] = {**about, "logGroupNames": given.get("LogGroupNames", [])}


def install() -> None:
    """Takes these actions out of ministack's hands, and adds the type of CloudFormation."""
    inner = app.SERVICE_HANDLERS["logs"]
    own = {"StartQuery": start_query, "DescribeQueryDefinitions": describe_query_definitions}

    async def handle(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Answer:
        action = own.get(headers.get("x-amz-target", "").rpartition(".")[2])
        if action:
            return action(json.loads(body))
        answered: Answer = await inner(method, path, headers, body, query)
        return answered

    app.SERVICE_HANDLERS["logs"] = handle
    register(
        ResourceType(
            type="AWS::Logs::QueryDefinition",
            create=save,
            update=change,
            delete=lambda id_: _definitions.pop(id_, None),
            physical_id=lambda _, id_: str(id_),
        )
    )
