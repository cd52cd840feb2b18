"""Updates the lake, and erases a customer of it, while it holds data."""

import json
from pathlib import Path
from typing import Any

import pytest
from demo.arrived import Arrived, catalog_of
from demo.deploy import STACK
from demo.inputs import bucket_name, database_name
from demo.journey import Upload, follow, journeys
from demo.lake import Lake
from demo.local import LocalLake
from local.belongings import belongings, key_of
from local.documented import commands, shell
from local.people import declared_customers, record_policies

from cli.doctor import command

LAKE = ("--organization", "mycompany", "--environment", "dev")
NEWCOMER = "newcomer-3"
LEDGER = "raw/ledger/café.csv"
ERASED, OTHER = "globex", "acme"
ERASE = "npx modern-data-lake erase"
CONFIRM = f'{ERASE} --organization "$organization" --environment "$environment" --customer "$customer" \\'


def contents(lake: Lake, customer: str) -> dict[str, str]:
    """ETags of all of a customer's objects."""
    return {found["Key"]: found["ETag"] for found in lake.objects(customer, "")}


def update(local: LocalLake, folder: Path, ledger_encoding: str) -> dict[str, str]:
    """Deploys the lake with another customer, whose dataset `ledger` is declared with that encoding."""
    outputs = deploy(local, folder, [*declared_customers(), newcomer(ledger_encoding)])
    record_policies(local.lake)
    return outputs


def newcomer(ledger_encoding: str) -> dict[str, Any]:
    ledger = {"name": "ledger", "csv": {"encoding": ledger_encoding}}
    return {"customerId": NEWCOMER, "encryptionKey": "own", "datasets": [ledger]}


def deploy(local: LocalLake, folder: Path, customers: list[dict[str, Any]]) -> dict[str, str]:
    declared = folder / "customers.json"
    declared.write_text(json.dumps(customers))
    local.cdk.synth(declared)
    return local.deploy()


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


@pytest.fixture
def long_history(lake: Lake, arrived: Arrived) -> None:
    """Adds a replaced object, a deleted one and an unfinished upload. A rejected object exists already."""
    files = [file for file in arrived.files if file.customer == ERASED]
    replaced, deleted = (file for file in files[:2])
    version = lake.upload(ERASED, replaced.key, b"id\n1\n")
    lake.s3.delete_object(Bucket=bucket_name(ERASED), Key=deleted.key)
    lake.s3.create_multipart_upload(Bucket=bucket_name(ERASED), Key="raw/unfinished.csv")
    (journey,) = follow(lake, [Upload(ERASED, replaced.key, version)])
    assert journey.is_queryable
    assert "REJECTED" in [item.status for item in lake.manifest() if item.customer == ERASED]
    lake.wait_until_idle()


@pytest.mark.usefixtures("long_history")
def test_an_erased_customer_leaves_nothing_and_the_others_everything(local: LocalLake, tmp_path: Path) -> None:
    lake, key = local.lake, key_of(local.lake, bucket_name(ERASED))
    before = {customer: belongings(lake, customer) for customer in (ERASED, OTHER)}

    remaining = [customer for customer in declared_customers() if customer["customerId"] != ERASED]
    deploy(local, tmp_path, [*remaining, newcomer("cp1252")])
    assert belongings(lake, ERASED) == before[ERASED], "it is as closed as it was"

    names, call, policy = step("organization=").replace("acme", ERASED).replace("prod", "dev").partition("aws s3api")
    seen = shell(local, names + call + policy + step(ERASE), code=1, stack=STACK)
    erased, again = (shell(local, names + step(CONFIRM), stack=STACK) for _ in range(2))
    shell(local, names + step("key="), stack=STACK)

    assert rows(erased, "erased") == rows(seen, "left")
    assert {"replaced versions under raw/", "delete markers", "unfinished uploads"} <= set(rows(erased, "erased"))
    assert again.startswith(f"nothing of {ERASED} is left")
    assert not is_there(lake)
    assert lake.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert belongings(lake, OTHER) == before[OTHER]
    assert contradictions(local, OTHER) == []


def contradictions(local: LocalLake, customer: str) -> list[object]:
    done = command("check", *LAKE, "--customer", customer, "--json", environment=local.aws.environment)
    found: list[object] = json.loads(done.stdout)["findings"]
    return found


def step(beginning: str) -> str:
    return commands("security.md", "## Erasing a customer for good", beginning)


def rows(report: str, part: str) -> dict[str, str]:
    """Counts and bytes of the report by kind."""
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in report.splitlines() if "│" in line]
    return {kind: f"{number}, {size} bytes" for title, kind, number, size in lines if title == part}


def is_there(lake: Lake) -> bool:
    """True if anything of the customer is."""
    buckets = [each["Name"] for each in lake.s3.list_buckets()["Buckets"]]
    databases = [each["Name"] for each in lake.glue.get_databases()["DatabaseList"]]
    items = [item["object"] for item in lake.manifest_items() if item["object"].startswith(f"{ERASED}#")]
    return bucket_name(ERASED) in buckets or database_name(ERASED) in databases or bool(items)
