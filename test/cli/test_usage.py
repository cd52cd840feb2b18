"""The command adds up what the customers have sent in a month, and calls what its help says."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import sqlglot
from cli.deployed import deploy
from cli.rights import called, promised
from demo.deploy import ROOT
from emulator.client import LocalAws
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack
from sqlglot import exp
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

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


@pytest.fixture(scope="module")
def queried(lake: Stack, client: Client) -> int:  # noqa: ARG001
    """Queries of this month, one of which names a customer's database. Returns the bytes that it scanned."""
    client("s3").create_bucket(Bucket="finance")
    client("glue").create_database(DatabaseInput={"Name": "finance"})
    scanned = [
        run(client, "SELECT 'a query of usage_acme_dev.orders'", "usage-dev-datalake"),
        run(client, "SELECT 'nothing of anybody'", "usage-dev-datalake"),
        run(client, "SELECT 'usage_acme_dev and usage_globex_dev'", "usage-dev-datalake"),
        run(client, "SELECT 'usage_acme_dev in another workgroup'", "other"),
    ]
    assert all(scanned)
    return scanned[0]


def run(client: Client, sql: str, workgroup: str = "primary") -> int:
    """Bytes that a query scanned."""
    return int(executed(client, sql, workgroup)["Statistics"]["DataScannedInBytes"])


def executed(client: Client, sql: str, workgroup: str = "primary") -> dict[str, Any]:
    """A query that has succeeded."""
    athena = client("athena")
    started = athena.start_query_execution(
        QueryString=sql,
        WorkGroup=workgroup,
        QueryExecutionContext={"Database": "finance"},
        ResultConfiguration={"OutputLocation": "s3://finance/results/"},
    )
    wait = Retrying(stop=stop_after_delay(30), wait=wait_fixed(0.05), retry=retry_if_exception_type(AssertionError))
    for attempt in wait:
        with attempt:
            found: dict[str, Any] = athena.get_query_execution(**only_id(started))["QueryExecution"]
            assert found["Status"]["State"] not in ("QUEUED", "RUNNING")
    assert found["Status"]["State"] == "SUCCEEDED", found["Status"]
    return found


def only_id(started: Mapping[str, Any]) -> dict[str, str]:
    return {"QueryExecutionId": started["QueryExecutionId"]}


@pytest.mark.usefixtures("queried")
def test_the_help_of_usage_names_the_actions_that_are_called(
    aws: LocalAws, as_role: Callable[..., dict[str, str]]
) -> None:
    session = as_role()
    written = ("--to", "s3://finance/usage/")
    assert not command("usage", *LAKE, *written, environment={**aws.environment, **session}).stderr

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


def test_what_queries_have_scanned_is_told_by_the_database_that_they_name(aws: LocalAws, queried: int) -> None:
    done = command("usage", *LAKE, "--json", environment=aws.environment)

    customers = json.loads(done.stdout)["customers"]
    assert {each["customer"]: each["scanned"] for each in customers} == {"acme": queried, "globex": 0}


@pytest.mark.usefixtures("queried")
def test_usage_is_a_table_in_athena_if_asked_for(aws: LocalAws, client: Client) -> None:
    ddl, select = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "operate.md").read_text(), re.DOTALL)
    for _ in range(2):  # the second count replaces the first
        done = command("usage", *LAKE, "--month", "2026-01", "--to", "s3://finance/usage", environment=aws.environment)
    executed(client, ddl)

    found = executed(client, select.replace("mycompany-dev", "usage-dev"))

    rows = client("athena").get_query_results(**only_id(found))["ResultSet"]["Rows"]
    values = [[cell.get("VarCharValue") for cell in row["Data"]][:5] for row in rows[1:]]
    assert [row for row in values if row[0] == "2026-01"] == [
        ["2026-01", "acme", "2", "3.2e-07", "3"],
        ["2026-01", "globex", "0", "0.0", "0"],
    ]
    assert done.stdout.splitlines()[-1] == "Written to s3://finance/usage/month=2026-01/usage-dev.jsonl"
    assert {type(each) for each in sqlglot.parse(f"{ddl};{select}", read="athena")} == {exp.Create, exp.Select}


def test_a_place_that_is_none_is_refused(aws: LocalAws) -> None:
    done = command("usage", *LAKE, "--to", "finance/usage", environment=aws.environment)

    assert done.returncode == 2
    assert "It must be a prefix in S3 such as s3://finance/usage/." in done.stderr


def test_a_month_that_is_none_is_refused(aws: LocalAws) -> None:
    done = command("usage", *LAKE, "--month", "2026-13", environment=aws.environment)

    assert done.returncode == 2
    assert "It must be a month such as 2026-01." in done.stderr
