"""The final state of a lake, without what differs from run to run."""

import io
import json
from collections.abc import Mapping
from typing import Any

import pyarrow.parquet as pq

from faults.world import CUSTOMER, STAGES, World

#: Columns with times, or with numbers that depend on the order in which workers agreed on a contract.
_UNSTEADY_COLUMNS = ("_processed_at", "_schema_version")
_ITEM = ("status", "layer", "dataset", "file_type", "rows_in", "rows_out", "values_rescued", "error", "lease_until")


def state_of(world: World) -> dict[str, Any]:
    """Objects with rows, manifest with lineage, catalog, queues and dead letters, under names that do not change."""
    versions = world.versions()
    labels = {version: f"{key}@{number}" for number, (key, version) in enumerate(world.uploads)}
    objects: dict[str, Any] = {}
    for layer in ("raw/", "processed/", "analytics-ready/"):
        for version in versions:
            if version["IsLatest"] and version["Key"].startswith(layer):
                objects[version["Key"]] = _object(world, version, labels)
    return {
        "objects": objects,
        "manifest": _manifest(world, labels),
        "catalog": _catalog(world),
        "waiting": {stage: world.backlog(place.work) for stage, place in world.places.items()},
        "contradictions": world.findings(),
        # SQS delivers at least once, and so does the driver: a letter may come twice.
        "dead letters": sorted(
            {_letter(stage, message, labels) for stage in STAGES for message in world.dead_letters(stage)}
        ),
    }


def differences(expected: Any, found: Any, path: str = "") -> list[str]:
    """The differences of two states."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        names = [*expected, *(name for name in found if name not in expected)]
        return [line for name in names for line in differences(expected.get(name), found.get(name), f"{path}/{name}")]
    return [] if expected == found else [f"{path}: {expected!r} has become {found!r}"]


def _object(world: World, version: Mapping[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    place = {"Bucket": world.bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
    found = world.s3.get_object(**place)
    metadata, content = found["Metadata"], found["Body"].read()
    tags = {tag["Key"]: tag["Value"] for tag in world.s3.get_object_tagging(**place)["TagSet"]}
    made = labels.get(metadata.get("source-version", ""), metadata.get("source-version"))
    labels.setdefault(version["VersionId"], f"{version['Key']}<-{made}")
    return {
        "label": labels[version["VersionId"]],
        "rows": _rows(version["Key"], content, labels),
        "metadata": {name: metadata.get(name) for name in ("source-key", "rows", "values-rescued")},
        "tags": {name: value for name, value in tags.items() if name not in ("uploaded-at", "schema-version")},
    }


def _rows(key: str, content: bytes, labels: Mapping[str, str]) -> Any:
    if key.startswith("raw/"):
        return content.hex()
    if key.endswith(".json"):
        rows = [json.loads(line) for line in content.splitlines()]
    else:
        rows = pq.read_table(io.BytesIO(content)).to_pylist()
    return [
        {
            name: labels.get(str(value), str(value))
            for name, value in row.items()
            if value is not None and name not in _UNSTEADY_COLUMNS
        }
        for row in rows
    ]


def _manifest(world: World, labels: Mapping[str, str]) -> dict[str, Any]:
    """Items of uploads and of current objects; of all others only the status, of which one is possible."""
    found: dict[str, Any] = {}
    for item in world.items():
        place = item["object"].removeprefix(f"{CUSTOMER}#")
        if "#schema#" in item["object"]:
            if item["version"] == "#latest":
                found[item["object"]] = sorted(f"{column['name']} {column['type']}" for column in item["columns"])
        elif item["version"] == "#latest":
            found[f"{place} #latest"] = item["partition"]
        elif item["version"] not in labels:
            found.setdefault("replaced", set()).add(item["status"])
        elif item["status"] == "SUPERSEDED":
            found[labels[item["version"]]] = "SUPERSEDED"
        else:
            found[labels[item["version"]]] = {name: item.get(name) for name in _ITEM} | {
                "outputs": item.get("outputs"),
                "made": [labels.get(version) for version in item.get("output_versions", [])],
                "source": _label_of(item.get("source"), labels),
            }
    replaced = found.pop("replaced", set()) - {"SUPERSEDED"}
    return found | ({"replaced": replaced} if replaced else {})


def _label_of(source: str | None, labels: Mapping[str, str]) -> str | None:
    return labels.get(source.rsplit("#", 1)[1], source) if source else None


def _catalog(world: World) -> dict[str, Any]:
    """The tables by name, since they are listed in any order."""
    tables = world.glue.get_tables(DatabaseName=world.database)["TableList"]
    return {table["Name"]: _table(world, table) for table in tables}


def _table(world: World, table: Mapping[str, Any]) -> dict[str, Any]:
    parameters = {name: value for name, value in table["Parameters"].items() if name != "schema_version"}
    stored = table["StorageDescriptor"]
    columns = sorted(f"{column['Name']} {column['Type']}" for column in stored["Columns"])
    named = json.dumps([table["Name"], stored["Location"], parameters], sort_keys=True).replace(world.name, "lake")
    return {"table": named, "columns": columns}


def _letter(stage: str, message: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    version = json.loads(message["Body"])["detail"]["object"]["version-id"]
    attributes = message.get("MessageAttributes", {})
    reasons = [attributes.get(name, {}).get("StringValue") for name in ("ErrorType", "Reason")]
    return json.dumps([stage, labels.get(version), *reasons])
