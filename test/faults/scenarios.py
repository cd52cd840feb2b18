"""A scenario: the input, the fault, and the run without a fault that must have the same result."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from faults.injection import Fault
from faults.world import STAGES, World, until

Corpus = Callable[[World], None]
A, B, BAD = "raw/orders/a.csv", "raw/orders/b.csv", "raw/bad.csv"
FIRST = b"id,total,old\n007,1.5,true\n008,,false\n"
AGAIN: Mapping[str, bytes] = {
    "same bytes": FIRST,
    "other bytes": b"id,total,old\n009,2.5,true\n",
    "fewer columns": b"id,total\n010,3.5\n",
}
_LARGE_ROWS, _TEXT_BYTES = 10_000, 1_000
SPECIAL = "special"
SMALL = (
    (A, FIRST),
    (BAD, b"\x00\x01\x02\x03"),
    (B, b"id,x,old\n1,1,true\n2,2,false\n"),
    (B, b"id,x\n3,3\n"),
)


def small(world: World) -> None:
    """Two files of a dataset, one of them with a newer version of fewer columns, and one file that is not CSV.

    Which of the files comes first makes no difference to the columns: each has one more than those that are declared.
    """
    for key, content in SMALL:
        world.put(key, content)


def small_and_again(content: bytes, world: World) -> None:
    """The small corpus, and later a new version of the first file."""
    small(world)
    world.recover()
    world.put(A, content)


def small_and_special(world: World) -> None:
    """The small corpus, after a file that can be made slow or deadly."""
    world.put(f"raw/{SPECIAL}.csv", b"id\n1\n")
    small(world)


def large(world: World) -> None:
    """A file whose outputs do not stay in memory, beside the small ones."""
    small(world)
    texts = (random.Random(row).randbytes(_TEXT_BYTES).hex() for row in range(_LARGE_ROWS))
    world.put("raw/large.csv", b"id,text\n" + "".join(f"1,{text}\n" for text in texts).encode())


def lead_to(world: World, stage: str) -> None:
    """Waits until all work of a stage is in its queue."""
    for name in STAGES:
        until(partial(world.is_delivered, name))
        if name == stage:
            return
        world.run(name)


def recover(world: World, fault: Fault | None = None, **more: Any) -> None:
    """A run of each stage with all its work, and more until nothing is left to do.

    Args:
        world: with a corpus.
        fault: to inject into the first run that comes so far.
        more: of `Start`.
    """
    for stage in STAGES:
        until(partial(world.is_delivered, stage))
        world.run(stage, fault, **more)
    world.recover(fault, **more)


LIKE_AGAIN: Mapping[str, Corpus] = {name: partial(small_and_again, content) for name, content in AGAIN.items()}


@dataclass(frozen=True)
class Scenario:
    """One fault.

    Attributes:
        play: puts the corpus in, lets the fault happen and the lake recover; returns whether the fault has happened.
        like: puts the corpus of the run without a fault in.
        holds: the stage whose events are kept for `play` to deliver.
        forgets: the upload of which nothing but the object is left, since it is replaced before any event tells of it.
    """

    name: str
    play: Callable[[World], bool]
    like: Corpus = small
    holds: str | None = None
    forgets: str | None = None
