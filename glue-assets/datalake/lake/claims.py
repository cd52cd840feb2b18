"""What a worker does with an object version that has an item in the manifest: decided from the item alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from datalake.lake.arrival import Arrival
from datalake.lake.state import State

Item = Mapping[str, Any]
#: Error type of a version that was the only one in work when its run died.
RUN_DIED = "RunDied"


@dataclass(frozen=True)
class Task:
    """One object version to work on, and how its messages ask for it.

    Attributes:
        sent_at: when the newest message was sent, in seconds of the epoch.
        is_redriven: one of the messages has been a dead letter of the job.
        is_alone: the Spark task has no other object.
        is_exclusive: no other task runs meanwhile.
        is_repeated: an earlier task of this run died with the version, and its outcome is unknown.
    """

    arrival: Arrival
    sent_at: float
    is_redriven: bool = False
    is_alone: bool = False
    is_exclusive: bool = False
    is_repeated: bool = False


@dataclass(frozen=True)
class Claim:
    """A version that belongs to this worker while its lease lasts.

    Attributes:
        attempts: attempts that came to an end before this one.
        is_first: nobody has claimed the version before.
        died_with: a run that died while it worked on this version alone. That attempt has to be recorded.
        former: the item as the claim found it. It names what the version has become if it is processed again.
    """

    arrival: Arrival
    lease_id: str
    attempts: int = 0
    is_first: bool = False
    died_with: str = ""
    former: Item = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """What becomes of a version.

    Attributes:
        state: PROCESSING: take it. ALONE or EXCLUSIVE: take it under that condition. HELD: another worker has it. DONE:
            nothing is left to do. FAILED or REJECTED: it was given up, and nobody has asked for it again.
        attempts: attempts that count.
        until: with HELD, when the lease ends, in seconds of the epoch.
        item: with DONE, FAILED or REJECTED, the item of the version.
        died_with: with PROCESSING, a run that died while it worked on this version alone. That was an attempt; the
            worker only records it.
    """

    state: State
    attempts: int = 0
    until: float = 0
    item: Item | None = None
    died_with: str = ""


def decide(item: Item, task: Task, job_run_id: str, now: float) -> Decision:
    """Decides what to do with a version by its item.

    A claim that a dead task of this very run left behind was interrupted, perhaps by the object itself. It goes on
    alone, and the driver charges it if its task dies again. A claim whose lease has ended was interrupted with its
    whole run. It goes on when no other task runs, and is charged if that run dies, too. No other version is charged: to
    lose all its attempts, an object has to be the only one in work in four runs that are killed from outside.

    A version that was given up is tried again if it was asked for afterwards: a redrive makes its message a new one.
    An older message is a duplicate, or the job died before it sent the dead letter.

    A version that succeeded is processed again if a message asks for that, and the item names no request as late as it.
    """
    status, attempts = item["status"], int(item.get("attempts", 0))
    alone = Decision(State.PROCESSING if task.is_alone else State.ALONE, attempts)
    exclusive = replace(alone, state=State.PROCESSING if task.is_exclusive else State.EXCLUSIVE)
    with_care = exclusive if item.get("error", {}).get("type") == RUN_DIED else alone
    match status:
        case State.PROCESSING if item["job_run_id"] == job_run_id:
            return alone
        case State.PROCESSING if (lease_until := float(item["lease_until"])) > now:
            return Decision(State.HELD, until=lease_until)
        case State.PROCESSING if item.get("is_exclusive"):
            return Decision(State.PROCESSING, attempts, died_with=item["job_run_id"])
        case State.PROCESSING:
            return exclusive
        case State.RETRYING:
            return with_care
        case State.FAILED | State.REJECTED:
            given_up_at = datetime.fromisoformat(item["updated_at"]).timestamp()
            if not task.is_redriven and task.sent_at <= given_up_at:
                return Decision(State(status), attempts, item=item)
            is_harmless = status == State.REJECTED
            return Decision(State.PROCESSING if is_harmless else with_care.state)
        case State.SUCCEEDED if task.arrival.replay > item.get("replay", ""):
            return Decision(State.PROCESSING)
    return Decision(State.DONE, attempts, item=item)
