"""What a worker does with an object version that somebody has had before: decided from its item alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

Item = Mapping[str, Any]
#: Type of the error of a version that was the only one in the hand of a run that died.
RUN_DIED = "RunDied"


class Status(StrEnum):
    """Of an object version, in the manifest."""

    PROCESSING = "PROCESSING"
    SUCCEEDED = "SUCCEEDED"
    RETRYING = "RETRYING"
    FAILED = "FAILED"
    REJECTED = "REJECTED"
    SUPERSEDED = "SUPERSEDED"


class Verdict(StrEnum):
    """What to do with a version that has an item."""

    TAKE = "take it"
    ALONE = "take it, but with no other object in its task"
    EXCLUSIVE = "take it, but with no other task in the run"
    HELD = "another worker has it"
    DONE = "nothing is left to do"
    STANDS = "it was given up, and nobody has asked for it again"


@dataclass(frozen=True)
class Request:
    """The messages that ask for a version.

    Attributes:
        sent_at: of the newest one, in seconds of the epoch.
        is_redriven: one of them has been a dead letter of the job.
        is_alone: no other object is in this task.
        is_exclusive: no other task runs meanwhile.
        is_repeated: a task of this run has died with it, and took with it what became of it.
    """

    sent_at: float
    is_redriven: bool = False
    is_alone: bool = False
    is_exclusive: bool = False
    is_repeated: bool = False


@dataclass(frozen=True)
class Decision:
    """A verdict, and what goes with it.

    Attributes:
        attempts: with TAKE, those that count.
        until: with HELD, when the lease ends, in seconds of the epoch.
        item: as it was.
        died_with: with TAKE, a run that died while it worked on this version alone: that was an attempt, and to record
            it is all that is to be done.
    """

    verdict: Verdict
    attempts: int = 0
    until: float = 0
    item: Item | None = None
    died_with: str = ""


def decide(item: Item, request: Request, job_run_id: str, now: float) -> Decision:
    """What to do with a version by its item.

    A claim that a dead task of this very run has left was interrupted: perhaps by the object itself, so it goes on
    alone; the driver charges it if its task dies again. One whose lease has ended was interrupted with its whole run:
    it goes on when no other task runs, and is charged if the run dies again. Nobody else is: a run that is killed from
    outside would have to be killed four times while it works on the same object and on no other.

    A version that was given up is tried again if it was asked for after that: a redrive makes its message a new one.
    An older message is a duplicate, or a sign that the job died before it sent the dead letter.
    """
    status, attempts = item["status"], int(item.get("attempts", 0))
    alone = Decision(Verdict.TAKE if request.is_alone else Verdict.ALONE, attempts, item=item)
    exclusive = replace(alone, verdict=Verdict.TAKE if request.is_exclusive else Verdict.EXCLUSIVE)
    with_care = exclusive if item.get("error", {}).get("type") == RUN_DIED else alone
    match status:
        case Status.PROCESSING if item["job_run_id"] == job_run_id:
            return alone
        case Status.PROCESSING if (lease_until := float(item["lease_until"])) > now:
            return Decision(Verdict.HELD, until=lease_until, item=item)
        case Status.PROCESSING if item.get("is_exclusive"):
            return Decision(Verdict.TAKE, attempts, item=item, died_with=item["job_run_id"])
        case Status.PROCESSING:
            return exclusive
        case Status.RETRYING:
            return with_care
        case Status.FAILED | Status.REJECTED:
            given_up_at = datetime.fromisoformat(item["updated_at"]).timestamp()
            if not request.is_redriven and request.sent_at <= given_up_at:
                return Decision(Verdict.STANDS, attempts, item=item)
            is_harmless = status == Status.REJECTED
            return Decision(Verdict.TAKE if is_harmless else with_care.verdict, item=item)
    return Decision(Verdict.DONE, attempts, item=item)
