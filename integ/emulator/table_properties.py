"""Properties of DynamoDB tables that ministack's CloudFormation drops, and deletion protection."""

from typing import Any

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from emulator.answers import Properties, Record, succeeded
from emulator.cloudformation_types import extend
from emulator.settings import REGION

#: Set on the replica of a global table. With one Region only, they are properties of the table.
REPLICA_PROPERTIES = (
    "DeletionProtectionEnabled",
    "PointInTimeRecoverySpecification",
    "ContributorInsightsSpecification",
    "TableClass",
    "Tags",
)


def install() -> None:
    """Extends both types and enforces deletion protection."""
    extend("AWS::DynamoDB::Table", apply, prepare)
    extend(
        "AWS::DynamoDB::GlobalTable",
        apply=lambda name, given: apply(name, as_table(given)),
        translate=lambda given: prepare(as_table(given)),
    )
    for type_ in ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
        protect(provisioners._RESOURCE_HANDLERS[type_])


def as_table(given: Properties) -> Record:
    """Properties of the AWS::DynamoDB::Table that equals a global table with one Region."""
    replica: Properties = next((found for found in given.get("Replicas", []) if found["Region"] == REGION), {})
    table = {**given, **{name: replica[name] for name in REPLICA_PROPERTIES if name in replica}}
    if "SSESpecification" in given:
        table["SSESpecification"] = {**given["SSESpecification"], **replica.get("SSESpecification", {})}
    return table


def prepare(given: Properties) -> Record:
    """Leaves out what `apply` sets in the API's form."""
    return {name: value for name, value in given.items() if name not in ("SSESpecification", "TableClass")}


def apply(name: str, given: Properties) -> None:
    """Sets encryption, time to live, recovery and table class."""
    encryption = given.get("SSESpecification") or {}
    request: Record = {"TableName": name}
    request["SSESpecification"] = api_encryption(encryption) if encryption else None
    if given.get("TableClass"):
        request["TableClass"] = given["TableClass"]
    succeeded(dynamodb._update_table(request))
    ttl = given.get("TimeToLiveSpecification")
    if ttl:
        succeeded(dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": ttl}))
    recovery = given.get("PointInTimeRecoverySpecification") or {"PointInTimeRecoveryEnabled": False}
    succeeded(dynamodb._update_continuous_backups({"TableName": name, "PointInTimeRecoverySpecification": recovery}))


def api_encryption(given: Properties) -> Record:
    """SSESpecification in the API's form: one member is named differently in templates."""
    return {"Enabled" if name == "SSEEnabled" else name: value for name, value in given.items()}


def protect(handlers: Record) -> None:
    """Makes the deletion fail while the table has DeletionProtectionEnabled."""
    inner: Any = handlers["delete"]

    def delete(name: str, properties: Properties) -> None:
        if (dynamodb._tables.get(name) or {}).get("DeletionProtectionEnabled"):
            raise ValueError(f"Resource cannot be deleted as it is currently protected against deletion: {name}")
        inner(name, properties)

    handlers["delete"] = delete
