"""The loop of a run: receive, let Spark work, settle, until the queue is empty."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any

from datalake import policy
from datalake.driver.backlog import Assignment, Backlog
from datalake.driver.deaths import charge
from datalake.driver.intake import Intake
from datalake.driver.metrics import OBJECTS_UNSEEN, Metrics
from datalake.driver.reconciliation import Reconciliation
from datalake.driver.request import Request
from datalake.driver.settlement import Settlement
from datalake.driver.spark_tasks import SparkTasks, TaskDiedError
from datalake.driver.work_queue import Message, WorkQueue
from datalake.lake.state import State
from datalake.log import log
from datalake.worker.outcome import Outcome, describe, error_of
from datalake.worker.stage import Stage
from datalake.worker.worker import Settings, Worker


class Drain:
    """One run of a job. The main thread owns all state; slow calls are futures, each with a function that follows."""

    def __init__(self, stage: Stage, settings: Settings, queue: WorkQueue, metrics: Metrics) -> None:
        """Calls nothing yet."""
        self._stage, self._settings, self._queue, self._metrics = stage, settings, queue, metrics
        self._worker = Worker(stage, settings)
        self._backlog = Backlog()
        self._settlement = Settlement(settings, queue, self._backlog, metrics)
        self._pool = ThreadPoolExecutor(policy.THREADS)
        self._intake = Intake(settings.arguments, stage.prefix, queue, self._backlog, self._settlement)
        self._tasks: SparkTasks | None = None
        self._reconciliation: Reconciliation | None = None
        self._reconciling = 0
        self._futures: dict[Future[Any], Callable[[Future[Any]], None]] = {}
        self._running: list[Sequence[Assignment]] = []
        self._receivers, self._wanted_receivers, self._is_stopping = 0, 1, False
        self._started = self._last_work = time.monotonic()
        # No other run works. Messages hidden now belong to a run that died, or were deferred, perhaps for longer.
        self._stays_until = self._started + (queue.visibility_seconds + policy.POLL_SECONDS if queue.has_hidden else 0)

    def stop(self) -> None:
        """Begins nothing more. Tasks that run come to their end."""
        self._is_stopping = True

    def run(self) -> Counter[str]:
        """Drains the queue. Ends at once if it is empty and no message of a dead run can come back.

        Returns:
            The number of object versions by their state.
        """
        try:
            messages = self._receive()
            while not (messages or self._is_stopping) and time.monotonic() < self._stays_until:
                messages = self._queue.receive(policy.POLL_SECONDS)
            self._take(messages)
            if messages:
                self._loop()
        finally:
            self._give_back()
            receiving = [future for future, follow in self._futures.items() if follow == self._received]
            for future in receiving:
                # Messages that arrive after an error go back as they are.
                self._io(self._queue.hide, [] if future.exception() else future.result(), 0)
            self._pool.shutdown()
            self._metrics.send(is_last=True)
        return self._settlement.tally

    def _loop(self) -> None:
        while True:
            if not self._is_over():
                self._receive_more()
                self._start_groups()
            elif not self._futures:
                return
            done, _ = wait(self._futures, policy.TICK_SECONDS, FIRST_COMPLETED)
            for future in done:
                self._futures.pop(future)(future)
            seconds = self._queue.visibility_seconds
            touched = list(self._backlog.touch(seconds / policy.BEATS_PER_LEASE))
            if touched:
                self._io(self._queue.hide, touched, seconds)
            self._metrics.send()

    def _is_over(self) -> bool:
        now, arguments = time.monotonic(), self._settings.arguments
        if self._is_stopping or now - self._started > arguments.max_seconds:
            self._give_back()
            return True
        quiet_since = max(self._last_work, self._settlement.deferred_until)
        is_quiet = now > self._stays_until and now - quiet_since > arguments.idle_seconds
        return is_quiet and not (len(self._backlog) or self._reconciling)

    def _receive_more(self) -> None:
        room = 2 * self._slots * policy.GROUP_OBJECTS - len(self._backlog)
        while self._receivers < min(self._wanted_receivers, room // policy.BATCH):
            self._receivers += 1
            future = self._pool.submit(self._receive)
            self._futures[future] = self._received

    def _receive(self) -> list[Message]:
        return self._queue.receive(min(policy.POLL_SECONDS, int(self._settings.arguments.idle_seconds)))

    def _received(self, future: Future[list[Message]]) -> None:
        self._receivers -= 1
        messages = future.result()
        self._wanted_receivers = policy.MOST_RECEIVERS if len(messages) == policy.BATCH else 1
        self._take(messages)

    def _take(self, messages: Sequence[Message]) -> None:
        if messages:
            self._last_work = time.monotonic()
        self._intake.take(messages, self._io, self._reconcile)
        if len(self._backlog) and not self._tasks:
            self._tasks = SparkTasks(self._stage, self._settings)

    def _reconcile(self, request: Request, message: Message) -> None:
        if not self._reconciliation:
            self._reconciliation = Reconciliation(self._settings.arguments, self._stage.prefix, self._queue)
        self._reconciling += 1
        self._futures[self._pool.submit(self._reconciliation.run, request, message)] = self._reconciled

    def _reconciled(self, future: Future[int]) -> None:
        self._reconciling -= 1
        self._last_work = time.monotonic()
        if future.exception():
            _log_failure(future)
        else:
            self._metrics.count(OBJECTS_UNSEEN, future.result())

    @property
    def _slots(self) -> int:
        return min(self._tasks.slots, policy.THREADS // 2) if self._tasks else 1

    def _start_groups(self) -> None:
        while (free := self._slots - len(self._running)) > 0:
            if any(group[0].state == State.EXCLUSIVE for group in self._running):
                return
            group = self._backlog.cut(free, is_quiet=not self._running)
            if not group or not self._tasks:
                return
            self._running.append(group)
            tasks = [assignment.task(is_alone=len(group) == 1) for assignment in group]
            self._futures[self._pool.submit(self._tasks.run, tasks)] = partial(self._worked, group)

    def _worked(self, group: Sequence[Assignment], future: Future[list[Outcome]]) -> None:
        self._running.remove(group)
        self._last_work = time.monotonic()
        try:
            outcomes = future.result()
        except TaskDiedError as error:
            self._died(group, error)
        else:
            self._settlement.settle(group, outcomes, self._io)

    def _died(self, group: Sequence[Assignment], error: TaskDiedError) -> None:
        """A task died. Which object was at fault shows once it has had a task, or the whole run, to itself."""
        for assignment in group:
            assignment.deaths += 1
        log("task_died", error=error_of(error), group=len(group))
        if len(group) > 1:
            # The object that was in work has a claim in the manifest, so it will ask for a task to itself.
            is_hopeless = group[0].deaths >= policy.MOST_ATTEMPTS
            self._backlog.put_back(group, State.ALONE if is_hopeless else State.WAITING)
        elif not error.is_alone and group[0].state != State.EXCLUSIVE:
            # Another task may have taken the executor down.
            self._backlog.put_back(group, State.EXCLUSIVE)
        else:
            self._charge(group, describe("TaskDied", str(error)))

    def _charge(self, group: Sequence[Assignment], error: dict[str, str]) -> None:
        outcome = charge(self._worker, group[0], error)
        if outcome:
            self._settlement.settle(group, [outcome], self._io)
        else:
            self._backlog.put_back(group, State.ALONE)

    def _give_back(self) -> None:
        """Makes messages that no task has begun with visible, so that the next run gets them at once."""
        waiting = [message for assignment in self._backlog.take_waiting() for message in assignment.messages]
        if waiting:
            self._io(self._queue.hide, waiting, 0)

    def _io(self, function: Callable[..., None], *arguments: Any) -> None:
        """Makes a call to AWS in a thread. If it fails, the only cost is that the message comes again."""
        self._futures[self._pool.submit(function, *arguments)] = _log_failure


def _log_failure(future: Future[Any]) -> None:
    error = future.exception()
    if error:
        log("call_failed", error=error_of(error))
