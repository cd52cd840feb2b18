"""Records as Python's csv module reads them, and blocks of rows made of them."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datalake.engine.conversion import Rejected
from datalake.engine.csv.dialect import Dialect
from datalake.engine.format import Block

#: A longer record is a missing quote rather than a record.
LONGEST_RECORD_BYTES = 32 << 20

#: A record put behind the end of a text. It is read as a record of its own unless a quote was left open.
END_MARK = "\x1eend\x1e"

#: Stands for `\N` while the csv module reads. Unicode promises that no text has this character.
_NULL = "\ufdd0"
#: Characters that are divided into lines at once, and those up to the next LF.
_LINES_AT_ONCE = 1 << 14
_CONTROLS = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "N": _NULL}

csv.field_size_limit(LONGEST_RECORD_BYTES)


def read_records(lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    """The records of a text without its comment lines; a blank line is a record without fields.

    Raises:
        Rejected: a field is too long, the only error that the csv module knows as it is used here.
    """
    begins_record = True

    def without_comments() -> Iterator[str]:
        # The reader asks for the first line of a record when it is asked for the record.
        nonlocal begins_record
        for line in lines:
            if begins_record and dialect.comment and line.startswith(dialect.comment):
                continue
            begins_record = False
            yield _unescaped(line, dialect) if dialect.escape and dialect.escape in line else line

    reader = csv.reader(without_comments(), **dialect.parameters)
    try:
        while (record := next(reader, None)) is not None:
            begins_record = True
            yield _with_nulls(record) if dialect.escape else record
    except csv.Error as error:
        raise too_long() from error


def _unescaped(line: str, dialect: Dialect) -> str:
    """A line in which nothing but the escape character itself is left to the csv module."""
    escape = dialect.escape or ""

    def replace(match: re.Match[str]) -> str:
        letter = match[1]
        if dialect.escapes_quotes_only:
            return match[0] if letter in (escape, dialect.quote) else escape * 2 + letter
        return escape + (_CONTROLS.get(letter, letter) if escape == "\\" else letter)

    return re.sub(re.escape(escape) + "(.?)", replace, line, flags=re.DOTALL)


def value_of(text: str, dialect: Dialect) -> str:
    """A field without its escapes, of which none is left to the csv module."""
    escape = dialect.escape or ""

    def replace(match: re.Match[str]) -> str:
        letter = match[1]
        if dialect.escapes_quotes_only:
            return letter if letter in (escape, dialect.quote) else match[0]
        return _CONTROLS.get(letter, letter) if escape == "\\" else letter

    return _with_nulls([re.sub(re.escape(escape) + "(.)", replace, text, flags=re.DOTALL)])[0]


def _with_nulls(record: list[str]) -> list[str]:
    return ["" if text == _NULL else text.replace(_NULL, "N") if _NULL in text else text for text in record]


def too_long() -> Rejected:
    """The verdict on a file with a record that is too long."""
    return Rejected(
        f"a record is longer than {LONGEST_RECORD_BYTES >> 20} MiB: a closing quote may be missing, "
        "or split the file's longest field"
    )


def open_quote(line: int = 0) -> Rejected:
    """The verdict on a file in which a quote is left open."""
    place = f" (in line {line})" if line else ""
    return Rejected(
        f"a quote is opened and never closed{place}, so that records ran together: add the closing quote; if quotes "
        'mean nothing in such files, declare "quote": "" for the dataset'
    )


def reordered_header(record: Sequence[str]) -> Rejected:
    """The verdict on a file with the rows of another one at its end, whose columns stand in another order."""
    names = ", ".join(map(repr, record[:5])) + ", …" * (len(record) > 5)
    return Rejected(
        f"the header is repeated further down with its columns in another order ({names}), so that the values below it "
        "would get into other columns: upload the files that were put together one by one, or, if the first line is no "
        'header, declare "header": false for the dataset'
    )


def to_block(records: Sequence[Sequence[str]], width: int) -> Block:
    """Records as rows of that many columns."""
    surplus = {place: list(record[width:]) for place, record in enumerate(records) if len(record) > width}
    short = frozenset(place for place, record in enumerate(records) if 0 < len(record) < width)
    even: list[list[str | None]] = [[*record[:width], *[None] * (width - len(record))] for record in records]
    columns = zip(*even, strict=True) if even else [[]] * width
    return Block([pa.array(column, pa.string()) for column in columns], surplus, short)


def mix(even: Sequence[pa.StringArray], uneven: Block, places: Sequence[int]) -> Block:
    """Rows among others.

    Args:
        even: the columns of the others.
        uneven: the rows.
        places: where each of them is to stand in the result.
    """
    rows = len(even[0]) + uneven.rows
    others: npt.NDArray[np.bool_] = np.ones(rows, np.bool_)
    others[list(places)] = False
    order: npt.NDArray[np.int64] = np.empty(rows, np.int64)
    order[others], order[~others] = np.arange(len(even[0])), np.arange(len(even[0]), rows)
    columns = [pa.concat_arrays(pair).take(pa.array(order)) for pair in zip(even, uneven.columns, strict=True)]
    surplus = {places[place]: fields for place, fields in uneven.surplus.items()}
    return Block(columns, surplus, frozenset(places[place] for place in uneven.short))


def text_lines(text: str) -> Iterator[str]:
    """The lines of a text, their ends (CRLF, LF or CR) included."""
    start = 0
    while start < len(text):  # mostly, the first lines are all that is wanted, and StringIO copies what it gets
        end = text.find("\n", start + _LINES_AT_ONCE) + 1 or len(text)
        yield from io.StringIO(text[start:end], newline="")
        start = end
