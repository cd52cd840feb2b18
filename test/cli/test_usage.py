"""The command adds up what the customers have sent in a month, and calls what its help says."""

import json
from collections.abc import Callable, Iterator

import pytest
from cli.deployed import deploy
from cli.rights import called, promised
from emulator.client import LocalAws
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack

from cli.doctor import command

LAKE = ("--organization", "usage", "--environment", "dev")
CUSTOMERS = ("acme", "globex")
#: Customer, key, status, time, and the attribute that counts.
ITEMS = [
    ("acme", "raw/orders/before.csv", "SUCCEEDED", "2025-12-31T23:59:59.999Z", {"size_bytes": 1}),
    ("acme", "raw/orders/a.csv", "SUCCEEDED", "2026-01-01T00:00:00.000Z", {"size_bytes": 20}),
    ("acme", "raw/orders/b.csv", "SUCCEEDED", "2026-01-31T23:59:59.999Z", {"size_bytes": 300}),
    ("acme", "raw/orders/bad.csv", "REJECTED", "2026-01-15T12:00:00.000Z", {"size_bytes": 4000}),
    ("acme", "raw/orders/after.csv", "SUCCEEDED", "2026-02-01T00:00:00.000Z", {"size_bytes": 50_000}),
    ("acme", "processed/orders/a.json", "SUCCEEDED", "2026-01-01T00:00:01.000Z", {"size_bytes": 7, "rows_out": 3}),
    ("acme", "analytics-ready/orders/a.parquet", "SUCCEEDED", "2026-01-01T00:00:01.000Z", {"rows_out": 3}),
]


@pytest.fixture(scope="module")
def lake(client: Client) -> Iterator[Stack]:
    """A lake with two customers, one of whom has sent nothing."""
    stack, table = deploy(client, "usage"), client("dynamodb")
    for customer in CUSTOMERS:
        client("s3").create_bucket(Bucket=f"usage-{customer}-dev-datalake")
    for customer, key, status, time, figures in ITEMS:
        texts = {
            "object": f"{customer}#{key}",
            "version": "v",
            "customer_status": f"{customer}#{status}",
            "updated_at": time,
            "layer": key.split("/")[0],
        }
        item = {name: {"S": text} for name, text in texts.items()} | {n: {"N": str(v)} for n, v in figures.items()}
        table.put_item(TableName=stack.id_of("LakeManifestTable00000000"), Item=item)
    yield stack
    for customer in CUSTOMERS:
        client("s3").delete_bucket(Bucket=f"usage-{customer}-dev-datalake")
    stack.delete()


@pytest.mark.usefixtures("lake")
def test_the_help_of_usage_names_the_actions_that_are_called(
    aws: LocalAws, as_role: Callable[..., dict[str, str]]
) -> None:
    session = as_role()
    assert not command("usage", *LAKE, environment={**aws.environment, **session}).stderr

    assert promised("usage") == called(aws, session)


@pytest.mark.usefixtures("lake")
def test_a_month_has_the_files_that_became_queryable_in_it(aws: LocalAws) -> None:
    done = command("usage", *LAKE, "--month", "2026-01", "--json", environment=aws.environment)

    assert json.loads(done.stdout) == {
        "month": "2026-01",
        "bytesScanned": 0,
        "customers": [
            {"customer": "acme", "files": 2, "bytes": 320, "rows": 3},
            {"customer": "globex", "files": 0, "bytes": 0, "rows": 0},
        ],
    }


@pytest.mark.usefixtures("lake")
def test_what_queries_have_scanned_is_that_of_the_workgroup(aws: LocalAws, client: Client) -> None:
    for workgroup, count in (("usage-dev-datalake", 500), ("usage-dev-datalake", 70), ("other", 9000)):
        dimensions = [{"Name": "WorkGroup", "Value": workgroup}]
        datum = {"MetricName": "ProcessedBytes", "Dimensions": dimensions, "Value": count}
        client("cloudwatch").put_metric_data(Namespace="AWS/Athena", MetricData=[datum])

    shown = command("usage", *LAKE, environment=aws.environment).stdout

    assert shown.splitlines()[-1] == "Queries in the lake's workgroup scanned 570 bytes."


def test_a_month_that_is_none_is_refused(aws: LocalAws) -> None:
    done = command("usage", *LAKE, "--month", "2026-13", environment=aws.environment)

    assert done.returncode == 2
    assert "It must be a month such as 2026-01." in done.stderr
