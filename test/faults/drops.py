"""Events that never come. A search finds what they were about, also if it is killed or refused on its way."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from faults.injection import KILLED_AFTER, KILLED_BEFORE, LOST_AFTER, LOST_BEFORE, Fault
from faults.scenarios import SMALL, B, Scenario, small
from faults.world import STAGES, World

Events = Sequence[str]
_SEND, _LIST = "sqs.SendMessageBatch", "s3.ListObjectVersions"
#: The first message of a search leads to one for each bucket, and that one to the events.
_AT_SEARCH = (
    *(
        (_SEND, number, kind)
        for number in (1, 2)
        for kind in (KILLED_BEFORE, KILLED_AFTER, LOST_AFTER, "InternalError")
    ),
    *((_LIST, 1, kind) for kind in ("SlowDown", "AccessDenied", LOST_BEFORE)),
)
#: Number and label of the upload that is replaced before an event tells of it. A search looks at current versions only.
_REPLACED, _LABEL = 2, f"{B}@2"


def drops() -> list[Scenario]:
    """Each event of either stage alone, all of them, and all with a fault in the search."""
    return [scenario for stage in STAGES for scenario in _drops(stage)]


def _drops(stage: str) -> list[Scenario]:
    raw = stage == "process-csv"
    singles = [
        Scenario(
            f"{stage}: event {number + 1} never comes",
            partial(_play, stage, partial(_without, number)),
            holds=stage,
            forgets=_LABEL if raw and number == _REPLACED else None,
        )
        for number in range(len(SMALL) if raw else 2)
    ]
    of_all = partial(_play, stage, lambda _: [])
    no_event, forgets = f"{stage}: no event ever comes", _LABEL if raw else None
    return [
        *singles,
        Scenario(no_event, of_all, holds=stage, forgets=forgets),
        *(
            Scenario(
                f"{no_event}, and in the search {' '.join(map(str, at))}",
                partial(of_all, fault=Fault(stage, *at)),
                holds=stage,
                forgets=forgets,
            )
            for at in _AT_SEARCH
        ),
    ]


def _without(number: int, events: Events) -> Events:
    return [event for at, event in enumerate(events) if at != number]


def _play(stage: str, kept: Callable[[Events], Events], world: World, fault: Fault | None = None) -> bool:
    small(world)
    world.recover(is_complete=False)
    events = world.held_events()
    world.send(*kept(events), stage=stage)
    world.recover(is_complete=False)
    world.send(_search(), stage=stage)
    world.recover(fault, is_complete=False)
    return world.is_injected if fault else len(kept(events)) < len(events)


def _search() -> str:
    """The message of `npx modern-data-lake refresh --all`, about all times."""
    day, now = timedelta(days=1), datetime.now(UTC)
    times = {"since": (now - day).isoformat(), "until": (now + day).isoformat()}
    return json.dumps({"detail-type": "Reconcile Requested", "detail": times})
