"""The scenarios: what is put in, what goes wrong, and which run without a fault the result must be like."""

import os
import random
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from faults.injection import (
    CHANGES,
    FROZEN_AFTER,
    KILLED_AFTER,
    Fault,
    kinds,
)
from faults.world import STAGES, VISIBILITY_SECONDS, World, until

Corpus = Callable[[World], None]
Calls = Mapping[str, Sequence[str]]
Events = Sequence[str]
Deliveries = Sequence[Events]
A, B, BAD = "raw/orders/a.csv", "raw/orders/b.csv", "raw/bad.csv"
FIRST = b"id,total,old\n007,1.5,true\n008,,false\n"
AGAIN: Mapping[str, bytes] = {
    "same bytes": FIRST,
    "other bytes": b"id,total,old\n009,2.5,true\n",
    "fewer columns": b"id,total\n010,3.5\n",
}
#: A run that finds nothing asks for messages many times; the first calls are like all others.
_MOST_RECEIVES = 3
_LARGE_ROWS, _TEXT_BYTES = 10_000, 1_000
DEADLY = "deadly"


SMALL = (
    (A, FIRST),
    (B, b"id,x,old\n1,1,true\n2,2,false\n"),
    (B, b"id,x\n3,3\n"),
    (BAD, b"\x00\x01\x02\x03"),
)


def small(world: World) -> None:
    """Two files of a dataset, one with two versions of which the newer has fewer columns, and one that is no CSV.

    Which of the files comes first makes no difference to the columns: each has one more than those that are declared.
    """
    for key, content in SMALL:
        world.put(key, content)


def small_and_again(content: bytes, world: World) -> None:
    """The same, and a new version of the first file later."""
    small(world)
    world.recover()
    world.put(A, content)


def small_and_deadly(world: World) -> None:
    """The same, after a file that can be made deadly."""
    world.put(f"raw/{DEADLY}.csv", b"id\n1\n")
    small(world)


def large(world: World) -> None:
    """A file of which neither the JSON nor the Parquet is kept in memory, beside the small ones."""
    small(world)
    texts = (random.Random(row).randbytes(_TEXT_BYTES).hex() for row in range(_LARGE_ROWS))
    world.put("raw/large.csv", b"id,text\n" + "".join(f"1,{text}\n" for text in texts).encode())


def lead_to(world: World, stage: str) -> None:
    """Lets all work of a stage be in its queue."""
    for name in STAGES:
        until(partial(world.is_delivered, name))
        if name == stage:
            return
        world.run(name)


LIKE_AGAIN: Mapping[str, Corpus] = {name: partial(small_and_again, content) for name, content in AGAIN.items()}


@dataclass(frozen=True)
class Scenario:
    """One fault.

    Attributes:
        play: puts the corpus in, lets the fault happen and the lake recover; returns whether the fault has happened.
        like: puts the corpus of the run without a fault in.
        holds: the stage whose events are kept for `play` to deliver.
    """

    name: str
    play: Callable[[World], bool]
    like: Corpus = small
    holds: str | None = None


def all_scenarios(calls: Calls, calls_apart: Calls) -> list[Scenario]:
    """Every fault.

    Args:
        calls: that the runs of each stage have made without one.
        calls_apart: the same, of runs whose workers have processes of their own.
    """
    at_calls = [*_at_calls(calls), *_at_calls_apart(calls_apart)]
    return [*at_calls, *_while_frozen(calls), *_arrivals(), *_ends(), *_deadly(), *_disk()]


def _at_calls(calls: Calls) -> list[Scenario]:
    """Each thing that can happen, at each call."""
    faults = [Fault(*at, kind) for at in _numbered(calls) for kind in kinds(at[1])]
    return [Scenario(str(fault), partial(_at_call, fault)) for fault in faults]


