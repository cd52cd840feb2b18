"""The command lists the datasets whose uploads have stopped, and calls what its help says."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cli.deployed import deploy
from cli.rights import called, promised
from emulator.client import LocalAws
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack

from cli.doctor import command

LAKE = ("--organization", "feeds", "--environment", "dev")
#: Minutes by customer and dataset. Nothing is in time for 0.
DECLARED = {"acme": {"orders": 0, "returns": 2160}, "globex": {"orders": 90}}
UPLOADED = "2026-01-31T12:00:00.000Z"


@pytest.fixture(scope="module")
def lake(client: Client) -> Iterator[Stack]:
    stack = deploy(client, "feeds")
    yield stack
    stack.delete()


@pytest.fixture
def declared(client: Client, lake: Stack) -> Iterator[None]:
    """Declarations, and an upload of the orders of acme that is long ago."""
    names = [f"/modern-data-lake/feeds-dev/feeds/{customer}" for customer in DECLARED]
    for name, minutes in zip(names, DECLARED.values(), strict=True):
        client("ssm").put_parameter(Name=name, Type="String", Value=json.dumps(minutes))
    item = {
        "object": "acme#raw/orders/a.csv",
        "version": "v",
        "customer_dataset": "acme#orders",
        "uploaded_at": UPLOADED,
    }
    table = lake.id_of("LakeManifestTable00000000")
    client("dynamodb").put_item(TableName=table, Item={name: {"S": value} for name, value in item.items()})
    yield
    client("ssm").delete_parameters(Names=names)


def listed(aws: LocalAws, *options: str) -> tuple[int, list[dict[str, Any]]]:
    done = command("silent", *LAKE, *options, "--json", environment=aws.environment)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.usefixtures("declared")
def test_the_help_of_silent_names_the_actions_that_are_called(
    aws: LocalAws, as_role: Callable[..., dict[str, str]]
) -> None:
    session = as_role()
    assert not command("silent", *LAKE, environment={**aws.environment, **session}).stderr

    assert promised("silent") == called(aws, session)


@pytest.mark.usefixtures("declared")
def test_what_is_silent_is_listed_and_makes_the_exit_code_1(aws: LocalAws) -> None:
    code, feeds = listed(aws)

    assert code == 1
    ((customer, dataset, newest, since, declared),) = [
        (feed["customer"], feed["dataset"], feed["newestUpload"], feed["silentSince"], feed["declared"])
        for feed in feeds
    ]
    assert (customer, dataset, newest) == ("acme", "orders", UPLOADED)
    assert since == declared  # its time cannot end before it was declared


@pytest.mark.usefixtures("declared")
def test_all_lists_those_in_time_too(aws: LocalAws) -> None:
    shown = command("silent", *LAKE, "--all", environment=aws.environment).stdout
    rows = [
        [cell.strip() for cell in line.split("│")[1:-1]] for line in shown.splitlines() if line.startswith("│ acme")
    ]

    assert [row[:4] for row in rows][1] == ["acme", "returns", "36 h", "none"]
    assert {(feed["customer"], feed["dataset"]) for feed in listed(aws, "--all")[1]} == {
        (customer, dataset) for customer, datasets in DECLARED.items() for dataset in datasets
    }


@pytest.mark.usefixtures("lake")
def test_a_lake_that_expects_nothing_says_so(aws: LocalAws) -> None:
    done = command("silent", *LAKE, environment=aws.environment)

    assert (done.returncode, done.stdout) == (0, "No dataset has an expectedEvery.\n")
