"""Runs that end before their work does."""

import os
import signal

from faults.scenarios import SPECIAL, Scenario, large, lead_to, small, small_and_special
from faults.world import STAGES, World, until


def ends() -> list[Scenario]:
    """All scenarios of this kind."""
    return [*_stops(), *_deadly(), *_disk()]


def _stops() -> list[Scenario]:
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
    """An object that kills whole runs becomes a dead letter, in either stage. Once mended, it is sent back."""

    def killed(stage: str) -> Scenario:
        def play(world: World) -> bool:
            small_and_special(world)
            lead_to(world, stage)
            world.recover(deadly=SPECIAL)
            reasons = world.redrive(stage)
            world.recover()
            return any("died while it worked on nothing but this object" in reason for reason in reasons)

        return Scenario(f"{stage}: an object kills each run", play, small_and_special)

    return [killed(stage) for stage in STAGES]


def _disk() -> list[Scenario]:
    """If the disk is full in all attempts, a dead letter says so. Once there is room, it is sent back."""

    def full(stage: str) -> Scenario:
        def play(world: World) -> bool:
            large(world)
            lead_to(world, stage)
            world.recover(file_bytes=1 << 20)
            is_full = any("File too large" in letter for letter in world.redrive(stage))
            world.recover()
            return is_full

        return Scenario(f"{stage}: the disk is full", play, large)

    return [full(stage) for stage in STAGES]
