"""The rows of a case, by the engine and by others."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import dropwhile
from pathlib import Path

import duckdb
from datalake.engine import convert_csv, streams
from datalake.engine.contract import evolve
from datalake.engine.conversion import Rejected
from datalake.engine.csv import file as csv_file
from datalake.engine.csv.file import CsvFile
from datalake.engine.csv.quotes import MisreadError
from datalake.engine.dataset import Column, CsvOptions, Dataset

from fuzz.cases import Case

Rows = list[list[str]]
_END = "\x1eEND\x1e"


@dataclass(frozen=True)
class Reading:
    """What the engine makes of a case.

    Attributes:
        rows: without empty fields at their end; None if it refuses the file.
        reason: why it does.
        found: what it found out about the file.
        advice: what it says of the file.
    """

    rows: Rows | None
    reason: str = ""
    found: Mapping[str, str | int] = field(default_factory=dict)
    advice: Sequence[str] = ()


def by_engine(case: Case) -> Reading:
    """The rows as the engine reads them."""
    try:
        with _sizes(*case.sizes):
            return _read(case, None)
    except Rejected as error:
        return Reading(None, str(error))
    except MisreadError as error:
        escapes = error.escapes
    try:
        with _sizes(*case.sizes):
            return _read(case, escapes)
    except MisreadError:
        return Reading(None, "backslashes mean both")
    except Rejected as error:
        is_of_quotes = "ran together" in str(error)
        return Reading(None, "backslashes mean both" if is_of_quotes else str(error))


def _read(case: Case, escapes: bool | None) -> Reading:
    rows: Rows = []
    file = CsvFile(lambda: io.BytesIO(case.raw), _options(case), escapes=escapes)
    for block in file.map(lambda block: block, threads=case.threads):
        columns = [[value or "" for value in column.to_pylist()] for column in block.columns]
        for place, fields in enumerate(zip(*columns, strict=True)):
            rows.append(without_empty_end([*fields, *block.surplus.get(place, [])]))
    if file.found["records"] != len(rows):
        raise AssertionError(f"{file.found['records']} records are said to be {len(rows)}")
    return Reading(rows, "", file.found, file.advice)


def _options(case: Case) -> CsvOptions:
    is_declared = not case.encoding.startswith("utf") and not (case.encoding == "cp1252" and case.is_found_out)
    return CsvOptions(
        encoding=case.encoding if is_declared else None,
        delimiter=None if case.is_found_out else case.delimiter,
        quote=case.quote,
        escape=None if case.is_found_out else case.escape,
        header=case.has_header,
        comment=case.comment,
        skip_initial_space=case.skips_space,
        skip_lines=case.title,
        skip_rows=case.skip_rows,
        skip_footer=case.skip_footer,
    )


def by_conversion(case: Case) -> Rows:
    """The rows in JSON lines: trimmed, without the texts that are null."""
    names = [f"h{place}" for place in range(case.width)]
    columns = tuple(Column(name, "string") for name in names)
    dataset, sink = Dataset("d", columns, _options(case), null_if=tuple(case.nulls)), io.BytesIO()
    with _sizes(*case.sizes):
        convert_csv(
            lambda: io.BytesIO(case.raw),
            sink,
            dataset,
            lambda seen: evolve(None, columns, seen),
            datetime.now(UTC),
            threads=case.threads,
        )
    objects = map(json.loads, sink.getvalue().decode().split("\n")[:-1])
    return [without_empty_end([value.get(name, "") or "" for name in names]) for value in objects]


def by_csv(case: Case, delimiter: str) -> Rows | None:
    """The rows as the csv module reads them; None if a quote stays open. Comments are lines of the case's own."""
    lines = list(io.StringIO(case.text, newline=""))[case.title :]
    reader = csv.reader(
        iter([*lines, "\n", f"{_END}\n"]),
        delimiter=delimiter,
        quotechar=case.quote or None,
        quoting=csv.QUOTE_MINIMAL if case.quote else csv.QUOTE_NONE,
    )
    *records, end = reader
    if end != [_END]:
        return None
    first = next((record for record in records if record), [])
    is_one_column = len(first) == 1  # its blank lines are rows, but for those at the end
    if not is_one_column:
        records = [record for record in records if record]
    while records and not records[-1]:
        records.pop()
    header = first if case.has_header else None
    rows = records[records.index(first) :] if first and case.has_header else records
    for _ in range(case.skip_rows + case.has_header):
        rows = [*dropwhile(lambda record: not record, rows)][1:]
    rows = rows[: max(0, len(rows) - case.skip_footer)]
    return [without_empty_end(row) for row in rows if is_one_column or row != header]


def by_duckdb(case: Case, path: Path) -> Rows | None:
    """The rows as DuckDB reads them; None if it refuses the file."""
    path.write_bytes(case.text.encode())
    columns = {f"h{place}": "VARCHAR" for place in range(case.width)}
    form = [case.delimiter, case.quote, case.escape or case.quote, case.comment, case.title]
    try:
        rows = duckdb.execute(
            "SELECT * FROM read_csv(?, auto_detect=false, header=?, columns=?, delim=?, quote=?, escape=?, "
            "comment=?, skip=?, strict_mode=true, parallel=false)",
            [str(path), case.has_header, columns, *form],
        ).fetchall()
    except duckdb.Error:
        return None
    below = rows[case.skip_rows : max(0, len(rows) - case.skip_footer)]
    return [without_empty_end([value or "" for value in row]) for row in below]


def without_empty_end(fields: list[str]) -> list[str]:
    """The fields up to the last one that is not empty."""
    while fields and not fields[-1]:
        fields.pop()
    return fields


@contextmanager
def _sizes(sample: int, block: int, chunk: int) -> Iterator[None]:
    before = csv_file.SAMPLE_BYTES, csv_file.BLOCK_BYTES, csv_file._BLOCK_BYTES_PER_COLUMN, streams._CHUNK_BYTES
    csv_file.SAMPLE_BYTES, csv_file.BLOCK_BYTES, csv_file._BLOCK_BYTES_PER_COLUMN = sample, block, 1
    streams._CHUNK_BYTES = chunk
    try:
        yield
    finally:
        (
            csv_file.SAMPLE_BYTES,
            csv_file.BLOCK_BYTES,
            csv_file._BLOCK_BYTES_PER_COLUMN,
            streams._CHUNK_BYTES,
        ) = before
