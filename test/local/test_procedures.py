"""A customer leaves and comes back into another stack, by the commands of docs/operate.md as they are written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from demo.arrived import Arrived, catalog_of
from demo.deploy import STACK
from demo.inputs import bucket_name, database_name
from demo.journey import Upload, follow
from demo.lake import Lake
from demo.local import LocalLake
from emulator.settings import S3_EVENTS_AFTER_SECONDS
from local.belongings import belongings, definition
from local.documented import commands, shell
from local.people import declared_customers
from local.returning import IMPORT, PUT_ASIDE, RESTORE, RETURN

MOVER = "mover-4"
SHARD = f"{STACK}-customers-7"


def deploy(local: LocalLake, folder: Path, *movers: dict[str, Any], options: tuple[str, ...] = ()) -> None:
    """Deploys the customers of the session, with the mover or without."""
    declared = folder / "customers.json"
    declared.write_text(json.dumps([*declared_customers(), *movers]))
    local.cdk.synth(declared)
    local.cdk.deploy(*options)


def block(beginning: str) -> str:
    return commands("operate.md", RETURN, beginning)


def uploaded(lake: Lake, number: int) -> None:
    """One row more in the mover's table."""
    key = f"raw/orders/{number}.csv"
    (journey,) = follow(lake, [Upload(MOVER, key, lake.upload(MOVER, key, f"id\n00{number}\n".encode()))])
    assert journey.is_queryable


def ids(lake: Lake, folder: Path) -> list[tuple[str, ...]]:
    _, rows = catalog_of(lake, MOVER, folder).sql("SELECT id FROM orders ORDER BY id")
    return rows


@pytest.fixture(scope="module")
def left(local: LocalLake, arrived: Arrived, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:  # noqa: ARG001
    """What a customer with one row has left behind."""
    folder = tmp_path_factory.mktemp("left")
    deploy(local, folder, {"customerId": MOVER})
    local.aws.turn_clock(S3_EVENTS_AFTER_SECONDS)
    uploaded(local.lake, 1)
    local.lake.wait_until_idle()
    before = belongings(local.lake, MOVER)
    deploy(local, folder)
    yield before
    local.lake.client("cloudformation").delete_stack(StackName=SHARD)


def test_a_customer_that_leaves_leaves_everything(lake: Lake, left: dict[str, Any]) -> None:
    assert belongings(lake, MOVER) == left


def test_it_comes_back_into_a_shard_with_everything(local: LocalLake, left: dict[str, Any], tmp_path: Path) -> None:
    lake, names = local.lake, block("organization=").replace("acme", MOVER).replace("prod", "dev")
    inside = f"work={tmp_path}; export AWS_PAGER=; {names}cd $work\n"
    assert IMPORT in block("npx cdk deploy")

    shell(local, inside + block(PUT_ASIDE), stack=STACK)
    deploy(local, tmp_path, {"customerId": MOVER, "shard": 7}, options=(IMPORT,))
    shell(local, inside + block(RESTORE), stack=STACK)

    now = belongings(lake, MOVER)
    assert {part: now[part] for part in ("versions", "items", "key")} == {
        part: left[part] for part in ("versions", "items", "key")
    }
    assert json.loads(now["policy"]) == json.loads(left["policy"])
    assert [definition(table) for table in now["tables"]] == [definition(table) for table in left["tables"]]
    assert ids(lake, tmp_path / "before") == [("001",)]
    uploaded(lake, 2)
    assert ids(lake, tmp_path / "after") == [("001",), ("002",)]
    owned = lake.client("cloudformation").describe_stack_resources(StackName=SHARD)["StackResources"]
    assert {bucket_name(MOVER), database_name(MOVER)} <= {each["PhysicalResourceId"] for each in owned}


def test_the_lake_is_deployed_on_without_its_last_shard_which_is_then_deleted(
    local: LocalLake, left: dict[str, Any], tmp_path: Path
) -> None:
    lake = local.lake
    before = belongings(lake, MOVER)

    deploy(local, tmp_path)
    lake.client("cloudformation").delete_stack(StackName=SHARD)
    lake.client("cloudformation").get_waiter("stack_delete_complete").wait(StackName=SHARD)

    assert belongings(lake, MOVER) == before
    assert before["items"] != left["items"], "the second row came after the return"
