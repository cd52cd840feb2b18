"""Events that come more than once, in another order, or late."""

import random
from collections.abc import Callable, Sequence
from functools import partial

from faults.scenarios import SMALL, Scenario
from faults.world import STAGES, World

Events = Sequence[str]
Deliveries = Sequence[Events]


def deliveries() -> list[Scenario]:
    """All scenarios of this kind, for the events of either stage."""
    return [scenario for stage in STAGES for scenario in _deliveries(stage)]


def _deliveries(stage: str) -> list[Scenario]:
    def delivered(name: str, deliveries: Callable[[Events], Deliveries]) -> Scenario:
        def play(world: World) -> bool:
            _upload_in_two_parts(world)
            for bodies in deliveries(world.held_events()):
                world.send(*bodies, stage=stage)
                world.recover(is_complete=False)
            return world.recover()

        return Scenario(f"{stage}: events {name}", play, holds=stage)

    def shuffled(seed: int, events: Events) -> Deliveries:
        return [_shuffled(events, seed)]

    def one_by_one(seed: int, events: Events) -> Deliveries:
        return [[event] for event in _shuffled(events, seed)]

    def at_once(times: int, events: Events) -> Deliveries:
        return [[*events] * times]

    def after_each_other(times: int, events: Events) -> Deliveries:
        return [events] * times

    return [
        *(delivered(f"in order {seed}", partial(shuffled, seed)) for seed in range(10)),
        *(delivered(f"one run each in order {seed}", partial(one_by_one, seed)) for seed in range(10)),
        *(delivered(f"{times} times", partial(at_once, times)) for times in (2, 5)),
        *(delivered(f"{times} times, each after a run", partial(after_each_other, times)) for times in (2, 5)),
        delivered("backwards", lambda events: [events[::-1]]),
        delivered("a day late but the first", lambda events: [events[:1], events[1:]]),
        delivered("with the older version's after all", lambda events: [events[-1:], events[:-1]]),
    ]


def _upload_in_two_parts(world: World) -> None:
    """The small corpus. If the first stage gets its events here, it has processed the older versions, too."""
    for part in SMALL[:-1], SMALL[-1:]:
        for key, content in part:
            world.put(key, content)
        world.recover(is_complete=False)


def _shuffled(events: Events, seed: int) -> Events:
    return random.Random(seed).sample(events, len(events))
