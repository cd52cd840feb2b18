"""What a run does with each message that it receives."""

from collections.abc import Callable, Sequence

from datalake import policy
from datalake.arguments import Arguments
from datalake.driver.arrivals import NotAnArrivalError, PassedOverError, parse
from datalake.driver.backlog import Backlog
from datalake.driver.request import Request, requested
from datalake.driver.settlement import Settlement
from datalake.driver.work_queue import Message, WorkQueue
from datalake.lake.arrival import ForeignBucketError
from datalake.lake.state import State
from datalake.worker.outcome import Outcome, error_of, failed


class Intake:
    """Adds messages to the backlog, and settles those that ask for no work of a Spark task."""

    def __init__(
        self, arguments: Arguments, prefix: str, queue: WorkQueue, backlog: Backlog, settlement: Settlement
    ) -> None:
        """Calls nothing yet."""
        self._arguments, self._prefix = arguments, prefix
        self._queue, self._backlog, self._settlement = queue, backlog, settlement

    def take(
        self, messages: Sequence[Message], io: Callable[..., None], reconcile: Callable[[Request, Message], None]
    ) -> None:
        """Takes messages.

        Args:
            messages: as they were received.
            io: runs a function in another thread.
            reconcile: called for a message that asks for what no event has told of.
        """
        for message in messages:
            try:
                request = requested(message, self._arguments, self._prefix)
                if request:
                    reconcile(request, message)
                    continue
                arrival = parse(message.body, self._arguments, self._prefix)
            except PassedOverError as passed:
                self._settlement.report(Outcome(State.DONE), message=message.id, passed_over=str(passed))
                io(self._queue.delete, [message])
            except ForeignBucketError as error:
                self._settlement.report(failed(error_of(error), State.FOREIGN), message=message.id)
                io(self._queue.delete, [message])
            except NotAnArrivalError as error:
                outcome = failed(error_of(error), State.REJECTED)
                self._settlement.report(outcome, message=message.id)
                io(self._settlement.bury, [message], outcome)
            else:
                if not self._backlog.add(arrival, message):
                    self._settlement.defer([message], policy.BACKOFF_SECONDS, io)