def _at_calls_apart(calls: Calls) -> list[Scenario]:
    """The worker that has changed something dies and the driver lives, or the driver dies and the workers live."""
    faults = [Fault(*at, KILLED_AFTER) for at in _numbered(calls) if at[1] in CHANGES]
    return [Scenario(f"{fault}, workers apart", partial(_at_call, fault, apart=True)) for fault in faults]


def _at_call(fault: Fault, world: World, *, apart: bool = False) -> bool:
    small(world)
    world.recover(fault, apart=apart)
    return world.is_injected


def _while_frozen(calls: Calls) -> list[Scenario]:
    """A run stands still after a call that has changed something, while something else happens."""
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


def _arrivals() -> list[Scenario]:
    """Events that come more than once, in another order, or late."""
    return [scenario for stage in STAGES for scenario in _arrivals_of(stage)]


def _arrivals_of(stage: str) -> list[Scenario]:
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
        delivered("with the older version's after all", lambda events: [events[2:], events[:2]]),
    ]


def _upload_in_two_parts(world: World) -> None:
    """The small corpus; where the first stage gets its events, it has made something of the older versions too."""
    for part in SMALL[:2], SMALL[2:]:
        for key, content in part:
            world.put(key, content)
        world.recover(is_complete=False)


def _shuffled(events: Events, seed: int) -> Events:
    return random.Random(seed).sample(events, len(events))


def _ends() -> list[Scenario]:
    """Runs that end before their work does."""

    def stopped(stage: str, signal_number: int, calls: int) -> Scenario:
        def play(world: World) -> bool:
            small(world)
            lead_to(world, stage)
            process = world.start(stage, arguments={"idle_seconds": 5})
            record = world.folder / f"calls-{stage}"
            until(lambda: record.exists() and len(record.read_text().split()) >= calls, pause=0.002)
            is_hit = process.is_alive()
            os.kill(process.pid or 0, signal_number)
            process.join()
            world.recover()
            return is_hit

        return Scenario(f"{stage}: {signal.Signals(signal_number).name} after {calls} calls", play)

    def timed_out(world: World) -> bool:
        small(world)
        for stage in STAGES:
            world.run(stage, arguments={"max_seconds": 0})
        world.recover()
        return True

    stops = [
        stopped(stage, number, calls)
        for stage in STAGES
        for number in (signal.SIGTERM, signal.SIGKILL)
        for calls in (1, 5, 10, 20, 40)
    ]
    return [*stops, Scenario("runs that have no time left", timed_out)]


def _deadly() -> list[Scenario]:
    """An object that kills whole runs is told by a dead letter, in either stage; mended, it is sent back."""

    def killed(stage: str) -> Scenario:
        def play(world: World) -> bool:
            small_and_deadly(world)
            lead_to(world, stage)
            world.recover(deadly=DEADLY)
            reasons = world.redrive(stage)
            world.recover()
            return any("died while it worked on nothing but this object" in reason for reason in reasons)

        return Scenario(f"{stage}: an object kills each run", play, small_and_deadly)

    return [killed(stage) for stage in STAGES]


def _disk() -> list[Scenario]:
    """A disk that stays full for all attempts is told by a dead letter; once there is room, that is sent back."""

    def full(stage: str) -> Scenario:
        def play(world: World) -> bool:
            large(world)
            lead_to(world, stage)
            world.run(stage, file_bytes=1 << 20)
            world.recover()
            is_full = any("File too large" in letter for letter in world.redrive(stage))
            world.recover()
            return is_full

        return Scenario(f"{stage}: the disk is full", play, large)

    return [full(stage) for stage in STAGES]


def _numbered(calls: Calls) -> list[tuple[str, str, int]]:
    """Each call with its number among those of its kind."""
    found = []
    for stage, names in calls.items():
        counts: dict[str, int] = {}
        for name in names:
            counts[name] = counts.get(name, 0) + 1
            if name != "sqs.ReceiveMessage" or counts[name] <= _MOST_RECEIVES:
                found.append((stage, name, counts[name]))
    return found
