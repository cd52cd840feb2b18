"""Everything goes through a stage again while something fails. Afterwards the lake is as it was."""

import json
from dataclasses import replace
from functools import partial

from faults.injection import KILLED_AFTER, LOST_AFTER, Fault
from faults.scenarios import AGAIN, LIKE_AGAIN, A, Scenario, small
from faults.world import STAGES, World, calls_of

#: How many of its calls a replay is certain to make, besides those that a run makes for its messages.
_CALLS = {
    "s3.ListObjectVersions": 1,
    "sqs.SendMessageBatch": 1,
    "sqs.DeleteMessageBatch": 1,
    "dynamodb.GetItem": 2,
    "dynamodb.UpdateItem": 2,
    "s3.HeadObject": 2,
    "s3.PutObject": 2,
}


def replays() -> list[Scenario]:
    """All scenarios of this kind, for a replay of either stage."""
    faults = [
        Fault(stage, call, number, kind)
        for stage in STAGES
        for call, count in _CALLS.items()
        for number in range(1, count + 1)
        for kind in (KILLED_AFTER, LOST_AFTER)
    ]
    return [
        *(Scenario(f"{fault}, in a replay", partial(_replayed, fault)) for fault in faults),
        *(Scenario(f"{stage}: three replays at once", partial(_at_once, stage)) for stage in STAGES),
        *(
            Scenario(
                f"{stage}: a replay of a file that is uploaded again with {name}", partial(_with, stage, new), like
            )
            for stage in STAGES
            for (name, new), like in zip(AGAIN.items(), LIKE_AGAIN.values(), strict=True)
        ),
    ]


def _replayed(fault: Fault, world: World) -> bool:
    small(world)
    world.recover()
    before = calls_of(world.folder, fault.stage).count(fault.call)
    _ask(world, fault.stage)
    world.recover(replace(fault, number=before + fault.number))
    return world.is_injected


def _at_once(stage: str, world: World) -> bool:
    small(world)
    world.recover()
    for _ in range(3):
        _ask(world, stage)
    return world.recover()


def _with(stage: str, content: bytes, world: World) -> bool:
    small(world)
    world.recover()
    _ask(world, stage)
    world.put(A, content)
    return world.recover()


def _ask(world: World, stage: str) -> None:
    """The events of S3 have a clock that was turned, so the request is about all times."""
    detail = {"bucket": {"name": world.bucket}, "until": "2100-01-01T00:00:00Z"}
    world.send(json.dumps({"detail-type": "Replay Requested", "detail": detail}), stage=stage)
