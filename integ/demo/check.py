"""Checks that everything arrived that should have."""

import csv
from collections.abc import Iterator
from pathlib import Path

from demo.arrived import Arrived
from demo.inputs import InputFile, bucket_name
from demo.journey import Journey
from demo.query import Catalog, quoted

ROOT_TABLE = "analytics_ready"


def problems(arrived: Arrived, *, known_good: bool) -> Iterator[str]:
    """One line per problem.

    Args:
        arrived: the files after the lake has finished.
        known_good: True for the demo's own files. All but the broken one must have arrived, with the rows that
            Python's csv module reads. For other files only the lake can tell whether they are good: a rejection
            must be explained, and the tables must have the rows that the manifest counts.
    """
    dead = {(letter.bucket, letter.key) for letter in arrived.letters}
    for file, journey in zip(arrived.files, arrived.journeys, strict=True):
        name = f"{file.customer}/{file.key}"
        if known_good and file.broken == journey.is_queryable:
            expected = "REJECTED" if file.broken else "SUCCEEDED"
            yield f"{name} is {journey.status}, expected {expected}"
        elif journey.is_queryable:
            rows = csv_rows(file.path) if known_good else None
            yield from row_problems(file, journey, arrived.catalogs[file.customer], rows)
        else:
            yield from refusal_problems(name, journey, dead)


def row_problems(file: InputFile, journey: Journey, catalog: Catalog, expected: int | None) -> Iterator[str]:
    """Problems with the rows of one object in its table."""
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


def refusal_problems(name: str, journey: Journey, dead: set[tuple[str, str]]) -> Iterator[str]:
    """Problems with an object that did not arrive: it must be explained and kept."""
    item = journey.last
    if item is None or item.status == "FAILED":
        yield f"{name} is {journey.status}: {item.reason if item else 'no job has seen it'}"
    elif item.status == "REJECTED" and not item.reason:
        yield f"{name} is REJECTED without a reason"
    elif item.status == "REJECTED" and (bucket_name(item.customer), item.key) not in dead:
        yield f"{name} is REJECTED and not in the dead-letter queue"


def csv_rows(path: Path) -> int:
    """Rows below the header, as Python's csv module reads them."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return sum(1 for _ in csv.reader(lines)) - 1
