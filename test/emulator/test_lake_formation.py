"""Lake Formation guards the catalog of an account whose settings do not leave it to IAM."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from emulator.client import LocalAws
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack, StackFailedError, resource

TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:*"}]}
_numbers = itertools.count()


@pytest.fixture
def closed(client: Client) -> Iterator[str]:
    """A database of an account that leaves nothing new to IAM."""
    formation = client("lakeformation")
    before = formation.get_data_lake_settings()["DataLakeSettings"]
    nothing: dict[str, Any] = {"CreateDatabaseDefaultPermissions": [], "CreateTableDefaultPermissions": []}
    formation.put_data_lake_settings(DataLakeSettings=nothing)
    client("glue").create_database(DatabaseInput={"Name": (name := f"closed{next(_numbers)}")})
    yield name
    formation.put_data_lake_settings(DataLakeSettings=before)


@pytest.fixture
def role(client: Client) -> str:
    made = client("iam").create_role(RoleName=f"user{next(_numbers)}", AssumeRolePolicyDocument=json.dumps(TRUST))
    arn: str = made["Role"]["Arn"]
    return arn


def glue_as(aws: LocalAws, client: Client, role: str) -> Any:
    found = client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    session: Any = boto3.Session(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"], "us-east-1")
    return session.client("glue", endpoint_url=aws.endpoint)


def permissions(role: str, database: str, *, on_tables: list[str], on_database: list[str]) -> dict[str, Any]:
    """The grants of a template."""
    places = {
        "Database": ({"Database": {"CatalogId": "123456789012", "Name": database}}, on_database),
        "Tables": (
            {"Table": {"CatalogId": "123456789012", "DatabaseName": database, "TableWildcard": {}}},
            on_tables,
        ),
    }
    return {
        name: resource(
            "LakeFormation::PrincipalPermissions",
            Principal={"DataLakePrincipalIdentifier": role},
            Resource=place,
            Permissions=allowed,
            PermissionsWithGrantOption=[],
        )
        for name, (place, allowed) in places.items()
    }


def refused(message: str, call: Any, **arguments: Any) -> None:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response["Error"] == {
        "Code": "AccessDeniedException",
        "Message": f"Insufficient Lake Formation permission(s): Required {message}",
    }


def test_a_role_needs_grants_and_loses_them_with_their_stack(
    aws: LocalAws, client: Client, closed: str, role: str
) -> None:
    glue, table = glue_as(aws, client, role), {"DatabaseName": closed, "TableInput": {"Name": "rows"}}
    refused(f"Describe on {closed}", glue.get_database, Name=closed)
    refused(f"Create Table on {closed}", glue.create_table, **table)

    granted = permissions(role, closed, on_database=["CREATE_TABLE", "DESCRIBE"], on_tables=["ALTER", "DESCRIBE"])
    stack = Stack(client, granted)
    glue.get_database(Name=closed)
    client("glue").create_table(**table)
    glue.get_table(DatabaseName=closed, Name="rows")
    glue.update_table(**table)

    stack.delete()
    refused(f"Describe on {closed}", glue.get_database, Name=closed)


def test_the_tables_of_another_role_need_grants_and_its_own_need_none(
    aws: LocalAws, client: Client, closed: str, role: str
) -> None:
    glue = glue_as(aws, client, role)
    Stack(client, permissions(role, closed, on_database=["CREATE_TABLE"], on_tables=["SELECT"]))
    maker = client("iam").create_role(RoleName=f"maker{next(_numbers)}", AssumeRolePolicyDocument=json.dumps(TRUST))
    other = maker["Role"]["Arn"]
    Stack(client, permissions(other, closed, on_database=["CREATE_TABLE"], on_tables=["SELECT"]))

    glue.create_table(DatabaseName=closed, TableInput={"Name": "mine"})
    glue_as(aws, client, other).create_table(DatabaseName=closed, TableInput={"Name": "theirs"})

    glue.get_table(DatabaseName=closed, Name="mine")
    glue.update_table(DatabaseName=closed, TableInput={"Name": "mine"})
    refused("Describe on theirs", glue.get_table, DatabaseName=closed, Name="theirs")
    refused("Alter on theirs", glue.update_table, DatabaseName=closed, TableInput={"Name": "theirs"})


def test_what_the_settings_leave_to_iam_needs_no_grants(aws: LocalAws, client: Client, role: str) -> None:
    client("glue").create_database(DatabaseInput={"Name": (name := f"open{next(_numbers)}")})
    glue = glue_as(aws, client, role)

    glue.get_database(Name=name)
    glue.create_table(DatabaseName=name, TableInput={"Name": "rows"})
    glue.get_table(DatabaseName=name, Name="rows")


def test_a_grant_is_for_a_role_and_a_database_that_exist(client: Client, closed: str, role: str) -> None:
    for principal, database, message in (
        (f"{role}-gone", closed, "Invalid principal"),
        (role, "nowhere", "Database not found: nowhere"),
    ):
        with pytest.raises(StackFailedError, match=message):
            Stack(client, permissions(principal, database, on_database=["DESCRIBE"], on_tables=["SELECT"]))
