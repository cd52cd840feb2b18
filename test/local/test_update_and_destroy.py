"""The lake changes, and goes, while it holds data."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from demo.arrived import Arrived, catalog_of
from demo.inputs import bucket_name
from demo.journey import Upload, follow, journeys
from demo.lake import Lake
from demo.local import LocalLake
from local.people import declared_customers, record_policies

NEWCOMER = "newcomer-3"
LEDGER = "raw/ledger/café.csv"


def contents(lake: Lake, customer: str) -> dict[str, str]:
    """ETags of all of a customer's objects."""
    return {found["Key"]: found["ETag"] for found in lake.objects(customer, "")}


def update(local: LocalLake, folder: Path, ledger_encoding: str) -> dict[str, str]:
    """Deploys the lake with one more customer, whose dataset `ledger` is declared to have that encoding."""
    ledger = {"name": "ledger", "csv": {"encoding": ledger_encoding}}
    declared = folder / "customers.json"
    declared.write_text(json.dumps([*declared_customers(), {"customerId": NEWCOMER, "datasets": [ledger]}]))
    local.cdk.synth(declared)
    outputs = local.cdk.deploy()
    record_policies(local.lake)
    return outputs


def test_an_update_adds_a_customer_and_leaves_the_others_alone(
    local: LocalLake, arrived: Arrived, tmp_path: Path
) -> None:
    lake, existing = local.lake, arrived.files[0].customer
    before = contents(lake, existing)

    outputs = update(local, tmp_path, "ascii")

    assert outputs == lake.outputs
    assert contents(lake, existing) == before
    key = "raw/orders/first.csv"
    follow(lake, [Upload(NEWCOMER, key, lake.upload(NEWCOMER, key, b"id\n007\n"))])
    _, rows = catalog_of(lake, NEWCOMER, tmp_path / "mirror").sql("SELECT id FROM orders")
    assert rows == [("007",)]


def test_a_dead_letter_that_is_redriven_after_its_cause_is_mended_arrives(local: LocalLake, tmp_path: Path) -> None:
    lake, stage = local.lake, local.lake.stages[0]
    upload = Upload(NEWCOMER, LEDGER, lake.upload(NEWCOMER, LEDGER, "id,town\n1,Besançon\n".encode("cp1252")))
    (journey,) = follow(lake, [upload])
    assert journey.status == "REJECTED"
    assert "ascii" in journey.last.reason if journey.last else False
    others = sorted(letter.key for letter in lake.dead_letters() if letter.key != LEDGER)

    update(local, tmp_path, "cp1252")
    lake.redrive(stage)
    lake.sweep()  # nothing wakes a job for a redriven message but the schedule
    lake.wait_until_idle()

    assert journeys(lake, [upload])[0].is_queryable
    _, rows = catalog_of(lake, NEWCOMER, tmp_path / "mirror").sql("SELECT id, town FROM ledger")
    assert rows == [(1, "Besançon")]
    assert sorted(letter.key for letter in lake.dead_letters()) == others  # what is still broken is there again, once


def test_destroy_keeps_the_data(local: LocalLake, arrived: Arrived) -> None:
    lake, customer = local.lake, arrived.files[0].customer
    objects, manifest = contents(lake, customer), lake.manifest()

    local.cdk.destroy()

    assert contents(lake, customer) == objects
    assert lake.manifest() == manifest
    with pytest.raises(ClientError, match="NonExistentQueue"):
        lake.backlog(lake.stages[0].queue_url)
    assert lake.s3.get_bucket_versioning(Bucket=bucket_name(customer))["Status"] == "Enabled"
