"""Which object pays when tasks die: Spark's part is played, since no executor can be lost here without the driver."""

import threading
from collections.abc import Sequence
from typing import Any

import boto3
import pytest
from datalake.csv_to_json import CSV_TO_JSON
from datalake.drain import Drain
from datalake.metrics import Metrics
from datalake.outcome import Outcome
from datalake.spark_tasks import TaskDiedError
from datalake.stage import Stage
from datalake.work_queue import WorkQueue
from datalake.worker import Settings, Task, Worker
from lake_harness import Lake


class Executor:
    """All tasks on one executor, which an object named `kill` takes down, with every task that runs at that time."""

    slots = 3

    def __init__(self, stage: Stage, settings: Settings) -> None:
        self._stage, self._settings = stage, settings
        self._lock, self._running, self._lost = threading.Condition(), 0, 0

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        with self._lock:
            self._running += 1
            lost = self._lost
            self._lock.notify_all()
        try:
            return self._run(tasks, lost)
        finally:
            with self._lock:
                self._running -= 1

    def _run(self, tasks: Sequence[Task], lost: int) -> list[Outcome]:
        outcomes, worker = [], Worker(self._stage, self._settings)
        for task in tasks:
            processor = worker.processor(task.arrival)
            processor._manifest.claim(task.arrival, "dataset", task.request)  # died before it came to its end
            with self._lock:
                if "kill" in task.arrival.key:
                    self._lock.wait_for(lambda: self._running == self.slots, timeout=0.3)
                    self._lost += 1
                    self._lock.notify_all()
                    raise TaskDiedError("ExecutorLostFailure", is_alone=False)
                if self._lock.wait_for(lambda: self._lost > lost, timeout=0.6):
                    raise TaskDiedError("ExecutorLostFailure", is_alone=False)
            outcomes.append(processor.process(task.arrival, task.request))
        return outcomes


def run(lake: Lake, monkeypatch: pytest.MonkeyPatch, tasks: Any) -> dict[str, int]:
    monkeypatch.setattr("datalake.drain.SparkTasks", tasks)
    arguments = lake.arguments(idle_seconds=1)
    queue = WorkQueue(boto3.client("sqs"), lake.work, lake.dead)
    metrics = Metrics(boto3.client("cloudwatch"), arguments, "process-csv")
    return dict(Drain(CSV_TO_JSON, Settings(arguments, 60, backoff_seconds=0.001), queue, metrics).run())


def test_only_the_object_that_takes_an_executor_down_alone_is_charged(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = [lake.upload(f"raw/{name}.csv", b"id\n1\n") for name in ("good-1", "kill", "good-2")]

    tally = run(lake, monkeypatch, Executor)

    assert (tally["SUCCEEDED"], tally["RETRYING"], tally["FAILED"]) == (2, 3, 1)
    found = [(lake.item(upload)["status"], lake.item(upload)["attempts"]) for upload in uploads]
    assert found == [("SUCCEEDED", 1), ("FAILED", 4), ("SUCCEEDED", 1)]
    (letter,) = lake.dead_letters()
    assert letter["body"] == uploads[1].event


def test_a_task_that_dies_before_it_has_begun_does_not_go_on_for_ever(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dead:
        slots = 1

        def __init__(self, *_: object) -> None:
            self.runs = 0

        def run(self, _: Sequence[Task]) -> list[Outcome]:
            self.runs += 1
            assert self.runs < 300
            raise TaskDiedError("Python worker exited unexpectedly", is_alone=True)

    for n in range(3):
        lake.upload(f"raw/{n}.csv", b"id\n1\n")

    tally = run(lake, monkeypatch, lambda *_: Dead())

    assert tally == {"UNRECORDED": 27}
    assert len(lake.dead_letters()) == 3


def test_an_error_that_is_no_objects_ends_the_run_and_gives_back_what_waits(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        slots = 1

        def __init__(self, *_: object) -> None:
            pass

        def run(self, _: Sequence[Task]) -> list[Outcome]:
            raise ConnectionError("Spark is gone")

    monkeypatch.setattr("datalake.backlog.GROUP_OBJECTS", 1)
    for n in range(4):
        lake.upload(f"raw/{n}.csv", b"id\n1\n")

    with pytest.raises(ConnectionError):
        run(lake, monkeypatch, Broken)

    received = lake.sqs.receive_message(QueueUrl=lake.work, MaxNumberOfMessages=10)["Messages"]
    assert len(received) == 3
    assert not lake.dead_letters()
