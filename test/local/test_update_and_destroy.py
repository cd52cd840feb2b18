"""The lake changes, and goes, while it holds data."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from demo.arrived import Arrived, catalog_of
from demo.deploy import QUICKSTART
from demo.inputs import bucket_name
from demo.journey import Upload, follow
from demo.lake import Lake
from demo.local import LocalLake

NEWCOMER = "newcomer-3"


def contents(lake: Lake, customer: str) -> dict[str, str]:
    """ETags of all of a customer's objects."""
    return {found["Key"]: found["ETag"] for found in lake.objects(customer, "")}


def test_an_update_adds_a_customer_and_leaves_the_others_alone(
    local: LocalLake, arrived: Arrived, tmp_path: Path
) -> None:
    lake, existing = local.lake, arrived.files[0].customer
    before = contents(lake, existing)
    customers = json.loads((QUICKSTART / "customers.json").read_text())
    declared = tmp_path / "customers.json"
    declared.write_text(json.dumps([*customers, {"customerId": NEWCOMER}]))

    local.cdk.synth(declared)
    outputs = local.cdk.deploy()

    assert outputs == lake.outputs
    assert contents(lake, existing) == before
    key = "raw/orders/first.csv"
    follow(lake, [Upload(NEWCOMER, key, lake.upload(NEWCOMER, key, b"id\n007\n"))])
    _, rows = catalog_of(lake, NEWCOMER, tmp_path / "mirror").sql("SELECT id FROM orders")
    assert rows == [("007",)]


def test_destroy_keeps_the_data(local: LocalLake, arrived: Arrived) -> None:
    lake, customer = local.lake, arrived.files[0].customer
    objects, manifest = contents(lake, customer), lake.manifest()

    local.cdk.destroy()

    assert contents(lake, customer) == objects
    assert lake.manifest() == manifest
    with pytest.raises(ClientError, match="NonExistentQueue"):
        lake.backlog(lake.stages[0].queue_url)
    assert lake.s3.get_bucket_versioning(Bucket=bucket_name(customer))["Status"] == "Enabled"
