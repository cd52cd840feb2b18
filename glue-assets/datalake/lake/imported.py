"""Objects that an import has brought in: their metadata says when they were first uploaded, elsewhere."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from datalake.engine.conversion import Rejected
from datalake.lake.arrival import Arrival, iso

#: Name of the metadata. The state machine in src/private/import-states.ts writes it, and the jobs pass it on.
UPLOADED_AT = "uploaded-at"
#: The event of an object that is processed again has the manifest's time, which is cut to milliseconds.
_PRECISION = timedelta(milliseconds=1)


def dated(arrival: Arrival, metadata: Mapping[str, str]) -> Arrival:
    """The arrival with the time of its first upload, which decides the partition and the tags.

    Raises:
        Rejected: the metadata has no such time, or one that is still to come.
    """
    text = metadata.get(UPLOADED_AT)
    if text is None:
        return arrival
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if not found or not found.tzinfo or found >= arrival.uploaded_at + _PRECISION:
        raise Rejected(
            f"the metadata '{UPLOADED_AT}' must be a time with its zone, no later than the upload at "
            f"{iso(arrival.uploaded_at)}, got: {text!r}; write for example 2024-01-31T12:00:00Z, or leave it out"
        )
    return replace(arrival, uploaded_at=found.astimezone(UTC))


def dated_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    """What an output's metadata says of the time of its source."""
    return {UPLOADED_AT: metadata[UPLOADED_AT]} if UPLOADED_AT in metadata else {}
