"""Faults at each call to AWS."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from faults.injection import (
    CHANGES,
    FROZEN_AFTER,
    KILLED_AFTER,
    Fault,
    kinds,
)
from faults.scenarios import (
    AGAIN,
    LIKE_AGAIN,
    SPECIAL,
    A,
    Corpus,
    Scenario,
    lead_to,
    recover,
    small,
    small_and_special,
)
from faults.world import STAGES, VISIBILITY_SECONDS, World, until

Calls = Mapping[str, Sequence[str]]
_HIDE = "sqs.ChangeMessageVisibilityBatch"
#: The number of these calls depends on how long a run takes. At least this many are certain.
_UNSTEADY = {"sqs.ReceiveMessage": 3, _HIDE: 0}


def at_calls(calls: Calls, calls_apart: Calls) -> list[Scenario]:
    """All faults at calls.

    Args:
        calls: that the runs of each stage have made without a fault.
        calls_apart: the same, of runs whose workers have processes of their own.
    """
    sure = {stage: _in_both(calls[stage], calls_apart[stage]) for stage in STAGES}
    return [*_at_each(calls), *_at_each_apart(sure), *_while_slow(), *_while_frozen(calls)]


def _at_each(calls: Calls) -> list[Scenario]:
    """Every kind of fault at every call."""
    faults = [Fault(*at, kind) for at in _numbered(calls) for kind in kinds(at[1])]
    return [Scenario(str(fault), partial(_at_call, fault)) for fault in faults]


def _at_each_apart(calls: Calls) -> list[Scenario]:
    """A worker dies after a change and the driver lives, or the driver dies and the workers live."""
    faults = [Fault(*at, KILLED_AFTER) for at in _numbered(calls) if at[1] in CHANGES]
    return [Scenario(f"{fault}, workers apart", partial(_at_call, fault, apart=True)) for fault in faults]


def _in_both(calls: Sequence[str], others: Sequence[str]) -> list[str]:
    """The number of calls depends on which of two workers is faster."""
    return [*(Counter(calls) & Counter(others)).elements()]


def _while_slow() -> list[Scenario]:
    """An object takes long, so its message has to be kept hidden."""

    def play(fault: Fault, world: World) -> bool:
        small_and_special(world)
        recover(world, fault, slow=SPECIAL)
        return world.is_injected

    faults = [Fault(stage, _HIDE, 1, kind) for stage in STAGES for kind in kinds(_HIDE)]
    return [
        Scenario(f"{fault}, while an object takes long", partial(play, fault), small_and_special) for fault in faults
    ]


def _at_call(fault: Fault, world: World, **more: Any) -> bool:
    small(world)
    recover(world, fault, **more)
    return world.is_injected


def _while_frozen(calls: Calls) -> list[Scenario]:
    """A run is frozen after a change, while something else happens."""
    happenings: dict[str, tuple[Callable[[World], None], Corpus]] = {
        "leases end and another run takes over": (_take_over, small),
        "the sweeper starts another run": (_sweep, small),
        "another run takes over with a newer version": (_overtake, LIKE_AGAIN["fewer columns"]),
        **{
            f"the file is uploaded again with {name}": (partial(_upload, content), LIKE_AGAIN[name])
            for name, content in AGAIN.items()
        },
    }
    return [
        Scenario(f"{fault}, {name}", partial(_frozen, fault, happening), like)
        for stage, call, number in _numbered(calls)
        if call in CHANGES
        for fault in [Fault(stage, call, number, FROZEN_AFTER)]
        for name, (happening, like) in happenings.items()
    ]


def _frozen(fault: Fault, happening: Callable[[World], None], world: World) -> bool:
    small(world)
    lead_to(world, fault.stage)
    process = world.start(fault.stage, fault)
    pid = process.pid or 0
    is_hit = until(lambda: not process.is_alive() or _is_frozen(pid), pause=0.01) and process.is_alive()
    if is_hit:
        happening(world)
        os.kill(pid, signal.SIGCONT)
    process.join()
    world.recover()
    return is_hit


def _is_frozen(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].startswith("T")


def _take_over(world: World) -> None:
    until(lambda: False, VISIBILITY_SECONDS)
    world.recover()


def _overtake(world: World) -> None:
    world.put(A, AGAIN["fewer columns"])
    _take_over(world)


def _sweep(world: World) -> None:
    for stage in STAGES:
        world.run(stage)


def _upload(content: bytes, world: World) -> None:
    world.put(A, content)


def _numbered(calls: Calls) -> list[tuple[str, str, int]]:
    """Each call with its number among those of its kind."""
    found = []
    for stage, names in calls.items():
        counts: dict[str, int] = {}
        for name in names:
            counts[name] = counts.get(name, 0) + 1
            if counts[name] <= _UNSTEADY.get(name, counts[name]):
                found.append((stage, name, counts[name]))
    return found
