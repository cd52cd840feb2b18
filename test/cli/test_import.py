"""The command brings in the objects of a bucket and the files of a folder, and calls what its help says."""

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.deployed import deploy
from cli.rights import called, promised
from emulator.client import LocalAws
from emulator.testing.imports import ORGANIZATION, REPORTS, ROLE, SOURCE, TARGET, definition
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack, resource

from cli.doctor import command

LAKE = ("--organization", ORGANIZATION, "--environment", "dev", "--customer", "acme")
KEYS = ("exports/orders/a.csv", "exports/orders/b ü+%.csv", "exports/returns/c.csv")


@pytest.fixture(scope="module")
def lake(client: Client) -> Iterator[Stack]:
    trust = {"Version": "2012-10-17", "Statement": []}
    machine = {"RoleArn": ROLE, "DefinitionString": definition(), "StateMachineName": "imports"}
    stack = deploy(
        client,
        ORGANIZATION,
        LakeImportReports00000000=resource("S3::Bucket", BucketName=REPORTS),
        LakeImportRole00000000=resource("IAM::Role", RoleName="import", AssumeRolePolicyDocument=trust),
        LakeImportStateMachine00000000=resource("StepFunctions::StateMachine", **machine),
        LakeStorageacmeBucket00000000=resource("S3::Bucket", BucketName=TARGET),
        Source=resource("S3::Bucket", BucketName=SOURCE),
    )
    yield stack
    for bucket in (REPORTS, TARGET, SOURCE):
        empty(client("s3"), bucket)
    stack.delete()


@pytest.fixture
def s3(client: Client, lake: Stack) -> Iterator[Any]:  # noqa: ARG001
    """A source with three objects, and a customer with none."""
    made = client("s3")
    for key in KEYS:
        made.put_object(Bucket=SOURCE, Key=key, Body=key.encode())
    yield made
    for bucket in (SOURCE, TARGET):
        empty(made, bucket)


def empty(s3: Any, bucket: str) -> None:
    for key in keys(s3, bucket):
        s3.delete_object(Bucket=bucket, Key=key)


def keys(s3: Any, bucket: str) -> set[str]:
    return {each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


def run(aws: LocalAws, *options: str, code: int = 0) -> dict[str, Any]:
    done = command("import", *LAKE, *options, "--json", environment=aws.environment)
    assert done.returncode == code, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_objects_of_a_bucket_become_raw_objects_and_a_second_import_goes_on(aws: LocalAws, s3: Any) -> None:
    first = run(aws, "--from", f"s3://{SOURCE}/exports")

    assert keys(s3, TARGET) == {key.replace("exports/", "raw/") for key in KEYS}
    listed = s3.list_objects_v2(Bucket=SOURCE)["Contents"]
    month = f"{listed[0]['LastModified']:%Y-%m}"
    assert first["months"] == {month: 3}
    assert [first[name] for name in ("listed", "copied", "there already", "skipped", "failed")] == [3, 3, 0, 0, 0]
    s3.put_object(Bucket=SOURCE, Key="exports/orders/new.csv", Body=b"a\n")
    again = run(aws, "--from", f"s3://{SOURCE}/exports")
    assert [again[name] for name in ("listed", "copied", "there already", "skipped", "failed")] == [4, 1, 3, 0, 0]


def test_the_report_in_the_lake_has_every_object(aws: LocalAws, s3: Any) -> None:
    found = run(aws, "--from", f"s3://{SOURCE}", "--dataset", "orders", "--since", "2999-01-01")

    bucket, _, key = found["report"].removeprefix("s3://").partition("/")
    text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {(row["from"], row["to"], row["outcome"]) for row in rows} == {
        (key, f"raw/orders/{key}", "skipped") for key in KEYS
    }
    assert {row["reason"] for row in rows} == {"older than 2999-01-01T00:00:00.000Z"}
    sums = json.loads(s3.get_object(Bucket=bucket, Key=key.replace(".csv", ".json"))["Body"].read())
    assert sums == found
    assert keys(s3, TARGET) == set()


def test_an_object_that_fails_is_shown_and_makes_the_exit_code_one(aws: LocalAws, s3: Any) -> None:
    s3.put_object(Bucket=SOURCE, Key="exports/old.csv", Body=b"a\n", StorageClass="GLACIER")

    done = command("import", *LAKE, "--from", f"s3://{SOURCE}/exports", environment=aws.environment)

    assert done.returncode == 1
    assert "exports/old.csv" in done.stdout
    assert "it is archived (GLACIER): restore it" in done.stdout
    assert "All 4 listed objects are in the report" in done.stdout
    assert keys(s3, TARGET) == {key.replace("exports/", "raw/") for key in KEYS}


def test_a_dry_run_shows_backlog_price_and_policy_and_copies_nothing(aws: LocalAws, s3: Any) -> None:
    done = command("import", *LAKE, "--from", f"s3://{SOURCE}/exports/", "--dry-run", environment=aws.environment)

    assert done.returncode == 0, done.stderr
    policy = json.loads(done.stdout[done.stdout.index("{") :])
    assert policy["Statement"][0]["Principal"] == {"AWS": ROLE}
    assert policy["Statement"][0]["Resource"] == f"arn:aws:s3:::{SOURCE}/exports/*"
    assert keys(s3, TARGET) == set()


def test_an_import_can_be_followed_by_another_command(aws: LocalAws, s3: Any) -> None:  # noqa: ARG001
    first = run(aws, "--from", f"s3://{SOURCE}/exports")

    assert run(aws, "--follow", first["id"]) == {**first, "source": f"s3://{SOURCE}"}


def test_files_of_a_folder_keep_their_time_and_are_not_uploaded_twice(aws: LocalAws, s3: Any, tmp_path: Path) -> None:
    file = tmp_path / "orders" / "2019" / "größe 1+1.csv"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a\n1\n")
    os.utime(file, (1559304000, 1559304000))

    first, second = run(aws, "--from", str(tmp_path)), run(aws, "--from", str(tmp_path))

    head = s3.head_object(Bucket=TARGET, Key="raw/orders/2019/größe 1+1.csv")
    assert head["Metadata"] == {"uploaded-at": "2019-05-31T12:00:00.000Z"}
    assert (first["copied"], first["months"]) == (1, {"2019-05": 1})
    assert (second["copied"], second["there already"]) == (0, 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "write --from or --follow"),
        (("--from", "ftp://x"), "folder of this machine, or of a bucket such as s3://exports/orders/"),
        (("--from", "s3://old", "--dataset", "Orders"), "lower-case letters"),
        (("--from", "s3://old", "--since", "May"), "such as 2024-01-31"),
        (("--from", "s3://old", "--customer", "nobody"), "the lake has no customer 'nobody'; it has: acme"),
    ],
)
@pytest.mark.usefixtures("lake")
def test_a_wrong_call_says_what_to_write(aws: LocalAws, options: tuple[str, ...], said: str) -> None:
    done = command("import", *LAKE, *options, environment=aws.environment)

    assert done.returncode == 2
    assert said in done.stderr


def test_the_help_of_import_names_the_actions_that_are_called(
    aws: LocalAws,
    s3: Any,  # noqa: ARG001
    as_role: Callable[..., dict[str, str]],
) -> None:
    session = as_role()

    done = command("import", *LAKE, "--from", f"s3://{SOURCE}", environment={**aws.environment, **session})

    assert not done.stderr
    assert promised("import") == called(aws, session)
