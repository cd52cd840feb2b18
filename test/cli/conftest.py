"""An account that is ready for a lake, and the command that looks at it."""

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.examined import examined
from emulator.client import LocalAws
from emulator.settings import ACCOUNT
from emulator.testing.probe import GLUE_PYTHONS, Client, clients
from emulator.testing.stacks import Stack

from cli.doctor import Doctor


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    calls = tmp_path_factory.mktemp("calls") / "calls.jsonl"
    with LocalAws(calls.parent, glue_python=GLUE_PYTHONS[0], calls=calls) as running:
        bootstrapped = {"Name": "/cdk-bootstrap/hnb659fds/version", "Value": "28", "Type": "String"}
        clients(running)("ssm").put_parameter(**bootstrapped)
        yield running


@pytest.fixture(scope="session")
def client(aws: LocalAws) -> Client:
    return clients(aws)


@pytest.fixture
def customers() -> list[dict[str, object]]:
    """The content of customers.json. A test may change it."""
    return [{"customerId": "acme"}, {"customerId": "globex"}]


@pytest.fixture
def doctor(aws: LocalAws, customers: list[dict[str, object]], tmp_path: Path) -> Doctor:
    file = tmp_path / "customers.json"

    def write() -> Path:
        file.write_text(json.dumps(customers))
        return file

    return Doctor(aws.environment, write)


@pytest.fixture
def as_role(client: Client) -> Callable[..., dict[str, str]]:
    """Variables of a session of a role that is denied some actions."""

    def assume(*denied: str) -> dict[str, str]:
        name = uuid.uuid4().hex  # the calls of all tests are in one record
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


@pytest.fixture
def deployed(client: Client) -> Iterator[Stack]:
    """What the doctor looks at, with nothing wrong."""
    stack = examined(client)
    yield stack
    stack.delete()


@pytest.fixture
def quota(client: Client, undone: Callable[..., None]) -> Callable[..., None]:
    """Changes a quota until the test ends."""
    quotas = client("service-quotas")

    def change(service: str, code: str, value: float) -> None:
        key = {"ServiceCode": service, "QuotaCode": code}
        before = quotas.get_service_quota(**key)["Quota"]["Value"]
        undone(quotas.request_service_quota_increase, **key, DesiredValue=before)
        quotas.request_service_quota_increase(**key, DesiredValue=value)

    return change


@pytest.fixture
def undone() -> Iterator[Callable[..., None]]:
    """Calls made when the test ends."""
    calls: list[Callable[[], Any]] = []
    yield lambda call, **options: calls.append(lambda: call(**options))
    for call in reversed(calls):
        call()
