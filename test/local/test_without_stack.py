"""Deletes the stack of a lake that holds data, deploys it again over the data, and destroys a lake for good."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from demo.arrived import Arrived
from demo.deploy import STACK, Cdk
from demo.inputs import bucket_name
from demo.journey import Upload, follow
from demo.lake import Lake
from demo.local import LocalLake
from demo.timings import Timings
from local.belongings import belongings, definition
from local.documented import commands, shell
from local.returning import IMPORT, PUT_ASIDE, RESTORE, RETURN
from local.unannounced import unannounced

#: One with the lake's key, one with its own: the second of people.py, or where test_update_and_erase erased that, its
#: newcomer.
CUSTOMER, OWN_KEY = "acme", ("globex", "newcomer-3")
LOST, TABLES = "raw/orders/no-event.csv", 2
#: An app with a lake to destroy, run in the quickstart's folder.
PASSING_APP, PASSING_BUCKET = "node --import tsx ../../test/local/passing-app.ts", "passing-acme-dev-datalake"


@pytest.fixture(scope="module")
def lost(local: LocalLake, arrived: Arrived) -> Upload:  # noqa: ARG001
    """A file of which the lake knows nothing when its stack is deleted."""
    return unannounced(local.lake, LOST)


@pytest.fixture(scope="module")
def deleted(local: LocalLake, lost: Upload) -> dict[str, Any]:  # noqa: ARG001
    """What a lake held when its stack was deleted. Few tables: the AWS CLI starts once for each that is restored."""
    for database in local.lake.glue.get_databases()["DatabaseList"]:
        tables = local.lake.glue.get_tables(DatabaseName=database["Name"])["TableList"]
        surplus = [table["Name"] for table in tables[TABLES:]]
        local.lake.glue.batch_delete_table(DatabaseName=database["Name"], TablesToDelete=surplus)
    before = held_by(local.lake)
    local.cdk.destroy()
    return before


def test_to_delete_the_stack_alone_keeps_all_data(lake: Lake, deleted: dict[str, Any]) -> None:
    assert held_by(lake) == deleted
    assert {customer["key"] for customer in deleted["customers"].values()} == {"Enabled"}
    with pytest.raises(ClientError, match="NonExistentQueue"):
        lake.backlog(lake.stages[0].queue_url)
    assert lake.s3.get_bucket_versioning(Bucket=bucket_name(CUSTOMER))["Status"] == "Enabled"


def test_a_lake_that_is_deployed_again_has_everything_of_before_and_works(
    local: LocalLake, deleted: dict[str, Any], lost: Upload, tmp_path: Path
) -> None:
    assert 'npx cdk import "$stack" --resource-mapping mapping.json' in block("jq")
    assert IMPORT in block("npx cdk deploy")
    listing, names = block("stack=").split("left() {")
    mapping, _ = block("jq").split("npx cdk import")
    inside, names = f"cd {tmp_path}\n", "left() {" + names

    shell(local, inside + listing + names + returning(PUT_ASIDE) + mapping, stack=STACK)
    local.cdk.import_resources(STACK, tmp_path / "mapping.json")
    lake = Lake(local.aws.environment, local.cdk.deploy(IMPORT))
    shell(local, inside + names + returning(RESTORE), stack=STACK)

    assert held_by(lake) == deleted
    search(local, lake)
    (journey,) = follow(lake, [lost])
    assert journey.is_queryable


def search(local: LocalLake, lake: Lake) -> None:
    """Asks for a search for files without an event."""
    request = commands("operate.md", "## Objects that no event has told of", "npx modern-data-lake refresh")
    now = datetime.now(UTC)
    since, until = (now - timedelta(hours=1)).isoformat(), (now + timedelta(hours=1)).isoformat()
    for shown, real in {"2026-01-01": since, "2026-02-01": until, " --dry-run": ""}.items():
        request = request.replace(shown, real)
    shell(local, request, stack=STACK)
    lake.sweep()


def block(beginning: str) -> str:
    return commands("operate.md", "## A lake returns after its stack was deleted", beginning)


def returning(beginning: str) -> str:
    return commands("operate.md", RETURN, beginning)


def held_by(lake: Lake) -> dict[str, Any]:
    """The manifest, and what the lake holds of every customer, without the names of roles and times of the catalog."""
    buckets = {bucket["Name"] for bucket in lake.s3.list_buckets()["Buckets"]}
    found = {name: belongings(lake, name) for name in (CUSTOMER, *OWN_KEY) if bucket_name(name) in buckets}
    for held in found.values():
        held["database"] = held["database"]["Parameters"]
        held["tables"] = [definition(table) for table in held["tables"]]
        held["policy"] = len(json.loads(held["policy"])["Statement"])
    return {"manifest": list(lake.manifest_items()), "customers": found}


def test_both_steps_remove_everything_once_the_buckets_are_empty(local: LocalLake, tmp_path: Path) -> None:
    lake, cdk = local.lake, Cdk(local.aws.environment, tmp_path, Timings(), PASSING_APP)
    local.cdk.destroy()
    cdk.synth()
    cdk.deploy()
    pages = lake.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    names = {found["PhysicalResourceId"] for page in pages for found in page["StackResourceSummaries"]}
    held = names & holders(lake)
    for body in (b"1", b"2"):
        lake.s3.put_object(Bucket=PASSING_BUCKET, Key="of/no/layer", Body=body)
    lake.s3.delete_object(Bucket=PASSING_BUCKET, Key="of/no/layer")

    shell(local, commands("security.md", "## Destroying a lake", "batch="), stack=STACK)
    cdk.destroy()
    buckets = ("customer", "results", "access logs", "trail", "imports")
    assert len(held) == len((*buckets, "database", "manifest", "key", "own key"))
    assert names & holders(lake) == set()


def holders(lake: Lake) -> set[str]:
    """Names of all buckets, databases and tables, and the ids of all keys that are not being deleted."""
    kms = lake.client("kms")
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return {
        *(bucket["Name"] for bucket in lake.s3.list_buckets()["Buckets"]),
        *(database["Name"] for database in lake.glue.get_databases()["DatabaseList"]),
        *lake.client("dynamodb").list_tables()["TableNames"],
        *(key["KeyId"] for key in keys if key["KeyState"] == "Enabled"),
    }
