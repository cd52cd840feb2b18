"""The options of a column by which values fit that did not, found by trying them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product
from typing import Any

import pyarrow as pa

from datalake.engine.dataset import Column
from datalake.engine.types.values import fit

_NULLS = re.compile(r"(?i)\\n|n/?a|null|none|nil|nan|-+|\.+|\?|#n/a|#null!")
_SYMBOL = re.compile(r"[^\w\s.,'()+-]{1,3}|[A-Z]{3}")
_ACCOUNTING = re.compile(r"\(.*\)|.*\d\s*[^\d\s]*-")
#: Decimal and thousands characters, the usual ones first.
_MARKS = ((".", None), (",", "."), (",", " "), (",", "'"), (".", ","), (".", " "), (".", "'"), (".", "_"))
_MOST_SYMBOLS = 5
_EPOCH_DIGITS = {10: "epoch_seconds", 13: "epoch_milliseconds", 16: "epoch_microseconds"}
_DAYS = (
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"),
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S", "T%H:%M:%S.%f")
_SWAPPED = {"%d/%m": "%m/%d", "%d-%m": "%m-%d"}


def mending(column: Column, samples: Sequence[str], *, may_just_be_declared: bool) -> list[Mapping[str, Any]]:
    """What a declaration of the column must have, beside its name and type, so that the samples fit.

    Args:
        column: as it is.
        samples: values that do not fit it.
        may_just_be_declared: its name and type may be enough, since a declared type takes more spellings.

    Returns:
        Two if the samples can be read in two ways, such as the day or the month first; none if nothing helps.
    """
    nulls = {text for text in samples if _NULLS.fullmatch(text)}
    others = [text for text in samples if text not in nulls]
    part = {"nullIf": sorted(nulls | {*(column.null_if or ())})} if nulls else {}
    if not others:
        return [part]
    plain: list[Mapping[str, Any]] = [{}] if may_just_be_declared else []
    fitting = [one for one in (*plain, *_candidates(column, others)) if _fits(column, one, others)]
    return [{**part, **one} for one in _with_rival(fitting)]


def _candidates(column: Column, samples: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    kind = column.kind
    if kind.is_number:
        yield from _numbers(samples)
    elif kind.name == "timestamp" and all(map(str.isdecimal, samples)) and len(samples[0]) in _EPOCH_DIGITS:
        yield {"format": _EPOCH_DIGITS[len(samples[0])]}
    elif kind.name in ("date", "timestamp"):
        times = _TIMES if kind.name == "timestamp" else _TIMES[:1]
        forms = (day + time for day, time in product(_DAYS, times))
        yield from ({"format": form} for form in forms if _is_read(samples[0], form))


def _numbers(samples: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    symbols = sorted({symbol for text in samples for symbol in _SYMBOL.findall(text)})
    if len(symbols) > _MOST_SYMBOLS:
        return
    others: dict[str, Any] = {"symbols": symbols} if symbols else {}
    if any(_ACCOUNTING.fullmatch(text) for text in samples):
        others["accounting"] = True
    for decimal, thousands in _MARKS:
        marks = {"decimal": decimal if decimal != "." else None, "thousands": thousands}
        if number := {name: mark for name, mark in marks.items() if mark} | others:
            yield {"number": number}


def _is_read(text: str, form: str) -> bool:
    try:
        return bool(datetime.strptime(text, form))
    except ValueError:
        return False


def _fits(column: Column, options: Mapping[str, Any], samples: Sequence[str]) -> bool:
    declared = Column.from_dict({"name": column.name, "type": column.type, **options})
    return fit(pa.array(samples, pa.string()), declared, is_declared=True).misfits is None


def _with_rival(fitting: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The first, and another one that gives other values."""
    return [*fitting[:1], *[other for other in fitting[1:] if _is_rival(fitting[0], other)][:1]]


def _is_rival(first: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """True if both read the same values, but as others: the day as the month, the fraction as thousands."""
    if "format" in first and "format" in other:
        day = first["format"][:5]
        return bool(day in _SWAPPED and other["format"] == _SWAPPED[day] + first["format"][5:])
    one, two = first.get("number"), other.get("number")
    return bool(one and two and (one.get("decimal"), two.get("thousands")) == (",", ","))
