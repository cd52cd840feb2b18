"""Messages that ask a stage to compare its input with the manifest."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from datalake import policy
from datalake.arguments import Arguments
from datalake.driver.arrivals import NotAnArrivalError, owner_of
from datalake.driver.work_queue import Message
from datalake.lake.arrival import ForeignBucketError, iso

REQUESTED = "Reconcile Requested"


@dataclass(frozen=True)
class Request:
    """What a message asks to compare with the manifest.

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

    @property
    def body(self) -> str:
        """The message that asks for this."""
        detail: dict[str, Any] = {"prefix": self.prefix, "since": iso(self.since), "until": iso(self.until)}
        if self.bucket:
            detail["bucket"] = {"name": self.bucket}
        if self.after:
            detail["after"] = self.after
        return json.dumps({"detail-type": REQUESTED, "detail": detail})


def requested(message: Message, lake: Arguments, prefix: str) -> Request | None:
    """The request in a message; None if the message is of another kind.

    Raises:
        ForeignBucketError: the bucket's name is not one of the lake's.
        NotAnArrivalError: the request is not as it must be; the text says what is wrong with it.
    """
    try:
        event = json.loads(message.body)
        if event["detail-type"] != REQUESTED:
            return None
    except (ValueError, TypeError, LookupError):
        return None
    sent_at = datetime.fromtimestamp(message.sent_at, UTC)
    try:
        detail = event["detail"]
        until = _time(detail.get("until"), sent_at - timedelta(seconds=policy.RECONCILE_DELAY_SECONDS))
        since = _time(detail.get("since"), until - timedelta(seconds=policy.RECONCILE_WINDOW_SECONDS))
        bucket = owner_of(detail["bucket"]["name"], lake).bucket if "bucket" in detail else None
        key, version = detail.get("after", ("", ""))
        request = Request(bucket, detail.get("prefix", prefix), since, until, (key, version) if key else None)
        is_ours = request.prefix.startswith(prefix)
    except ForeignBucketError:
        raise
    except Exception as error:  # whatever the message contains, it must not end the run
        raise NotAnArrivalError(f"the request is wrong: {type(error).__name__}: {error}") from error
    if not is_ours:
        raise NotAnArrivalError(f"the prefix {request.prefix!r} is not under {prefix}")
    return request


def _time(text: str | None, default: datetime) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC) if text else default
