"""What Python's csv module reads, and when a value of a table is the same."""

import csv
import datetime
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a CSV file by column name."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines)
        names = [column_name(name) for name in next(reader)]
        for fields in reader:
            yield dict(zip(names, fields, strict=True))


def column_name(header: str) -> str:
    """Lower snake case; year and month are taken by the partition."""
    name = re.sub(r"[^a-z0-9]+", "_", header.strip().lower()).strip("_")
    return f"{name}_" if name in ("year", "month") else name


def is_same(text: str, value: object, rescued: Mapping[str, str], column: str) -> bool:
    """True if a value says what the text says, after the documented cleanup: trimmed, empty is null."""
    text = text.strip()
    if value is None:
        return text == rescued.get(column, "")
    match value:
        case bool():
            return text.lower() == str(value).lower()
        case int() | float() | Decimal():
            return type(value)(text) == value
        case datetime.datetime():
            return text.replace(" ", "T") == value.isoformat()
        case datetime.date():
            return text == value.isoformat()
    return text == value
