"""Dates and timestamps as text: which texts are plain, and what is written for the others."""

import contextlib
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from datalake.engine.types.text_columns import TextColumn, has_byte_below

#: The first day of year 1: Python's datetime and SQL engines have none before.
_FIRST_DAY = -719_162
_FIRST_MILLISECOND = _FIRST_DAY * 86_400_000
#: A fraction of a second finer than milliseconds.
_TOO_FINE = re.compile(r"[.,][0-9]{3}[0-9]*[1-9]")
#: Python would take any character for the T, and so read 1712010101234, milliseconds since 1970, as the year 1712.
_ISO = re.compile(r"([0-9]{8}|[0-9]{4}-[0-9W-]+|[0-9]{4}W[0-9]+)([Tt ].+)?")
_MIDNIGHT = re.compile(r"(.*)[Tt ]00:00(:00([.,]0+)?)?")
_EPOCH = datetime(1970, 1, 1)
#: Formats for a number since 1970, with what one second has of their unit.
EPOCHS = {"epoch_seconds": 1, "epoch_milliseconds": 1_000, "epoch_microseconds": 1_000_000}


def are_dates(column: TextColumn) -> bool:
    """True if all texts are ISO 8601 dates. False means that somebody has to look at each text."""
    try:
        days = column.array.cast(pa.date32()).cast(pa.int32())
    except pa.ArrowInvalid:
        return False
    return bool(pc.min(days).as_py() >= _FIRST_DAY)


def are_timestamps(column: TextColumn) -> bool:
    """The same for timestamps with seconds. Arrow would take a day alone, or one with hours and minutes."""
    if column.lengths.min() < len("2024-01-01T00:00:00"):
        return False
    try:
        milliseconds = column.array.cast(pa.timestamp("ms")).cast(pa.int64())
    except pa.ArrowInvalid:
        return False
    return bool(pc.min(milliseconds).as_py() >= _FIRST_MILLISECOND)


def is_on_calendar(text: str) -> bool:
    """True if there is such a day, and such a time of day."""
    with contextlib.suppress(ValueError):
        datetime.fromisoformat(text)
        return True
    return False


def plain_timestamps_in_json(texts: pa.StringArray) -> pa.StringArray:
    """Plain timestamps with the T of ISO 8601, without the Z: all are UTC."""
    texts = pc.ascii_rtrim(texts, "Z") if pc.any(pc.ends_with(texts, "Z")).as_py() else texts
    return pc.replace_substring(texts, " ", "T") if has_byte_below(texts, "-") else texts


def write_date(text: str, form: str | None) -> str | None:
    """The date in ISO 8601; None if it is none in this format. A midnight without time zone is a date, too."""
    with contextlib.suppress(ValueError, OverflowError):
        if form:
            return _read(text, form).date().isoformat()
        midnight = _MIDNIGHT.fullmatch(text)
        return date.fromisoformat(midnight[1] if midnight else text).isoformat()
    return None


def write_timestamp(text: str, form: str | None) -> str | None:
    """UTC, in seconds or milliseconds; in microseconds only if the text is finer, so that the caller can tell."""
    with contextlib.suppress(ValueError, OverflowError):  # the first hours of year 1 are in no year of UTC
        if not form and not _ISO.fullmatch(text):
            return None
        value = _read(text, form) if form else datetime.fromisoformat(text)
        value = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        is_fine = value.microsecond % 1000 or (not form and _TOO_FINE.search(text))
        return value.isoformat(
            timespec="microseconds" if is_fine else "milliseconds" if value.microsecond else "seconds"
        )
    return None


def _read(text: str, form: str) -> datetime:
    """A text in a declared format.

    Raises:
        ValueError: it has another format.
        OverflowError: it is in no year from 1 to 9999.
    """
    if form not in EPOCHS:
        return datetime.strptime(text, form)
    if not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,9})?", text):
        raise ValueError(text)
    return _EPOCH + timedelta(microseconds=int(Decimal(text) * 1_000_000 // EPOCHS[form]))
