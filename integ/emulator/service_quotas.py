"""Service Quotas, as far as a lake is asked about it. ministack has none of the service."""

import json
from collections.abc import Mapping
from typing import Any

from ministack import app

from emulator.answers import Answer, answer, refusal

#: AWS's defaults in us-east-1 by service and code. Source: the services' pages on quotas in AWS's General Reference.
_values: dict[tuple[str, str], float] = {
    ("glue", "L-611FDDE4"): 2000,  # Max jobs per account
    ("glue", "L-08F3B322"): 1000,  # Max task DPUs per account
    ("s3", "L-DC2B2D3D"): 10_000,  # General purpose buckets
    ("events", "L-244521F2"): 300,  # Number of rules on a bus
    ("iam", "L-FE177D64"): 1000,  # Roles per account
}


def value(service: str, code: str) -> float:
    """What a quota is now."""
    return _values[service, code]


def install() -> None:
    """Adds the service."""
    app.SERVICE_HANDLERS["servicequotas"] = handle


async def handle(_method: str, _path: str, headers: Mapping[str, str], body: bytes, _query: Any) -> Answer:
    """GetServiceQuota, and RequestServiceQuotaIncrease, which is granted at once and may also be a decrease."""
    operation = headers.get("x-amz-target", "").rpartition(".")[2]
    request = json.loads(body)
    key = (request["ServiceCode"], request["QuotaCode"])
    if key not in _values:
        return refusal("NoSuchResourceException", "The request failed because the specified resource doesn't exist.")
    if operation == "RequestServiceQuotaIncrease":
        _values[key] = request["DesiredValue"]
        return answer({"RequestedQuota": {"Status": "APPROVED", **request}})
    if operation == "GetServiceQuota":
        return answer({"Quota": {**request, "Value": _values[key], "Adjustable": True}})
    return refusal("UnknownOperationException", f"the local AWS has no {operation}")
