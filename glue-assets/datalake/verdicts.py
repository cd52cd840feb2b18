"""What a worker does with an object version that somebody has had before: decided from its item alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

Item = Mapping[str, Any]


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
        is_repeated: a task of this run has died with it, and took with it what became of it.
    """

    sent_at: float
    is_redriven: bool = False
    is_alone: bool = False
    is_repeated: bool = False


@dataclass(frozen=True)
class Decision:
    """A verdict, and what goes with it.

    Attributes:
        attempts: with TAKE, those that count.
        until: with HELD, when the lease ends, in seconds of the epoch.
        item: as it was.
    """

    verdict: Verdict
    attempts: int = 0
    until: float = 0
    item: Item | None = None


def decide(item: Item, request: Request, job_run_id: str, now: float) -> Decision:
    """What to do with a version by its item.

    A claim whose lease has ended, or that a dead task of this very run has left, was interrupted: perhaps by the object
    itself, so it goes on alone. Only an end that somebody saw counts as an attempt: a killed run charges nobody.

    A version that was given up is tried again if it was asked for after that: a redrive makes its message a new one.
    An older message is a duplicate, or a sign that the job died before it sent the dead letter.
    """
    status, attempts = item["status"], int(item.get("attempts", 0))
    take = Decision(Verdict.TAKE if request.is_alone else Verdict.ALONE, attempts, item=item)
    match status:
        case Status.PROCESSING:
            lease_until = float(item["lease_until"])
            if lease_until > now and item["job_run_id"] != job_run_id:
                return Decision(Verdict.HELD, until=lease_until, item=item)
            return take
        case Status.RETRYING:
            return take
        case Status.FAILED | Status.REJECTED:
            given_up_at = datetime.fromisoformat(item["updated_at"]).timestamp()
            if not request.is_redriven and request.sent_at <= given_up_at:
                return Decision(Verdict.STANDS, attempts, item=item)
            is_harmless = status == Status.REJECTED
            return Decision(Verdict.TAKE if is_harmless else take.verdict, item=item)
    return Decision(Verdict.DONE, attempts, item=item)
