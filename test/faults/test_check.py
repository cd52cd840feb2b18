"""The command `check` finds nothing in a lake that works, and exactly the damage in one that was damaged."""

from collections.abc import Callable
from pathlib import Path

import pytest
from emulator.client import LocalAws

from faults.lanes import Lane
from faults.scenarios import A, small
from faults.world import World

NO_ITEM = "object without a manifest item"
STUCK = "PROCESSING past its lease"
NO_SOURCE = "output without a source"
NO_OUTPUT = "source without an output"


@pytest.fixture
def world(aws: LocalAws, tmp_path: Path) -> World:
    made = Lane(aws, tmp_path).world()
    small(made)
    assert made.recover()
    return made


def made_of(world: World, layer: str) -> tuple[str, str]:
    """Key and version of the first file's output."""
    (found,) = [version for version in world.versions() if version["Key"].startswith(f"{layer}/orders/")][:1]
    return found["Key"], found["VersionId"]


def set_item(world: World, key: str, version: str, expression: str, **values: object) -> None:
    world.manifest.update_item(
        Key={"object": f"acme#{key}", "version": version},
        UpdateExpression=expression,
        **({"ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}} if values else {}),
    )


def forget(world: World) -> tuple[str, str, str]:
    key, version = made_of(world, "analytics-ready")
    world.manifest.delete_item(Key={"object": f"acme#{key}", "version": version})
    return NO_ITEM, key, version


def put_by_hand(world: World) -> tuple[str, str, str]:
    key = "analytics-ready/orders/year=2026/month=01/by-hand.parquet"
    return NO_ITEM, key, world.s3.put_object(Bucket=world.bucket, Key=key, Body=b"x")["VersionId"]


def let_it_hang(world: World) -> tuple[str, str, str]:
    key, version = world.uploads[1]
    values = {"customer_status": "acme#PROCESSING", "lease_until": 1}
    set_item(world, key, version, "SET customer_status = :customer_status, lease_until = :lease_until", **values)
    world.manifest.update_item(
        Key={"object": f"acme#{key}", "version": version},
        UpdateExpression="SET #status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": "PROCESSING"},
    )
    return STUCK, key, version


def lose_the_output(world: World) -> tuple[str, str, str]:
    world.s3.delete_object(Bucket=world.bucket, Key=made_of(world, "analytics-ready")[0])
    return NO_OUTPUT, *made_of(world, "processed")


def forget_where_it_comes_from(world: World) -> tuple[str, str, str]:
    key, version = world.uploads[0]
    set_item(world, key, version, "REMOVE outputs, output_versions")
    return NO_SOURCE, *made_of(world, "processed")


def test_a_lake_that_works_has_no_contradiction(world: World) -> None:
    assert world.findings() == []


@pytest.mark.parametrize("damage", [forget, put_by_hand, let_it_hang, lose_the_output, forget_where_it_comes_from])
def test_damage_is_found_and_nothing_else(world: World, damage: Callable[[World], tuple[str, str, str]]) -> None:
    expected = damage(world)

    assert [(found.kind, found.key, found.version) for found in world.findings()] == [expected]


def test_what_waits_in_a_queue_is_no_contradiction(world: World) -> None:
    world.put(A, b"id\n1\n")

    assert world.findings() == []


def test_a_file_that_was_deleted_is_missed_by_nobody(world: World) -> None:
    world.s3.delete_object(Bucket=world.bucket, Key=A)

    assert world.findings() == []
