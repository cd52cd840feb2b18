"""Runs of the jobs as processes of their own, without Spark: a process can die in them all the same."""

import os
import resource
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, BinaryIO

import botocore.session
from botocore.loaders import Loader
from datalake import job
from datalake.driver import drain
from datalake.driver.spark_tasks import TaskDiedError
from datalake.driver.work_queue import Message, WorkQueue
from datalake.engine import Conversion
from datalake.lake.claims import Task
from datalake.stages.csv_to_json import CSV_TO_JSON
from datalake.stages.json_to_parquet import JSON_TO_PARQUET
from datalake.worker.outcome import Outcome
from datalake.worker.stage import Stage, Work
from datalake.worker.worker import Settings, work

from faults.injection import Fault, Injection

STAGES = {stage.name: stage for stage in (CSV_TO_JSON, JSON_TO_PARQUET)}
BACKOFF_SECONDS = 0.05
SLOW_SECONDS = 2.5
PAUSE_SECONDS = 0.1
#: Forks from a process that has imported everything and has no threads.
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["faults.runs"])
_LOADER = Loader()


@dataclass(frozen=True)
class Start:
    """The settings of a run's process.

    Attributes:
        folder: of the scenario: logs, records of calls.
        apart: groups of objects are worked on in processes of their own, as Spark's workers do.
        file_bytes: no file can be longer, as on a disk that is full.
        deadly: whoever works on an object with this in its key is killed.
        slow: an object with this in its key takes longer than its message may go without a sign of life.
    """

    stage: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    fault: Fault | None = None
    apart: bool = False
    file_bytes: int | None = None
    deadly: str | None = None
    slow: str | None = None

    @property
    def work(self) -> Stage:
        """The stage, with the object that kills or takes long."""
        stage = STAGES[self.stage]
        return replace(stage, convert=partial(_convert, self, stage)) if self.deadly or self.slow else stage


class Queue(WorkQueue):
    """A run without idle time polls all the time while it works, so this queue limits it to ten polls a second."""

    def receive(self, wait_seconds: int) -> list[Message]:
        messages = super().receive(wait_seconds)
        if not messages:
            time.sleep(PAUSE_SECONDS)
        return messages


class Inside:
    """The worker is the driver: one process, one task after the other, so that calls come in the same order."""

    slots = 1

    def __init__(self, stage: Stage, settings: Settings) -> None:
        self._work = partial(work, stage, settings)

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return self._work(tasks)


class Apart:
    """A process for each group."""

    slots = 2

    def __init__(self, start: Start, _: Stage, settings: Settings) -> None:
        self._start, self._settings = start, settings

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        ours, theirs = PROCESSES.Pipe()
        process = PROCESSES.Process(target=_work_apart, args=(self._start, self._settings, tasks, theirs))
        process.start()
        theirs.close()
        try:
            outcomes: list[Outcome] = ours.recv()
        except EOFError as error:
            process.join()
            raise TaskDiedError(f"exit code {process.exitcode}", is_alone=True) from error
        process.join()
        return outcomes


def start_run(start: Start) -> BaseProcess:
    """Starts a run; the process that it returns ends with it."""
    process = PROCESSES.Process(target=_run, args=(start,))
    process.start()
    return process


def _run(start: Start) -> None:
    _prepare(start)
    vars(drain)["SparkTasks"] = partial(Apart, start) if start.apart else Inside
    vars(job)["WorkQueue"] = Queue
    vars(job)["Settings"] = partial(Settings, backoff_seconds=BACKOFF_SECONDS)
    job.main(start.work, start.argv)


def _work_apart(start: Start, settings: Settings, tasks: Sequence[Task], answer: Connection) -> None:
    _prepare(start)
    answer.send(work(start.work, settings, tasks))


def _convert(start: Start, stage: Stage, work: Work, sink: BinaryIO) -> Conversion:
    if start.deadly and start.deadly in work.arrival.key:
        os.kill(os.getpid(), signal.SIGKILL)
    if start.slow and start.slow in work.arrival.key:
        time.sleep(SLOW_SECONDS)
    return stage.convert(work, sink)


def _prepare(start: Start) -> None:
    os.environ.update(start.environment)
    log = (start.folder / f"{start.stage}.log").open("a", buffering=1)
    sys.stdout = sys.stderr = log
    if start.file_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (start.file_bytes, start.file_bytes))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    # Reading the models of the services takes most of a short run's time.
    vars(botocore.session)["create_loader"] = lambda *_: _LOADER
    Injection(start.stage, start.fault, start.folder)


def _warm() -> None:
    """Reads everything that all processes need into shared memory."""
    session = botocore.session.Session()
    session.register_component("data_loader", _LOADER)
    options: Any = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    for service in ("s3", "sqs", "sts", "glue", "dynamodb", "cloudwatch"):
        session.create_client(service, **options)


if __name__ != "__main__":
    _warm()
