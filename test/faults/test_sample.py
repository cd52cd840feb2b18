"""A fixed sample of the faults; `npx projen faults` injects all of them."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from emulator.client import LocalAws

from faults.drops import drops
from faults.lanes import Choice, Lane, play
from faults.scenarios import A, small
from faults.state import differences, state_of
from faults.world import World

SAMPLE, SEED = 8, 12


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    folder = tmp_path_factory.mktemp("lane")
    with LocalAws(folder / "aws", glue_python=Path(sys.executable)) as aws:
        yield Lane(aws, folder)


def test_a_sample_of_the_faults_leaves_no_difference(tmp_path: Path) -> None:
    verdicts = list(play(Choice(sample=SAMPLE, seed=SEED), 2, tmp_path))

    assert [verdict.name for verdict in verdicts if verdict.differences] == []
    assert sum(verdict.is_injected for verdict in verdicts) >= SAMPLE - 1


@pytest.mark.parametrize(
    "name",
    [
        "process-csv: event 1 never comes",
        "analytics-transform: no event ever comes, and in the search sqs.SendMessageBatch 2 killed after",
    ],
)
def test_a_search_finds_what_no_event_has_told_of(lane: Lane, name: str) -> None:
    (scenario,) = [scenario for scenario in drops() if scenario.name == name]

    verdict = lane.play(scenario)

    assert (verdict.is_injected, verdict.differences) == (True, [])


def spoil_rows(world: World) -> None:
    (version,) = [version for version in world.versions() if version["Key"].startswith("analytics-ready/orders/")][:1]
    world.s3.delete_object(Bucket=world.bucket, Key=version["Key"])


def spoil_status(world: World) -> None:
    world.manifest.update_item(
        Key={"object": f"acme#{A}", "version": world.uploads[0][1]},
        UpdateExpression="SET #status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": "PROCESSING"},
    )


def spoil_catalog(world: World) -> None:
    world.glue.delete_table(DatabaseName=world.database, Name="orders")


def spoil_queue(world: World) -> None:
    world.send("left behind")


@pytest.mark.parametrize(
    ("spoil", "part"),
    [
        (spoil_rows, "/objects/"),
        (spoil_status, "/manifest/"),
        (spoil_catalog, "/catalog"),
        (spoil_queue, "/waiting/"),
        (lambda world: world.dead_letters("process-csv"), "/dead letters"),
    ],
)
def test_a_difference_is_seen(lane: Lane, spoil: Callable[[World], object], part: str) -> None:
    expected = lane.expected(small)
    world = lane.world()
    small(world)
    assert world.recover()

    spoil(world)

    assert any(line.startswith(part) for line in differences(expected, state_of(world)))
