"""Grantees of the lake: roles of app.ts, some of them named in customers.json."""

import json
from typing import Any

import boto3
from demo.deploy import QUICKSTART, ROOT, STACK
from demo.lake import Lake
from demo.policies import policies_of, write
from emulator.settings import ACCOUNT, REGION

#: Command that runs the app in the quickstart's folder.
APP = "node --import tsx ../../test/local/app.ts"
#: Stands for another account with roles of the same names. The local AWS has one account only.
ABROAD = "210987654321"
#: Datasets of the first customer that must not fall silent.
EXPECTED = [{"name": "nightly", "expectedEvery": "PT1H"}, {"name": "weather", "expectedEvery": "P1D"}]
#: Folder for the input of the simulation in test/permissions.
RECORDING = ROOT / "reports" / "permissions"


def declared_customers() -> list[dict[str, Any]]:
    """The quickstart's customers, with suppliers that upload and partners that read.

    The last has its own key. The first expects files of two datasets, of which only the demo's weather arrives.
    """
    customers: list[dict[str, Any]] = json.loads((QUICKSTART / "customers.json").read_text())
    for customer in customers:
        for who, may in (("supplier", "uploaderRoleArns"), ("partner", "readerRoleArns")):
            customer[may] = [role_arn(f"{who}-{customer['customerId']}", account) for account in (ACCOUNT, ABROAD)]
    customers[-1]["encryptionKey"] = "own"
    customers[0]["datasets"] = [*customers[0].get("datasets", []), *EXPECTED]
    return customers


def role_arn(role: str, account: str = ACCOUNT) -> str:
    """ARN of a role."""
    return f"arn:aws:iam::{account}:role/{role}"


def s3_of(lake: Lake, role: str) -> Any:
    """An S3 client with a session of the role."""
    session = session_of(lake, role)
    return boto3.client(
        "s3",
        endpoint_url=session["AWS_ENDPOINT_URL"],
        region_name=REGION,
        aws_access_key_id=session["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=session["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=session["AWS_SESSION_TOKEN"],
    )


def session_of(lake: Lake, role: str) -> dict[str, str]:
    """Variables with which a program runs in a session of the role."""
    session = lake.client("sts").assume_role(RoleArn=role_arn(role), RoleSessionName="people")["Credentials"]
    return {
        "AWS_ENDPOINT_URL": lake.s3.meta.endpoint_url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }


def record_policies(lake: Lake) -> None:
    """Writes the currently deployed policies, replacing those of an earlier deployment."""
    write(RECORDING / "policies.json", policies_of(lake, STACK, "People"))
