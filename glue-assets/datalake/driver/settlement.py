"""What happens to messages once the outcome of their objects is known."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from datalake import policy
from datalake.driver.backlog import Assignment, Backlog
from datalake.driver.metrics import Metrics
from datalake.driver.work_queue import Message, WorkQueue
from datalake.lake.arrival import Arrival
from datalake.lake.state import State
from datalake.log import log
from datalake.worker.outcome import Outcome
from datalake.worker.worker import Settings


class Settlement:
    """Deletes, defers or buries messages, and reports it to log and metrics.

    Attributes:
        tally: object versions by state.
        deferred_until: when the last deferred message comes again that the run waits for, by the monotonic clock.
    """

    def __init__(self, settings: Settings, queue: WorkQueue, backlog: Backlog, metrics: Metrics) -> None:
        """Nothing is settled yet."""
        self._settings, self._queue, self._backlog, self._metrics = settings, queue, backlog, metrics
        self.tally: Counter[str] = Counter()
        self.deferred_until = 0.0

    def settle(self, group: Sequence[Assignment], outcomes: Sequence[Outcome], io: Callable[..., None]) -> None:
        """Settles the messages of a group.

        Args:
            group: the object versions of a task.
            outcomes: theirs, in the same order.
            io: runs a function in another thread.
        """
        over: list[Message] = []
        for assignment, outcome in zip(group, outcomes, strict=True):
            if outcome.state.is_in_backlog:
                self._backlog.put_back([assignment], outcome.state)
                continue
            self._backlog.remove(assignment)
            if self._is_last_chance(assignment, outcome):
                outcome = replace(outcome, state=State.FAILED)
            self.report(outcome, assignment.arrival)
            if outcome.state.is_over:
                over += assignment.messages
            elif outcome.state.is_given_up:
                io(self.bury, assignment.messages, outcome)
            else:
                self.defer(assignment.messages, self._wait_seconds(assignment, outcome), io)
        if over:
            io(self._queue.delete, over)

    def defer(self, messages: Sequence[Message], seconds: float, io: Callable[..., None]) -> None:
        """Lets messages come again after this time. The run waits for them unless that is long."""
        if seconds <= policy.STAY_SECONDS:
            self.deferred_until = max(self.deferred_until, time.monotonic() + seconds)
        io(self._queue.hide, messages, seconds)

    def bury(self, messages: Sequence[Message], outcome: Outcome) -> None:
        """Turns messages about one version into a dead letter with the reason."""
        error = outcome.error or {}
        reason = {
            "Reason": error.get("message", ""),
            "ErrorType": error.get("type", ""),
            "Attempts": str(outcome.attempts),
            "JobRunId": self._settings.arguments.JOB_RUN_ID,
        }
        self._queue.bury(messages, reason)

    def report(self, outcome: Outcome, arrival: Arrival | None = None, **facts: Any) -> None:
        """Writes one line of the log for one outcome."""
        self.tally[outcome.state] += 1
        self._metrics.add(outcome)
        about = {"object": arrival.object, "version": arrival.version} if arrival else {}
        log(
            "object",
            **about,
            result=outcome.state,
            error=outcome.error,
            attempts=outcome.attempts,
            **outcome.figures,
            advice=outcome.advice,
            seconds=round(outcome.seconds, 3),
            **facts,
        )

    def _wait_seconds(self, assignment: Assignment, outcome: Outcome) -> float:
        """Seconds until a message should come again."""
        if outcome.state == State.HELD:
            return max(1.0, outcome.until + 1 - time.time())
        tries = outcome.attempts if outcome.state == State.RETRYING else assignment.receives
        return float(min(policy.LONGEST_BACKOFF_SECONDS, self._settings.backoff_seconds * 2 ** (tries - 1)))

    def _is_last_chance(self, assignment: Assignment, outcome: Outcome) -> bool:
        """True if SQS would soon move the message to the dead-letter queue itself, without a reason.

        This is for versions that the manifest cannot be asked about. Otherwise its attempts decide.
        """
        most = self._queue.most_receives
        return outcome.state == State.UNRECORDED and most is not None and assignment.receives >= most - 1
