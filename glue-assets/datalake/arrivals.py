"""What arrives: messages with S3 events, each about one version of one object of one customer."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from datalake.arguments import Arguments

CREATED = "Object Created"
#: Sequencers are hexadecimal numbers of unequal length; with zeros in front they sort as texts.
SEQUENCER_DIGITS = 32
_CUSTOMER = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"


class NotAnArrivalError(ValueError):
    """A message that names no object version of the stage; the text says what is wrong with it."""


class ForeignBucketError(ValueError):
    """A bucket that belongs to no customer of the lake."""


@dataclass(frozen=True)
class Arrival:
    """One object version that has arrived.

    Attributes:
        customer: whose bucket it is in.
        database: the customer's Glue database.
        version: S3's version id.
        size: in bytes.
        sequencer: S3's order of the versions of a key, comparable as text.
        uploaded_at: of the version.
    """

    customer: str
    database: str
    bucket: str
    key: str
    version: str
    etag: str
    size: int
    sequencer: str
    uploaded_at: datetime

    @property
    def object(self) -> str:
        """The object's key in the manifest."""
        return f"{self.customer}#{self.key}"

    @property
    def identity(self) -> tuple[str, str]:
        """The version's key in the manifest."""
        return self.object, self.version

    @property
    def reference(self) -> str:
        """How the manifest names the version in one text."""
        return f"{self.object}#{self.version}"


def parse(body: str, lake: Arguments, prefix: str) -> Arrival | None:
    """The object version that a message is about.

    Args:
        body: S3's event as EventBridge delivers it; keys in it are not URL-encoded.
        lake: its names.
        prefix: of the keys that are the stage's input.

    Returns:
        None for the marker of a folder, which S3's console makes and which holds nothing.

    Raises:
        ForeignBucketError: the bucket's name is not one of the lake's.
        NotAnArrivalError: it is anything else than such an event.
    """
    try:
        event = json.loads(body)
        kind, bucket, found = event["detail-type"], event["detail"]["bucket"]["name"], event["detail"]["object"]
        key, version, sequencer = (_text(found, name) for name in ("key", "version-id", "sequencer"))
        size, etag, uploaded_at = int(found.get("size", 0)), str(found.get("etag", "")), _time(event.get("time"))
    except Exception as error:  # whatever is in it: one message must not end the run
        raise NotAnArrivalError(f"the message is no S3 event: {type(error).__name__}: {error}") from error
    if not re.fullmatch(rf"[0-9A-Fa-f]{{1,{SEQUENCER_DIGITS}}}", sequencer):
        raise NotAnArrivalError(f"the event's sequencer {sequencer!r} is no hexadecimal number")
    if kind != CREATED:
        raise NotAnArrivalError(f"the event is {kind!r}: only {CREATED!r} is work for a job")
    customer = customer_of(bucket, lake)
    if not key.startswith(prefix):
        raise NotAnArrivalError(f"the object {key!r} is not under {prefix}")
    if key.endswith("/") and not size:
        return None
    database = f"{lake.organization}_{customer}_{lake.environment}".replace("-", "_")
    order = sequencer.lower().zfill(SEQUENCER_DIGITS)
    return Arrival(customer, database, bucket, key, version, etag, size, order, uploaded_at)


def customer_of(bucket: str, lake: Arguments) -> str:
    """The customer whose bucket this is.

    Raises:
        ForeignBucketError: the name is not one of the lake's.
    """
    pattern = rf"{re.escape(lake.organization)}-({_CUSTOMER})-{re.escape(lake.environment)}-datalake"
    found = re.fullmatch(pattern, str(bucket))
    if not found:
        raise ForeignBucketError(f"{bucket} is no customer's bucket")
    return found[1]


def iso(time: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(found: Mapping[str, Any], name: str) -> str:
    text = found[name]
    if not isinstance(text, str):
        raise TypeError(f"{name} is {text!r}")
    return text


def _time(text: str | None) -> datetime:
    """UTC; an event that was written by hand may leave it out."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else datetime.now(UTC)
