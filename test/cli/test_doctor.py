"""Each fault of an account is found, and named with what to do about it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from emulator.client import LocalAws
from emulator.settings import ACCOUNT, REGION
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack, resource

from cli.doctor import Doctor, command

Customers = list[dict[str, object]]


def test_an_account_that_is_ready(doctor: Doctor) -> None:
    found = doctor()

    assert found.bad == []
    assert found.code == 0


def test_the_cdk_is_not_bootstrapped_with_the_qualifier(doctor: Doctor) -> None:
    found = doctor("--qualifier", "mine")

    text = f"the CDK is not bootstrapped with the qualifier mine in {REGION}"
    assert (found.code, found.bad) == (1, [("bootstrap", "failure", text)])


def test_the_bootstrap_stack_is_too_old(doctor: Doctor, client: Client) -> None:
    client("ssm").put_parameter(Name="/cdk-bootstrap/old/version", Value="5", Type="String")

    found = doctor("--qualifier", "old")

    assert found.bad == [("bootstrap", "failure", "bootstrap version 5 is too old, the CDK needs 6")]


def test_a_bucket_of_the_lake_was_left_behind(doctor: Doctor, client: Client, undone: Callable[..., None]) -> None:
    client("s3").create_bucket(Bucket="mycompany-acme-dev-datalake")
    undone(client("s3").delete_bucket, Bucket="mycompany-acme-dev-datalake")

    found = doctor()

    text = "mycompany-acme-dev-datalake is in this account, and no stack of the lake has it"
    assert (found.code, found.bad) == (1, [("bucket-names", "failure", text)])


def test_a_database_of_the_lake_was_left_behind(doctor: Doctor, client: Client, undone: Callable[..., None]) -> None:
    client("glue").create_database(DatabaseInput={"Name": "mycompany_globex_dev"})
    undone(client("glue").delete_database, Name="mycompany_globex_dev")

    text = "the database mycompany_globex_dev exists, and no stack of the lake has it"
    assert doctor().bad == [("databases", "failure", text)]


@pytest.mark.parametrize(
    ("setting", "what"),
    [("CreateDatabaseDefaultPermissions", "databases"), ("CreateTableDefaultPermissions", "tables")],
)
def test_lake_formation_keeps_iam_out(
    doctor: Doctor, client: Client, undone: Callable[..., None], setting: str, what: str
) -> None:
    lakeformation = client("lakeformation")
    settings = lakeformation.get_data_lake_settings()["DataLakeSettings"]
    undone(lakeformation.put_data_lake_settings, DataLakeSettings=settings)
    lakeformation.put_data_lake_settings(DataLakeSettings={**settings, setting: []})

    text = f"access to new {what} is not left to IAM: the jobs and the queries would be refused"
    assert doctor().bad == [("lake-formation", "failure", text)]


def test_the_catalog_is_encrypted(doctor: Doctor, client: Client, undone: Callable[..., None]) -> None:
    set_encryption = client("glue").put_data_catalog_encryption_settings
    off = {"EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"}}
    undone(set_encryption, DataCatalogEncryptionSettings=off)
    on = {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": "alias/catalog"}
    set_encryption(DataCatalogEncryptionSettings={"EncryptionAtRest": on})

    text = "the Data Catalog is encrypted with alias/catalog: the jobs and the queries would be refused"
    assert doctor().bad == [("catalog-encryption", "failure", text)]


def test_a_role_of_customers_json_does_not_exist(doctor: Doctor, customers: Customers, client: Client) -> None:
    client("iam").create_role(RoleName="loader", Path="/teams/", AssumeRolePolicyDocument="{}")
    exists = f"arn:aws:iam::{ACCOUNT}:role/teams/loader"
    other_path = f"arn:aws:iam::{ACCOUNT}:role/loader"
    gone = f"arn:aws:iam::{ACCOUNT}:role/gone"
    abroad = "arn:aws:iam::210987654321:role/gone"
    customers[0].update(uploaderRoleArns=[exists, other_path, abroad], readerRoleArns=[gone])

    found = doctor()

    assert [(status, text.split()[0]) for status, text in found.of("roles")] == [
        ("warning", other_path),
        ("warning", gone),
    ]
    assert found.code == 0


def test_a_refused_read_is_a_finding(doctor: Doctor, as_role: Callable[..., dict[str, str]]) -> None:
    denied = as_role("lakeformation:GetDataLakeSettings", "s3:ListAllMyBuckets", "iam:GetRole", "ssm:*")

    found = doctor(**denied)

    refused = [(check, text.split()[-3]) for check, status, text in found.bad if status == "unknown"]
    assert refused == [
        ("bootstrap", "ssm:GetParameter"),
        ("lake-formation", "lakeformation:GetDataLakeSettings"),
        ("bucket-names", "s3:ListAllMyBuckets"),
    ]
    assert len(found.bad) == len(refused)
    assert found.code == 3


@pytest.mark.usefixtures("deployed")
def test_help_names_the_actions_that_are_called(
    aws: LocalAws, doctor: Doctor, customers: Customers, as_role: Callable[..., dict[str, str]]
) -> None:
    customers[0]["uploaderRoleArns"] = [f"arn:aws:iam::{ACCOUNT}:role/gone"]
    session = as_role()
    doctor(**session)

    text = command("doctor", "--help", environment={}).stdout
    promised = [line.strip() for line in text.split("IAM actions")[1].split("\n\n")[0].splitlines()[1:]]

    lines = [json.loads(line) for line in (aws.directory / "calls.jsonl").read_text().splitlines()]
    called = {line["action"] for line in lines if line["principal"].endswith(f"/{session['session']}")}
    assert promised == sorted(called - {"sts:GetCallerIdentity"})  # which every caller may call


def test_wrong_use_ends_with_2(doctor: Doctor, customers: Customers) -> None:
    customers[0]["customerId"] = "A B"
    done = doctor.run()
    assert done.returncode == 2
    assert "customers[0].customerId must" in done.stderr
    assert command("doctor", environment={}).returncode == 2
    assert command("diagnose", environment={}).returncode == 2


def test_an_account_that_cannot_be_asked_ends_with_2(doctor: Doctor) -> None:
    done = doctor.run("--endpoint-url", "http://127.0.0.1:9")
    assert done.returncode == 2
    assert done.stderr.startswith("error: connect ECONNREFUSED 127.0.0.1:9; check the network")
    assert doctor.run("--profile", "nobody").returncode == 2
    assert doctor.run("--profile", "nobody").stderr.startswith("error: Could not resolve credentials")


@pytest.fixture
def deployed(client: Client) -> Iterator[Stack]:
    """The little of a lake by which the doctor knows that it is deployed."""
    stack = Stack(client, {"Results": resource("S3::Bucket", BucketName="mycompany-dev-query-results")})
    yield stack
    stack.delete()


@pytest.fixture
def undone() -> Iterator[Callable[..., None]]:
    """Calls made when the test ends."""
    calls: list[Callable[[], Any]] = []
    yield lambda call, **options: calls.append(lambda: call(**options))
    for call in reversed(calls):
        call()


@pytest.fixture
def as_role(client: Client, request: pytest.FixtureRequest) -> Callable[..., dict[str, str]]:
    """Variables of a session of a role that is denied some actions."""

    def assume(*denied: str) -> dict[str, str]:
        name = request.node.name[:60]
        statement = {"Effect": "Deny", "Action": list(denied) or ["none:None"], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        arn = f"arn:aws:iam::{ACCOUNT}:role/operator"
        answer = client("sts").assume_role(RoleArn=arn, RoleSessionName=name, Policy=policy)["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
            "AWS_SESSION_TOKEN": answer["SessionToken"],
            "session": name,
        }

    return assume
