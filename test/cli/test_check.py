"""`check` looks at the customers that have a bucket, and says at which it could not."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cli.deployed import deploy
from cli.proxy import Proxy
from cli.rights import called, promised
from emulator.client import LocalAws
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack

from cli.doctor import command

LAKE = ("--organization", "checked", "--environment", "dev")
LOST = "object without a manifest item"


@pytest.fixture(scope="module")
def lake(client: Client) -> Iterator[Stack]:
    """Two customers that upload, a bucket of another lake, and no events."""
    stack, s3 = deploy(client, "checked"), client("s3")
    buckets = [f"checked-{name}-datalake" for name in ("acme-dev", "acme-2-dev", "acme-prod")]
    for bucket in buckets:
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for number in range(3):
        s3.put_object(Bucket=buckets[1], Key=f"raw/{number}.csv", Body=b"id\n1\n")
    yield stack
    for bucket in buckets:
        for version in s3.list_object_versions(Bucket=bucket).get("Versions", []):
            s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
        s3.delete_bucket(Bucket=bucket)
    stack.delete()


def ask(aws: LocalAws, *options: str, **more: str) -> tuple[int, Any]:
    done = command("check", *LAKE, "--json", *options, environment={**aws.environment, **more})
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.usefixtures("lake")
def test_every_customer_of_the_lake_is_looked_at(aws: LocalAws) -> None:
    code, found = ask(aws)

    assert code == 1
    assert sorted(found["checked"]) == ["acme", "acme-2"]
    assert [(each["customer"], each["kind"], each["key"]) for each in found["findings"]] == [
        ("acme-2", LOST, f"raw/{number}.csv") for number in range(3)
    ]
    assert ask(aws, "--customer", "acme") == (0, {"checked": ["acme"], "findings": [], "refused": []})


@pytest.mark.usefixtures("lake")
def test_pages_of_a_listing_are_read_to_their_end(aws: LocalAws) -> None:
    with Proxy(aws, requests={"ListObjectVersions": lambda query: f"{query}&max-keys=1"}) as proxy:
        done = proxy.run("check", *LAKE)

    rows = [line.split("│") for line in done.stdout.splitlines() if LOST in line]
    assert [(row[1].strip(), row[4].strip()) for row in rows] == [
        ("acme-2", f"raw/{number}.csv") for number in range(3)
    ]
    assert done.stdout.endswith("Customers checked: 2. Contradictions: 3.\n")


@pytest.mark.usefixtures("lake")
def test_a_customer_whose_bucket_may_not_be_listed_is_named(
    aws: LocalAws, as_role: Callable[..., dict[str, str]]
) -> None:
    code, found = ask(aws, "--customer", "acme", **as_role("s3:ListBucketVersions"))

    assert code == 3
    assert found == {
        "checked": [],
        "findings": [],
        "refused": [{"customer": "acme", "action": "s3:ListBucketVersions"}],
    }


@pytest.mark.usefixtures("lake")
def test_a_customer_that_the_lake_has_not(aws: LocalAws) -> None:
    done = command("check", *LAKE, "--customer", "acmee", environment=aws.environment)

    assert done.returncode == 2
    assert done.stderr == "error: the lake has no bucket checked-acmee-dev-datalake; check --customer\n"


@pytest.mark.usefixtures("lake")
def test_help_names_the_actions_of_a_check(aws: LocalAws, as_role: Callable[..., dict[str, str]]) -> None:
    session = as_role()

    ask(aws, **session)

    assert promised("check") == called(aws, session)
