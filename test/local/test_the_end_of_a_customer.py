"""A customer is erased by the commands of docs/security.md, and nobody else notices."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from demo.arrived import Arrived
from demo.inputs import bucket_name, database_name
from demo.journey import Upload, follow
from demo.lake import Lake
from demo.local import LocalLake
from local.documented import commands, shell
from local.people import declared_customers
from truth_check import PROCESSED, RAW, check

ERASED, OTHER = "globex", "acme"
LOOK = 'python3 tools/erase_customer.py --job "$job" --customer "$customer"\n'
ERASE = f'{LOOK.rstrip()} --erase "$customer"'


def state(lake: Lake, customer: str) -> dict[str, Any]:
    """All that a customer has; an ETag stands for the bytes of its object."""
    versions = lake.s3.list_object_versions(Bucket=bucket_name(customer))
    return {
        "versions": versions.get("Versions"),
        "markers": versions.get("DeleteMarkers"),
        "items": [item for item in lake.manifest_items() if item["object"].startswith(f"{customer}#")],
        "database": lake.glue.get_database(Name=database_name(customer))["Database"],
        "tables": lake.tables(customer),
        "policy": lake.s3.get_bucket_policy(Bucket=bucket_name(customer))["Policy"],
    }


def contradictions(local: LocalLake, customer: str) -> list[object]:
    lake = local.lake
    queues = dict(zip((RAW, PROCESSED), (stage.queue_url for stage in lake.stages), strict=True))
    session = lake.session(local.aws.environment)
    table = session.resource("dynamodb", endpoint_url=local.aws.endpoint).Table(lake.outputs["ManifestTableName"])
    return [*check(lake.s3, lake.sqs, table, customer, bucket_name(customer), queues)]


@pytest.fixture
def long_history(lake: Lake, arrived: Arrived) -> None:
    """A replaced object, a deleted one and an upload without an end; a rejected one is there already."""
    files = [file for file in arrived.files if file.customer == ERASED]
    replaced, deleted = (file for file in files[:2])
    version = lake.upload(ERASED, replaced.key, b"id\n1\n")
    lake.s3.delete_object(Bucket=bucket_name(ERASED), Key=deleted.key)
    lake.s3.create_multipart_upload(Bucket=bucket_name(ERASED), Key="raw/unfinished.csv")
    (journey,) = follow(lake, [Upload(ERASED, replaced.key, version)])
    assert journey.is_queryable
    assert "REJECTED" in [item.status for item in lake.manifest() if item.customer == ERASED]
    lake.wait_until_idle()


@pytest.fixture
def key_id(lake: Lake) -> str:
    """The key of the customer's own."""
    rules = lake.s3.get_bucket_encryption(Bucket=bucket_name(ERASED))["ServerSideEncryptionConfiguration"]["Rules"]
    found: str = rules[0]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"]
    return found


@pytest.mark.usefixtures("long_history")
def test_an_erased_customer_leaves_nothing_and_the_others_everything(
    local: LocalLake, tmp_path: Path, key_id: str
) -> None:
    lake, declared = local.lake, tmp_path / "customers.json"
    before = {customer: state(lake, customer) for customer in (ERASED, OTHER)}

    declared.write_text(json.dumps([each for each in declared_customers() if each["customerId"] != ERASED]))
    local.cdk.synth(declared)
    local.cdk.deploy()
    assert state(lake, ERASED) == before[ERASED], "it is as closed as it was"

    names, call, policy = step("organization=").replace("acme", ERASED).replace("prod", "dev").partition("aws s3api")
    job = lake.stages[0].job_name
    seen = shell(local, names + call + policy + step(LOOK), code=1, job=job)
    erased, again = (shell(local, names + step(ERASE), job=job) for _ in range(2))
    shell(local, names + step("key="), job=job)

    assert rows(erased, "erased") == rows(seen, "left")
    assert {"replaced versions under raw/", "delete markers", "unfinished uploads"} <= set(rows(erased, "erased"))
    assert again.startswith(f"nothing of {ERASED} is left")
    assert not is_there(lake)
    assert lake.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert state(lake, OTHER) == before[OTHER]
    assert contradictions(local, OTHER) == []


def step(beginning: str) -> str:
    return commands("security.md", "## Erasing a customer for good", beginning)


def rows(report: str, part: str) -> dict[str, str]:
    """The report's counts and bytes by kind."""
    found = (re.fullmatch(rf"{part} +(.+?) {{2,}}(.+) bytes", line) for line in report.splitlines())
    return {match[1]: match[2] for match in found if match}


def is_there(lake: Lake) -> bool:
    """True if anything of the customer is."""
    buckets = [each["Name"] for each in lake.s3.list_buckets()["Buckets"]]
    databases = [each["Name"] for each in lake.glue.get_databases()["DatabaseList"]]
    items = [item["object"] for item in lake.manifest_items() if item["object"].startswith(f"{ERASED}#")]
    return bucket_name(ERASED) in buckets or database_name(ERASED) in databases or bool(items)
