"""Erasing removes everything of its customer and nothing of others, wherever it was interrupted."""

import itertools
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from cli.proxy import Proxy, changes
from cli.rights import called, promised
from cli.small_lake import CONTENTS, SmallLake
from emulator.client import ROOT, LocalAws
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack, resource

from cli.doctor import command

NUMBERS = itertools.count()
CONFIRMED = ("--confirm", "acme")
WHOLE = {**CONTENTS, "buckets": 1}
#: The smallest pages of a listing.
SMALLEST = {
    "ListObjectVersions": lambda query: f"{query}&max-keys=2",
    "ListObjectsV2": lambda query: f"{query}&max-keys=1",
    "ListMultipartUploads": lambda query: f"{query}&max-uploads=1",
    "GetTables": lambda request: {**request, "MaxResults": 1},
    "Scan": lambda request: {**request, "Limit": 2},
}
NOTHING: dict[str, Any] = {"items": [], "results": []}


@pytest.fixture
def lake(client: Client) -> SmallLake:
    return SmallLake(client, f"erased{next(NUMBERS)}")


def words(lake: SmallLake, customer: str = "acme", *more: str) -> tuple[str, ...]:
    """The command for a customer of the lake."""
    return ("erase", "--organization", lake.organization, "--environment", "dev", "--customer", customer, *more)


def counts(output: str) -> dict[str, dict[str, int]]:
    """The report's numbers by part and kind."""
    said = json.loads(output)
    return {part: {row["kind"]: row["count"] for row in said[part] or []} for part in ("erased", "left")}


def run(aws: LocalAws, lake: SmallLake, *more: str, **environment: str) -> tuple[int, dict[str, dict[str, int]]]:
    """Exit code and report of the command for the first customer; it erases only if told to."""
    line = words(lake, "acme", "--json", *more)
    done = command(*line, environment={**aws.environment, **environment})
    assert done.stdout, done.stderr
    return done.returncode, counts(done.stdout)


def test_without_the_word_it_changes_nothing(aws: LocalAws, lake: SmallLake) -> None:
    before = lake.state("acme")

    assert run(aws, lake) == (1, {"erased": {}, "left": WHOLE})
    assert lake.state("acme") == before


@pytest.mark.parametrize("pages", [{}, SMALLEST], ids=["one page", "smallest pages"])
def test_everything_of_one_customer_goes(
    aws: LocalAws, lake: SmallLake, pages: dict[str, Callable[[Any], Any]]
) -> None:
    other = lake.state("acme-2")

    with Proxy(aws, requests=pages) as proxy:
        done = proxy.run(*words(lake, "acme", "--json", *CONFIRMED))

    assert (done.returncode, counts(done.stdout)) == (0, {"erased": WHOLE, "left": {}})
    assert lake.state("acme") == NOTHING
    assert lake.state("acme-2") == other
    assert run(aws, lake) == run(aws, lake, *CONFIRMED) == (0, {"erased": {}, "left": {}})


def test_killed_after_any_change_it_goes_on_where_it_was(aws: LocalAws, lake: SmallLake) -> None:
    """A command that is killed after a call that only reads leaves what one left that was killed before it."""
    other = lake.state("acme-2")
    with Proxy(aws) as proxy:
        proxy.run(*words(lake, "acme", *CONFIRMED))
    number = sum(map(changes, proxy.calls))

    for last in range(1, number + 1):
        lake.put("acme")
        with Proxy(aws, kill_after=last) as proxy:
            assert proxy.run(*words(lake, "acme", *CONFIRMED)).returncode < 0

        assert run(aws, lake, *CONFIRMED)[0] == 0
        assert lake.state("acme") == NOTHING, proxy.calls
    assert number == len(("results", "tables", "database", "objects", "upload", "upload", "items", "bucket"))
    assert lake.state("acme-2") == other


def test_help_and_document_name_the_rights_that_the_calls_need(
    aws: LocalAws, lake: SmallLake, as_role: Callable[..., dict[str, str]]
) -> None:
    session = as_role()
    assert run(aws, lake, *CONFIRMED, **session)[0] == 0

    section = (ROOT / "docs" / "security.md").read_text().split("The rights that it needs:")[1].split("What it")[0]
    documented = set(re.findall(r"`(\w+:\w+)`", section))
    assert promised("erase") == called(aws, session)
    assert documented == {*promised("erase"), "kms:Decrypt"}  # of the manifest's key, by DynamoDB


