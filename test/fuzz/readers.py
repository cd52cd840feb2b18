"""The rows of a case, by the engine and by others."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from datalake.engine import streams
from datalake.engine.conversion import Rejected
from datalake.engine.csv import file as csv_file
from datalake.engine.csv.file import CsvFile
from datalake.engine.dataset import CsvOptions

from fuzz.cases import Case

Rows = list[list[str]]
_END = "\x1eEND\x1e"


def by_engine(case: Case) -> Rows:
    """The rows as the engine reads them, without empty fields at their end.

    Raises:
        Rejected: the engine refuses the file.
    """
    raw = case.text.encode(case.encoding)
    is_declared = not case.encoding.startswith("utf")
    options = CsvOptions(
        encoding=case.encoding if is_declared else None,
        delimiter=case.delimiter,
        quote=case.quote,
        escape=case.escape,
        comment=case.comment,
        skip_initial_space=case.skips_space,
        skip_lines=case.title,
    )
    rows: Rows = []
    with _sizes(*case.sizes):
        file = CsvFile(lambda: io.BytesIO(raw), options)
        for block in file.map(lambda block: block, threads=case.threads):
            columns = [[value or "" for value in column.to_pylist()] for column in block.columns]
            for place, fields in enumerate(zip(*columns, strict=True)):
                rows.append(_without_empty_end([*fields, *block.surplus.get(place, [])]))
        if file.found["records"] != len(rows):
            raise AssertionError(f"{file.found['records']} records are said to be {len(rows)}")
    return rows


def by_csv(case: Case) -> Rows | None:
    """The rows as the csv module reads them; None if a quote stays open. Comments are lines of the case's own."""
    lines = list(io.StringIO(case.text, newline=""))[case.title :]
    reader = csv.reader(
        iter([*lines, "\n", f"{_END}\n"]),
        delimiter=case.delimiter,
        quotechar=case.quote or None,
        quoting=csv.QUOTE_MINIMAL if case.quote else csv.QUOTE_NONE,
    )
    *records, end = reader
    header, *rows = [record for record in records if record] or [[]]
    return None if end != [_END] else [_without_empty_end(row) for row in rows if row != header]


def by_duckdb(case: Case, path: Path) -> Rows | None:
    """The rows as DuckDB reads them; None if it refuses the file."""
    path.write_bytes(case.text.encode())
    columns = {f"h{place}": "VARCHAR" for place in range(case.width)}
    try:
        rows = duckdb.execute(
            "SELECT * FROM read_csv(?, auto_detect=false, header=true, columns=?, delim=?, quote=?, escape=?, "
            "comment=?, skip=?, strict_mode=true, parallel=false)",
            [str(path), columns, case.delimiter, case.quote, case.escape or case.quote, case.comment, case.title],
        ).fetchall()
    except duckdb.Error:
        return None
    return [_without_empty_end([value or "" for value in row]) for row in rows]


def runs_together(case: Case) -> bool:
    """True if text follows a quote that closes a field of several lines, by a look at each character."""
    state, is_long, place, text = "begin", False, 0, case.text
    while place < len(text):
        character, following = text[place], text[place + 1 : place + 2]
        place += 1
        if state == "quoted":
            if character == case.quote == following:
                place += 1
            elif character == case.quote:
                if is_long and text[place:].lstrip(" ")[:1] not in ("", case.delimiter, "\r", "\n"):
                    return True
                state = "behind"
            is_long |= character in "\r\n"
        elif state == "begin" and character == case.quote:
            state, is_long = "quoted", False
        else:
            state = "begin" if character in case.delimiter + "\r\n" else "behind"
    return False


def _without_empty_end(fields: list[str]) -> list[str]:
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


def refusal(case: Case) -> tuple[Rows | None, str]:
    """The engine's rows, or None and its reason."""
    try:
        return by_engine(case), ""
    except Rejected as error:
        return None, str(error)
