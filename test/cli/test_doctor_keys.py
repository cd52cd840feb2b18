"""What the doctor says of keys that exist before the lake."""

import json
from typing import Any

import pytest
from emulator.settings import ACCOUNT, REGION
from emulator.testing.probe import Client

from cli.doctor import Customers, Doctor

SERVICES = {"Service": ["events.amazonaws.com", "cloudwatch.amazonaws.com", f"logs.{REGION}.amazonaws.com"]}


def test_an_imported_key_lets_the_services_in(doctor: Doctor, client: Client) -> None:
    key = client("kms").create_key()["KeyMetadata"]["Arn"]  # its policy leaves access to IAM, which services have not

    logs = "kms:Decrypt, kms:GenerateDataKey, kms:Encrypt, kms:ReEncryptFrom, kms:ReEncryptTo, kms:DescribeKey"
    assert [(status, text.replace(key, "the key")) for status, text in doctor("--encryption-key", key).of("keys")] == [
        ("failure", "the key does not allow events.amazonaws.com kms:Decrypt, kms:GenerateDataKey"),
        ("failure", "the key does not allow cloudwatch.amazonaws.com kms:Decrypt, kms:GenerateDataKey"),
        (
            "failure",
            f"the key does not allow logs.{REGION}.amazonaws.com {logs}",
        ),
        (
            "failure",
            "the key does not allow cloudtrail.amazonaws.com kms:Decrypt, kms:GenerateDataKey, kms:DescribeKey",
        ),
    ]


def test_an_imported_key_lets_roles_of_other_accounts_in(doctor: Doctor, customers: Customers, client: Client) -> None:
    uploader, reader = (f"arn:aws:iam::210987654321:role/{name}" for name in ("uploader", "reader"))
    customers[0].update(uploaderRoleArns=[uploader], readerRoleArns=[reader])
    services = ["events.amazonaws.com", "cloudwatch.amazonaws.com", f"logs.{REGION}.amazonaws.com"]
    grants: list[tuple[dict[str, Any], str | list[str]]] = [
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*"),
        ({"Service": services}, ["kms:Decrypt", "kms:GenerateDataKey*", "kms:Encrypt", "kms:ReEncrypt*"]),
        ({"Service": services}, "kms:DescribeKey"),
        ({"AWS": reader}, "kms:Decrypt"),
    ]
    key = key_with(client, *grants)
    options = ("--encryption-key", key, "--audit-trail", "NONE")

    text = f"{key} does not allow {uploader} kms:Decrypt, kms:GenerateDataKey"
    assert doctor(*options).bad == [("keys", "failure", text)]
    abroad = {"AWS": "arn:aws:iam::210987654321:root"}
    assert doctor("--encryption-key", key_with(client, *grants, (abroad, "kms:*")), *options[2:]).bad == []


def test_an_imported_key_is_usable(doctor: Doctor, customers: Customers, client: Client) -> None:
    disabled = client("kms").create_key()["KeyMetadata"]["Arn"]
    client("kms").disable_key(KeyId=disabled)
    missing = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
    customers[0]["encryptionKey"], customers[1]["encryptionKey"] = disabled, missing
    elsewhere = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"

    assert doctor("--encryption-key", elsewhere).of("keys") == [
        ("failure", f"{elsewhere} is not in {REGION}, the Region of the lake"),
        ("failure", f"{disabled} is not enabled: Disabled"),
        ("failure", f"{missing} does not exist"),
    ]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"StringEquals": {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"}}, ("failure", "denies", "")),
        ({"StringEquals": {"kms:ViaService": "ec2.amazonaws.com"}}, None),
        (
            {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
            ("warning", "allows", " subject to aws:MultiFactorAuthPresent: this command does not evaluate that"),
        ),
    ],
)
def test_a_denial_counts_as_far_as_its_conditions_are_known(
    doctor: Doctor, client: Client, condition: dict[str, Any], found: tuple[str, str, str] | None
) -> None:
    denial = {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": condition}
    key = key_with(client, ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*"), (SERVICES, "kms:*"), denied=denial)

    report = doctor("--encryption-key", key, "--audit-trail", "NONE")

    told = [finding for finding in report.bad if "dynamodb" in finding[2]]
    if found is None:
        assert told == []
    else:
        status, verb, more = found
        text = f"{key} {verb} the account (by way of dynamodb) kms:Decrypt{more}"
        assert told == [("keys", status, text)]


def key_with(
    client: Client, *grants: tuple[dict[str, Any], str | list[str]], denied: dict[str, Any] | None = None
) -> str:
    """ARN of a key with this policy."""
    statements = [{"Effect": "Allow", "Principal": who, "Action": what, "Resource": "*"} for who, what in grants]
    statements += [denied] if denied else []
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    arn: str = client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    return arn
