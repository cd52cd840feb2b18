"""S3 events as on AWS: they carry the version id, and a new bucket sends none for five minutes."""

import contextvars
import json
import time
from typing import Any

from ministack.services import eventbridge, s3

from emulator.answers import Answer, Record
from emulator.settings import S3_EVENTS_AFTER_SECONDS
from emulator.trails import CALL

_version_id: contextvars.ContextVar[str | None] = contextvars.ContextVar("version_id", default=None)

#: In the record of a bucket: when its notification to EventBridge was set, in seconds of the epoch.
SET_AT = "events_set_at"


def install() -> None:
    """Adds the version id to events, and drops the events of a bucket whose notification is too new.

    Nothing reports a dropped event, as on AWS.
    """
    inner_fire, inner_dispatch = s3._fire_s3_event, eventbridge._dispatch_event

    def fire(*arguments: Any, version_id: str | None = None, **options: Any) -> None:
        token = _version_id.set(version_id)
        try:
            inner_fire(*arguments, version_id=version_id, **options)
        finally:
            _version_id.reset(token)

    def dispatch(event: Record, view: object = None) -> None:
        version_id = _version_id.get()
        is_own = event.get("Source") == "aws.s3" and event["DetailType"] != CALL
        if is_own and is_early(json.loads(event["Detail"])["bucket"]["name"]):
            return
        if is_own and version_id:
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version_id
            event, view = {**event, "Detail": json.dumps(detail)}, None
        inner_dispatch(event, view)

    s3._fire_s3_event, eventbridge._dispatch_event = fire, dispatch
    inner_put = s3._put_bucket_notification

    def put(name: str, *rest: Any) -> Answer:
        answer: Answer = inner_put(name, *rest)
        sends = "EventBridgeConfiguration" in s3._bucket_notifications.get(name, "")
        if sends:
            s3._buckets[name].setdefault(SET_AT, time.time())
        elif name in s3._buckets:
            s3._buckets[name].pop(SET_AT, None)
        return answer

    s3._put_bucket_notification = put


def is_early(bucket: str) -> bool:
    """True while the bucket's notification is too new to send events."""
    set_at: float = (s3._buckets.get(bucket) or {}).get(SET_AT, 0)
    return time.time() - set_at < S3_EVENTS_AFTER_SECONDS


def age(seconds: float) -> None:
    """Makes every bucket's notification older."""
    for bucket in s3._buckets.values():
        if SET_AT in bucket:
            bucket[SET_AT] -= seconds
