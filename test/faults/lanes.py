"""Runs scenarios side by side, each lane on a local AWS of its own."""

import random
import shutil
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from emulator.client import LocalAws

from faults.at_calls import Calls, at_calls
from faults.deliveries import deliveries
from faults.drops import drops
from faults.ends import ends
from faults.replays import replays
from faults.runs import PROCESSES
from faults.scenarios import Corpus, Scenario, recover, small
from faults.state import differences, state_of
from faults.world import STAGES, World, calls_of

#: First one process for driver and workers, then separate processes.
Recorded = tuple[Calls, Calls]


@dataclass(frozen=True)
class Choice:
    """Which of the faults to inject.

    Attributes:
        only: a part of their names.
        sample: how many of them.
        seed: of the order, and so of the sample.
    """

    only: str = ""
    sample: int | None = None
    seed: int = 0

    def scenarios(self, calls: Recorded) -> list[Scenario]:
        """The scenarios, in the same order for all lanes."""
        every = (*at_calls(*calls), *deliveries(), *drops(), *ends(), *replays())
        found = [scenario for scenario in every if self.only in scenario.name]
        random.Random(self.seed).shuffle(found)
        return found[: self.sample]


@dataclass(frozen=True)
class Verdict:
    """The result of a scenario."""

    name: str
    is_injected: bool
    differences: Sequence[str]
    seconds: float


class Lane:
    """A local AWS, and the final states of the runs without a fault on it."""

    def __init__(self, aws: LocalAws, folder: Path) -> None:
        """Takes a local AWS that runs."""
        self._aws, self._folder, self._number = aws, folder, 0
        self._expected: dict[Corpus, dict[str, Any]] = {}

    def world(self, *, holds: str | None = None) -> World:
        """Starts a new local AWS."""
        self._number += 1
        return World(self._aws.environment, self._folder / f"{self._number}", holds=holds)

    def play(self, scenario: Scenario) -> Verdict:
        """Injects the fault, lets the lake recover, and compares."""
        expected, started = self.expected(scenario.like), time.monotonic()
        world = self.world(holds=scenario.holds)
        try:
            is_injected = scenario.play(world)
            known = {label: item for label, item in expected["manifest"].items() if label != scenario.forgets}
            found = differences({**expected, "manifest": known}, state_of(world)) if is_injected else []
        except Exception:
            is_injected, found = True, [traceback.format_exc()]
        world.close()
        if not found:
            shutil.rmtree(world.folder)
        return Verdict(scenario.name, is_injected, found, time.monotonic() - started)

    def expected(self, like: Corpus) -> dict[str, Any]:
        """The final state without a fault."""
        if like not in self._expected:
            world = self.world()
            like(world)
            assert world.recover(), "the lake does not come to an end without a fault either"
            self._expected[like] = state_of(world)
            world.close()
        return self._expected[like]


def play(choice: Choice, lanes: int, folder: Path) -> Iterator[Verdict]:
    """All verdicts, as they come."""
    calls = recorded_calls(folder / "recording")
    answers = [_start(folder / f"lane-{number}", calls, choice, number, lanes) for number in range(lanes)]
    while answers:
        for answer in wait(answers):
            assert isinstance(answer, Connection)
            try:
                yield answer.recv()
            except EOFError:
                answers.remove(answer)


def recorded_calls(folder: Path) -> Recorded:
    """The calls of the runs of the small corpus without a fault."""
    with LocalAws(folder / "aws", glue_python=Path(sys.executable)) as aws:
        lane = Lane(aws, folder)
        return _recorded(lane.world(), apart=False), _recorded(lane.world(), apart=True)


def _recorded(world: World, *, apart: bool) -> Calls:
    small(world)
    recover(world, apart=apart)
    return {stage: calls_of(world.folder, stage) for stage in STAGES}


def _start(folder: Path, calls: Recorded, choice: Choice, number: int, lanes: int) -> Connection:
    ours, theirs = PROCESSES.Pipe(duplex=False)
    PROCESSES.Process(target=_play_share, args=(folder, calls, choice, number, lanes, theirs)).start()
    theirs.close()
    return ours


def _play_share(folder: Path, calls: Recorded, choice: Choice, number: int, lanes: int, answer: Connection) -> None:
    with LocalAws(folder / "aws", glue_python=Path(sys.executable)) as aws:
        lane = Lane(aws, folder)
        for scenario in choice.scenarios(calls)[number::lanes]:
            answer.send(lane.play(scenario))
