"""Which object is charged when tasks die. Spark is simulated: locally, no executor dies without the driver."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO

import pytest
from botocore.exceptions import ClientError
from datalake import policy
from datalake.driver.spark_tasks import TaskDiedError
from datalake.engine import Conversion
from datalake.lake.claims import Task
from datalake.lake.manifest import Manifest
from datalake.stages.csv_to_json import CSV_TO_JSON
from datalake.worker.outcome import Outcome
from datalake.worker.stage import Stage, Work
from datalake.worker.worker import Settings, Worker
from driven_lake import DrivenLake
from emulator.client import LocalAws

pytestmark = pytest.mark.one_spark


@pytest.fixture
def lake(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> DrivenLake:
    return DrivenLake(aws, monkeypatch)


class Executor:
    """One executor. An object named `kill` kills it, together with every task that runs at that time."""

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
            processor._manifest.claim(task, "dataset")  # died before it came to its end
            with self._lock:
                if "kill" in task.arrival.key:
                    self._lock.wait_for(lambda: self._running == self.slots, timeout=0.3)
                    self._lost += 1
                    self._lock.notify_all()
                    raise TaskDiedError("ExecutorLostFailure", is_alone=False)
                if self._lock.wait_for(lambda: self._lost > lost, timeout=0.6):
                    raise TaskDiedError("ExecutorLostFailure", is_alone=False)
            outcomes.append(processor.process(task))
        return outcomes


def drain(lake: DrivenLake, tasks: Any, run: str = "jr_1") -> Counter[str]:
    return lake.drain(CSV_TO_JSON, tasks=tasks, run=run, idle_seconds=policy.IDLE_SECONDS)


def test_only_the_object_that_takes_an_executor_down_alone_is_charged(lake: DrivenLake) -> None:
    uploads = [lake.upload(f"raw/{name}.csv", b"id\n1\n") for name in ("good-1", "kill", "good-2")]

    tally = drain(lake, Executor)

    assert (tally["SUCCEEDED"], tally["RETRYING"], tally["FAILED"]) == (2, 3, 1)
    found = [(lake.item(upload)["status"], lake.item(upload)["attempts"]) for upload in uploads]
    assert found == [("SUCCEEDED", 1), ("FAILED", 4), ("SUCCEEDED", 1)]
    (letter,) = lake.dead_letters()
    assert letter["body"] == uploads[1].event
    assert (letter["ErrorType"], letter["Reason"]) == ("TaskDied", "ExecutorLostFailure")


def test_a_death_that_cannot_be_charged_does_not_end_the_run(
    lake: DrivenLake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    killer, good = (lake.upload(f"raw/{name}.csv", b"id\n1\n") for name in ("kill", "good"))
    charge, refused = Manifest.charge, list[Any]()

    def throttled_once(self: Manifest, *arguments: Any) -> Any:
        if not refused:
            refused.append(arguments)
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "GetItem")
        return charge(self, *arguments)

    monkeypatch.setattr(Manifest, "charge", throttled_once)

    tally = drain(lake, Executor)

    assert refused
    assert '"type": "ClientError", "message": "An error occurred (ThrottlingException)' in capsys.readouterr().out
    assert (tally["SUCCEEDED"], tally["UNRECORDED"], tally["RETRYING"], tally["FAILED"]) == (1, 1, 3, 1)
    assert (lake.item(killer)["status"], lake.item(good)["status"]) == ("FAILED", "SUCCEEDED")


def test_a_task_that_dies_before_it_has_begun_does_not_go_on_for_ever(lake: DrivenLake) -> None:
    sizes = list[int]()

    class Dead:
        slots = 1

        def __init__(self, *_: object) -> None:
            pass

        def run(self, tasks: Sequence[Task]) -> list[Outcome]:
            sizes.append(len(tasks))
            assert len(sizes) < 300
            raise TaskDiedError("Python worker exited unexpectedly", is_alone=True)

    for n in range(3):
        lake.upload(f"raw/{n}.csv", b"id\n1\n")

    tally = drain(lake, Dead)

    assert sizes[:5] == [3, 3, 3, 3, 1], "in company, then alone"
    assert tally == {"UNRECORDED": 24, "FAILED": 3}
    assert len(lake.dead_letters()) == 3


def test_an_error_that_is_no_objects_ends_the_run_and_gives_back_what_waits(
    lake: DrivenLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        slots = 1

        def __init__(self, *_: object) -> None:
            pass

        def run(self, _: Sequence[Task]) -> list[Outcome]:
            raise ConnectionError("Spark is gone")

    monkeypatch.setattr("datalake.policy.GROUP_OBJECTS", 1)
    for n in range(4):
        lake.upload(f"raw/{n}.csv", b"id\n1\n")

    with pytest.raises(ConnectionError):
        drain(lake, Broken)

    received = lake.sqs.receive_message(QueueUrl=lake.work, MaxNumberOfMessages=10)["Messages"]
    assert len(received) == 3
    assert not lake.dead_letters()


class KilledError(BaseException):
    """Passes all handlers of exceptions, as a kill does."""


class Mortal(Executor):
    """A run that an object named `kill` kills: the driver, and every task that runs at that time."""

    def _run(self, tasks: Sequence[Task], lost: int) -> list[Outcome]:
        stage = replace(self._stage, convert=partial(self._convert, lost))
        worker = Worker(stage, self._settings)
        return [worker.processor(task.arrival).process(task) for task in tasks]

    def _convert(self, lost: int, work: Work, sink: BinaryIO) -> Conversion:
        with self._lock:
            if "kill" in work.arrival.key:
                self._lock.wait_for(lambda: self._running == self.slots, timeout=0.3)
                self._lost += 1
                self._lock.notify_all()
            self._lock.wait_for(lambda: self._lost > lost, timeout=0.6)
            if self._lost > lost:
                raise KilledError
        return self._stage.convert(work, sink)


def test_an_object_that_kills_each_run_is_a_dead_letter_after_it_was_the_only_one_in_four(lake: DrivenLake) -> None:
    good, killer, better = (lake.upload(f"raw/{name}.csv", b"id\n1\n") for name in ("good", "kill", "better"))
    killed = 0

    for number in range(10):
        try:
            drain(lake, Mortal, f"jr_{number}")
        except KilledError:
            killed += 1
            lake.queue.show_again()
        for upload in (good, killer, better):
            lake.end_lease(upload)
        if number == 2:
            assert [lake.item(upload)["status"] for upload in (good, better)] == ["SUCCEEDED"] * 2
        if lake.item(killer)["status"] == "FAILED":
            break

    assert killed == 1 + 4, "in company, then alone"
    item = lake.item(killer)
    assert (item["status"], item["attempts"], item["error"]["type"]) == ("FAILED", 4, "RunDied")
    assert [lake.item(upload)["attempts"] for upload in (good, better)] == [1, 1]
    (letter,) = lake.dead_letters()
    assert (letter["body"], letter["Attempts"], letter["ErrorType"]) == (killer.event, "4", "RunDied")
    assert letter["Reason"] == "the run jr_4 died while it worked on nothing but this object"
    assert lake.backlog() == 0
