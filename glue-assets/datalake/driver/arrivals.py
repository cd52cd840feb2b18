"""Messages with S3 events, each about one version of one object of one customer."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from datalake.arguments import Arguments
from datalake.lake.arrival import Arrival, ForeignBucketError, Owner, iso
from datalake.lake.keys import is_hidden

CREATED = "Object Created"
#: S3 sends 16 to 18 digits today, and promises no length.
_SEQUENCER = re.compile(r"[0-9A-Fa-f]{1,64}")
_CUSTOMER = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"


class NotAnArrivalError(ValueError):
    """A message that names no object version of the stage; the text says what is wrong with it."""


class PassedOverError(ValueError):
    """An object that holds no data by its name, as every reader of such folders has it; the text says which."""


def parse(body: str, lake: Arguments, prefix: str) -> Arrival:
    """The object version that a message is about.

    Args:
        body: S3's event as EventBridge delivers it; keys in it are not URL-encoded. With `detail.replay`, it asks to
            process a version again that has been processed before that time.
        lake: names of the lake.
        prefix: of the keys that are the stage's input.

    Raises:
        ForeignBucketError: the bucket's name is not one of the lake's.
        NotAnArrivalError: the message is not such an event.
        PassedOverError: the object is a folder's marker, or a file that tools leave beside the data.
    """
    try:
        event = json.loads(body)
        kind, bucket, found = event["detail-type"], event["detail"]["bucket"]["name"], event["detail"]["object"]
        key, version, sequencer = (_text(found, name) for name in ("key", "version-id", "sequencer"))
        size, etag, uploaded_at = int(found.get("size", 0)), str(found.get("etag", "")), _time(event.get("time"))
        replay = event["detail"].get("replay")
        asked_again_at = iso(_time(replay)) if replay else ""
    except Exception as error:  # whatever the message contains, it must not end the run
        raise NotAnArrivalError(f"the message is no S3 event: {type(error).__name__}: {error}") from error
    if not _SEQUENCER.fullmatch(sequencer):
        raise NotAnArrivalError(f"the event's sequencer {sequencer!r} is no hexadecimal number")
    if kind != CREATED:
        raise NotAnArrivalError(f"the event is {kind!r}: only {CREATED!r} is work for a job")
    owner = owner_of(bucket, lake)
    if not key.startswith(prefix):
        raise NotAnArrivalError(f"the object {key!r} is not under {prefix}")
    if is_hidden(key) or (key.endswith("/") and not size):
        raise PassedOverError(f"{owner.customer}#{key}")
    about = (key, version, etag, size, sequencer, uploaded_at, asked_again_at)
    return Arrival(owner.customer, owner.database, owner.bucket, *about)


def owner_of(bucket: str, lake: Arguments) -> Owner:
    """The customer whose bucket this is.

    Raises:
        ForeignBucketError: the name is not one of the lake's.
    """
    pattern = rf"{re.escape(lake.organization)}-({_CUSTOMER})-{re.escape(lake.environment)}-datalake"
    found = re.fullmatch(pattern, str(bucket))
    if not found:
        raise ForeignBucketError(f"{bucket} is no customer's bucket")
    customer = found[1]
    return Owner(customer, f"{lake.organization}_{customer}_{lake.environment}".replace("-", "_"), bucket)


def _text(found: Mapping[str, Any], name: str) -> str:
    text = found[name]
    if not isinstance(text, str):
        raise TypeError(f"{name} is {text!r}")
    return text


def _time(text: str | None) -> datetime:
    """The time of an event in UTC. An event that was written by hand may lack it."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else datetime.now(UTC)
