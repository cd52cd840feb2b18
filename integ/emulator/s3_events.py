"""S3 events with what EventBridge delivers on AWS: the version id of the object beside its sequencer."""

import contextvars
import json
from typing import Any

from ministack.services import eventbridge, s3

from emulator.answers import Record

_version_id: contextvars.ContextVar[str | None] = contextvars.ContextVar("version_id", default=None)


def install() -> None:
    """Carries the version id from S3, which knows it, to the event, which lacks it."""
    inner_fire, inner_dispatch = s3._fire_s3_event, eventbridge._dispatch_event

    def fire(*arguments: Any, version_id: str | None = None, **options: Any) -> None:
        token = _version_id.set(version_id)
        try:
            inner_fire(*arguments, version_id=version_id, **options)
        finally:
            _version_id.reset(token)

    def dispatch(event: Record, view: object = None) -> None:
        version_id = _version_id.get()
        if event.get("Source") == "aws.s3" and version_id:
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version_id
            event, view = {**event, "Detail": json.dumps(detail)}, None
        inner_dispatch(event, view)

    s3._fire_s3_event, eventbridge._dispatch_event = fire, dispatch
