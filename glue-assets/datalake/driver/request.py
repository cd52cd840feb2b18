"""Messages that ask a stage to look through its input: for objects without an item, or for some to process again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from datalake import policy
from datalake.arguments import Arguments
from datalake.driver.arrivals import NotAnArrivalError, owner_of
from datalake.driver.work_queue import Message
from datalake.lake.arrival import ForeignBucketError, iso
from datalake.lake.state import State

REQUESTED, REPLAY_REQUESTED = "Reconcile Requested", "Replay Requested"
#: Before S3.
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
_WINDOW = timedelta(seconds=policy.RECONCILE_WINDOW_SECONDS)
#: The others are in work, or a newer version has replaced them.
REPLAYABLE = {State.SUCCEEDED.value, State.FAILED.value, State.REJECTED.value}


@dataclass(frozen=True)
class Again:
    """Which versions to process again.

    Attributes:
        at: when that was asked, as `iso` writes it. A version that has been processed for this request is left alone.
        statuses: that a version may have; one that was given up can be among them.
        dataset: of the versions; None: any.
    """

    at: str
    statuses: tuple[str, ...] = (State.SUCCEEDED.value,)
    dataset: str | None = None


@dataclass(frozen=True)
class Request:
    """What a message asks to look through.

    Attributes:
        bucket: of one customer; None: those of all.
        prefix: of the keys, within the stage's input.
        since: for versions that were uploaded at this time or later.
        until: and before this time. The event about a younger one may be on its way.
        after: key and version that an earlier message came to; None: from the start.
    """

    bucket: str | None
    prefix: str
    since: datetime
    until: datetime
    after: tuple[str, str] | None = None
    again: Again | None = None

    @property
    def body(self) -> str:
        """The message that asks for this."""
        detail: dict[str, Any] = {"prefix": self.prefix, "since": iso(self.since), "until": iso(self.until)}
        if self.bucket:
            detail["bucket"] = {"name": self.bucket}
        if self.after:
            detail["after"] = self.after
        if self.again:
            detail |= vars(self.again)
        return json.dumps({"detail-type": REPLAY_REQUESTED if self.again else REQUESTED, "detail": detail})


def requested(message: Message, lake: Arguments, prefix: str) -> Request | None:
    """The request in a message; None if the message is of another kind.

    Raises:
        ForeignBucketError: the bucket's name is not one of the lake's.
        NotAnArrivalError: the request is not as it must be; the text says what is wrong with it.
    """
    try:
        event = json.loads(message.body)
        if event["detail-type"] not in (REQUESTED, REPLAY_REQUESTED):
            return None
    except (ValueError, TypeError, LookupError):
        return None
    sent_at = datetime.fromtimestamp(message.sent_at, UTC)
    try:
        detail = event["detail"]
        again = _again(detail, sent_at) if event["detail-type"] == REPLAY_REQUESTED else None
        latest = sent_at if again else sent_at - timedelta(seconds=policy.RECONCILE_DELAY_SECONDS)
        until = _time(detail.get("until"), latest)
        since = _time(detail.get("since"), _ALWAYS if again else until - _WINDOW)
        bucket = owner_of(detail["bucket"]["name"], lake).bucket if again or "bucket" in detail else None
        key, version = detail.get("after", ("", ""))
        request = Request(bucket, detail.get("prefix", prefix), since, until, (key, version) if key else None, again)
        is_ours = request.prefix.startswith(prefix)
    except ForeignBucketError:
        raise
    except Exception as error:  # whatever the message contains, it must not end the run
        raise NotAnArrivalError(f"the request is wrong: {type(error).__name__}: {error}") from error
    if not is_ours:
        raise NotAnArrivalError(f"the prefix {request.prefix!r} is not under {prefix}")
    return request


def _again(detail: Mapping[str, Any], sent_at: datetime) -> Again:
    statuses = tuple(State(status).value for status in detail.get("statuses", Again.statuses))
    if not set(statuses) <= REPLAYABLE:
        raise ValueError(f"statuses are {', '.join(sorted(REPLAYABLE))}, got: {', '.join(statuses)}")
    return Again(iso(_time(detail.get("at"), sent_at)), statuses, detail.get("dataset"))


def _time(text: str | None, default: datetime) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC) if text else default
