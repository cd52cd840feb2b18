"""A lake whose runs need no Spark and do not wait: tasks are threads, and polls without a message turn the clock."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

import boto3
import pytest
from datalake import policy
from datalake.driver.drain import Drain
from datalake.driver.metrics import Metrics
from datalake.driver.work_queue import Message, WorkQueue
from datalake.lake.claims import Task
from datalake.worker.outcome import Outcome
from datalake.worker.stage import Stage
from datalake.worker.worker import Settings, Worker
from emulator.client import LocalAws
from faulty_stages import FAULTY
from lake_harness import Lake


class Clock:
    """The time of the driver, the manifest and the account: the machine's, and the seconds that it was turned."""

    def __init__(self, aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
        self._aws, self.turned = aws, 0.0
        for module in ("backlog", "drain", "metrics", "settlement"):
            monkeypatch.setattr(f"datalake.driver.{module}.time", self)
        monkeypatch.setattr("datalake.lake.manifest.datetime", self)

    def turn(self, seconds: float) -> None:
        self.turned += seconds
        self._aws.turn_clock(seconds)

    def monotonic(self) -> float:
        return time.monotonic() + self.turned

    def time(self) -> float:
        return time.time() + self.turned

    def now(self, zone: tzinfo) -> datetime:
        return datetime.now(zone) + timedelta(seconds=self.turned)


class Queue(WorkQueue):
    """The work queue of a run."""

    def __init__(self, lake: Lake, clock: Clock) -> None:
        super().__init__(boto3.client("sqs"), lake.work, lake.dead)
        self._clock = clock
        self.received: list[Message] = []
        self.is_busy: Callable[[], bool] = lambda: False

    def receive(self, wait_seconds: int) -> list[Message]:
        """Polls without a wait. Its time passes at once if nothing else is under way."""
        messages = super().receive(0)
        if not messages and self.is_busy():
            time.sleep(0.02)
        elif not messages:
            self._clock.turn(max(1, wait_seconds))
            messages = super().receive(0)
        self.received += messages
        return messages

    def show_again(self) -> None:
        """Ends the visibility timeout of all messages that were received."""
        self.hide(self.received, 0)


class Threads:
    """Tasks in the place of Spark's: one after the other, since Spark's processes have no thread beside their own."""

    slots = 3

    def __init__(self, stage: Stage, settings: Settings) -> None:
        self._worker, self._lock = Worker(stage, settings), threading.Lock()

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        with self._lock:
            return [self._worker.processor(task.arrival).process(task) for task in tasks]


class DrivenLake(Lake):
    """A lake with one customer and a clock."""

    def __init__(self, aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.clock, self._monkeypatch = Clock(aws, monkeypatch), monkeypatch
        self.add_customer("acme")

    def new_run(self, stage: Stage, *, tasks: Any = Threads, has_hidden: bool = False, **more: Any) -> Drain:
        """A run. It waits only for objects that it will try again, and for messages of a run that died."""
        self._monkeypatch.setattr("datalake.driver.drain.SparkTasks", tasks)
        seconds = {"idle_seconds": policy.IDLE_SECONDS if stage is FAULTY else 0, "max_seconds": policy.RUN_SECONDS}
        arguments = self.arguments(**seconds | more)
        self.queue = Queue(self, self.clock)
        self.queue.has_hidden &= has_hidden
        metrics = Metrics(boto3.client("cloudwatch"), arguments, stage.name)
        run = Drain(stage, Settings(arguments, self.queue.visibility_seconds, backoff_seconds=0.1), self.queue, metrics)
        self.queue.is_busy = lambda: any(follow != run._received for follow in [*run._futures.values()])
        return run

    def drain(self, stage: Stage, **more: Any) -> Counter[str]:
        """One run, as `new_run` makes it."""
        return self.new_run(stage, **more).run()
