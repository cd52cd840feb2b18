"""Did everything arrive that should have?"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from demo.inputs import InputFile
from demo.journey import Journey
from demo.lake import DeadLetter
from demo.query import Catalog, quoted

ROOT_TABLE = "analytics_ready"


def problems(
    files: Sequence[InputFile],
    journeys: Sequence[Journey],
    letters: Sequence[DeadLetter],
    catalogs: Mapping[str, Catalog],
    *,
    known_good: bool,
) -> Iterator[str]:
    """One line for everything that is not as it should be.

    Args:
        files: what was uploaded.
        journeys: where it is now, in the same order.
        letters: what is in the dead-letter queues.
        catalogs: the tables by customer.
        known_good: the files are ours: all but the broken one must have arrived, with the rows that Python's csv module
            reads. Of other files only the lake itself can say whether they are good, so a rejection is fine if it is
            explained, and the rows are those that the manifest counts.
    """
    dead = {(letter.bucket, letter.key) for letter in letters}
    for file, journey in zip(files, journeys, strict=True):
        name = f"{file.customer}/{file.key}"
        if known_good and file.broken == journey.is_queryable:
            expected = "REJECTED" if file.broken else "SUCCEEDED"
            yield f"{name} is {journey.status}, expected {expected}"
        elif journey.is_queryable:
            yield from row_problems(file, journey, catalogs[file.customer], csv_rows(file.path) if known_good else None)
        else:
            yield from dead_letter_problems(name, journey, dead)


def row_problems(file: InputFile, journey: Journey, catalog: Catalog, expected: int | None) -> Iterator[str]:
    """Whether the rows of one object are in its table."""
    item = journey.last
    if item is None:
        return
    expected = item.rows_out if expected is None else expected
    table = item.attributes.get("dataset") or ROOT_TABLE
    if table not in catalog.tables:
        yield f"{file.customer}/{file.key}: the catalog has no table {table}"
        return
    query = f"SELECT count(*) FROM {quoted(table)} WHERE _source_version = ?"  # noqa: S608 (the name is quoted)
    found = catalog.sql(query, [journey.upload.version])[1][0][0]
    if found != expected:
        yield f"{file.customer}/{file.key}: {found} rows in table {table}, expected {expected}"


def dead_letter_problems(name: str, journey: Journey, dead: set[tuple[str, str]]) -> Iterator[str]:
    """Whether an object that did not arrive is explained and kept."""
    item = journey.last
    if item is None or item.status == "FAILED":
        yield f"{name} is {journey.status}: {item.reason if item else 'no job has seen it'}"
    elif item.status == "REJECTED" and not item.reason:
        yield f"{name} is REJECTED without a reason"
    elif item.status == "REJECTED" and not any(key == item.key for _, key in dead):
        yield f"{name} is REJECTED and not in the dead-letter queue"


def csv_rows(path: Path) -> int:
    """Rows below the header, as Python's csv module reads them."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return sum(1 for _ in csv.reader(lines)) - 1
