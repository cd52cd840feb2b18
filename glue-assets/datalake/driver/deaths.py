"""What a dead task costs the object that had it to itself."""

from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from datalake import policy
from datalake.driver.backlog import Assignment
from datalake.lake.state import State
from datalake.log import log
from datalake.worker.outcome import Outcome, error_of, failed
from datalake.worker.worker import Worker


def charge(worker: Worker, assignment: Assignment, error: Mapping[str, str]) -> Outcome | None:
    """Counts the death as a failed attempt.

    Returns:
        The outcome, or None if the object needs another task: the dead one had not begun with it, or had committed it.
    """
    arrival = assignment.arrival
    try:
        outcome = worker.processor(arrival).charge(arrival, error)
    except (BotoCoreError, ClientError) as refusal:
        # The run goes on. The message comes again, and the claim that is left says that the object goes on alone.
        log("charge_failed", object=arrival.object, version=arrival.version, error=error_of(refusal))
        return failed(error, State.UNRECORDED)
    is_hopeless = assignment.deaths >= policy.MOST_ATTEMPTS
    return failed(error, State.UNRECORDED) if outcome is None and is_hopeless else outcome