def test_a_customer_in_a_stack_stays(aws: LocalAws, lake: SmallLake, client: Client) -> None:
    bucket = lake.bucket("initech")
    stack = Stack(client, {"Bucket": resource("S3::Bucket", BucketName=bucket)})

    assert refused(aws, lake, "initech") == (
        f"error: refused: {bucket} is in stack {stack.name}: take initech out of customers.json and deploy\n"
    )
    lake.s3.head_bucket(Bucket=bucket)


def test_a_customer_for_whom_a_job_works_stays(aws: LocalAws, lake: SmallLake) -> None:
    item = {"object": "acme#raw/b.csv", "version": "v", "customer_status": "acme#PROCESSING", "updated_at": "now"}
    lake.manifest.put(**item, lease_until=int(time.time()) + 600)
    before = lake.state("acme")

    assert "a job works on acme#raw/b.csv: wait until it is done" in refused(aws, lake, "acme")

    assert lake.state("acme") == before
    lake.manifest.put(**item, lease_until=int(time.time()) - 1)
    assert run(aws, lake, *CONFIRMED)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--customer", "acme", "--confirm", "acme-2"), "write --confirm acme\n"),
        (("--customer", "a*"), "It must be lower-case letters, digits and inner hyphens, got: 'a*'."),
    ],
)
def test_a_slip_of_the_pen_is_refused(arguments: tuple[str, ...], message: str) -> None:
    done = command("erase", "--organization", "o", "--environment", "dev", *arguments, environment={})

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.parametrize(
    ("operation", "answer", "erased"),
    [
        (
            "DeleteObjects",
            lambda _: b"<DeleteResult><Error><Key>raw/a.csv</Key><Code>AccessDenied</Code></Error></DeleteResult>",
            {},
        ),
        (
            "BatchDeleteTable",
            lambda _: {"Errors": [{"TableName": "orders", "ErrorDetail": {"ErrorCode": "AccessDenied"}}]},
            {"query results": 2},
        ),
    ],
)
def test_what_cannot_be_removed_is_an_error(
    aws: LocalAws, lake: SmallLake, operation: str, answer: Callable[[Any], Any], erased: dict[str, int]
) -> None:
    with Proxy(aws, answers={operation: answer}) as proxy:
        done = proxy.run(*words(lake, "acme", "--json", *CONFIRMED))

    assert (done.returncode, counts(done.stdout)) == (1, {"erased": erased, "left": {}})
    assert "were not removed, the first because of" in done.stderr
    assert "AccessDenied" in done.stderr


def test_items_that_dynamodb_has_not_processed_are_sent_again(aws: LocalAws, lake: SmallLake) -> None:
    held: list[Any] = []

    def take_one(request: dict[str, Any]) -> dict[str, Any]:
        ((table, deletes),) = request["RequestItems"].items()
        taken = len(deletes) if held else 1
        held.append({table: deletes[taken:]} if deletes[taken:] else {})
        return {**request, "RequestItems": {table: deletes[:taken]}}

    def say_so(answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "UnprocessedItems": held[-1]}

    with Proxy(aws, requests={"BatchWriteItem": take_one}, answers={"BatchWriteItem": say_so}) as proxy:
        done = proxy.run(*words(lake, "acme", "--json", *CONFIRMED))

    assert (done.returncode, counts(done.stdout)["erased"]) == (0, WHOLE)
    assert lake.state("acme") == NOTHING
    assert len(held) == 2


def test_an_interrupted_erasure_reports_what_it_has_removed(aws: LocalAws, lake: SmallLake) -> None:
    with Proxy(aws, signal_before="DeleteDatabase") as proxy:
        done = proxy.run(*words(lake, "acme", "--json", *CONFIRMED))

    assert (done.returncode, counts(done.stdout)) == (
        1, {"erased": {"query results": 2, "tables": 2, "databases": 1}, "left": {}}
    )  # fmt: skip
    assert json.loads(done.stdout)["left"] is None
    assert done.stderr.startswith("error: interrupted; the report has what was removed")


def test_the_report_is_a_table_with_bytes(aws: LocalAws, lake: SmallLake) -> None:
    done = command(*words(lake), environment=aws.environment)

    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in done.stdout.splitlines() if "left" in line]
    assert done.returncode == 1
    assert ["left", "replaced versions under raw/", "4", "39"] in rows
    assert len(rows) == len(WHOLE)


def refused(aws: LocalAws, lake: SmallLake, customer: str) -> str:
    done = command(*words(lake, customer, "--confirm", customer), environment=aws.environment)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr
