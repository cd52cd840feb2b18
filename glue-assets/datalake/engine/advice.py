"""What to declare, or to mend in a file, so that its values fit."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from itertools import dropwhile
from typing import Any

from datalake.engine.csv.sniffer import COMMENTS, DELIMITERS
from datalake.engine.dataset import Column
from datalake.engine.headers import column_names
from datalake.engine.mending import mending
from datalake.engine.rescued import SHORT, SURPLUS, Rescue
from datalake.engine.types.column_type import STRING

#: Of the columns with the most misfits. A manifest item has room for some more.
_MOST_LINES = 50
#: Of one thing that a sentence names.
MOST_SHOWN = 5
_LONGEST_SHOWN = 40
#: A header that is advised stands in the sentence as a whole. To compare all with all takes time.
_LONGEST_HEADER, _MOST_COMPARED = 100, 100
#: More records without data than these, below a header or at the end, are rather rows with wrong values.
MOST_EDGE = 3
_QUOTES = 'a delimiter within a value needs quotes around it; or declare the file\'s own "delimiter" in "csv"'


def advice_on(rescue: Rescue, rows: int, rows_short: int, doubt: str, declared: Collection[str]) -> list[str]:
    """A sentence for each kind of trouble, the greatest first.

    Args:
        rescue: what was rescued of the whole file.
        rows: of the file.
        rows_short: rows with fewer fields than the header.
        doubt: why the header may be none.
        declared: the names of declared columns.
    """
    lines = [*_of_file(rescue, rows, rows_short, doubt)]
    columns = [
        (count, partial(_of_column, name, rescue, rows, is_declared=name in declared))
        for name, count in rescue.counts.items()
        if name in rescue.columns and not doubt
    ]
    cut = [(count, partial(_of_cut, count, name)) for name, count in rescue.cut.items()]
    order = sorted([*columns, *cut], key=lambda entry: -entry[0])
    room = _MOST_LINES - len(lines)
    more = [f"{len(order) - room} more columns have values that do not fit"] if len(order) > room else []
    return [*lines, *(sentence() for _, sentence in order[:room]), *more]


def advice_on_names(absent: Sequence[str], new: Sequence[str]) -> list[str]:
    """What to say of declared columns that a file lacks, while it has columns with similar names.

    Args:
        absent: the columns.
        new: the texts in its header that mean no known column.
    """
    new = [text for text in new[:_MOST_COMPARED] if len(text) <= _LONGEST_HEADER]
    headers = dict(zip(column_names(new), new, strict=True))
    found = [(name, near[0]) for name in absent[:_MOST_COMPARED] if (near := get_close_matches(name, headers, 1))]
    return [
        f"the file lacks the declared column {name!r}: if its header {headers[near].strip()!r} means it, declare "
        f"{as_text({'from': headers[near].strip()})} for the column and upload the file again"
        for name, near in found[:MOST_SHOWN]
    ]


def _of_file(rescue: Rescue, rows: int, rows_short: int, doubt: str) -> Iterator[str]:
    if doubt:
        yield (
            f"{doubt}: all values of its own columns are in _rescued_data, and the table did not get these columns; "
            'if its first line is no header, declare "header": false in "csv", otherwise declare its "columns", or '
            "upload it to a dataset of its own"
        )
    if surplus := rescue.counts[SURPLUS]:
        option = _of_surplus(rescue.surplus)
        mend = f'declare {as_text(option)} in "csv" and upload the file again' if option else _QUOTES
        yield f"{surplus} fields are beyond the header's columns: {mend}"
    if rows_short:
        option = _without_data(SHORT, rescue, rescue.short, rows_short, rows)
        mend = "see whether they were cut off"
        if other := next((one for one in DELIMITERS if all(one in text for text in rescue.short)), None):
            mend = (
                f"they seem to have the delimiter {other!r}, such as {rescue.short[0][:_LONGEST_SHOWN]!r}, and the "
                "others another one: upload the rows of each delimiter in a file of their own"
            )
        if option:
            mend = (
                f'if they are no data, declare {as_text(option)} in "csv" and upload the file again; otherwise {mend}'
            )
        yield f"{rows_short} rows have fewer fields than the header, and nulls for the others: {mend}"


def _of_surplus(rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """The option by which a row is divided otherwise."""
    if any(text.endswith("\\") for row in rows for text in row[:-1]):
        return {"escape": "\\"}
    if any(text.startswith(' "') for row in rows for text in row):
        return {"skipInitialSpace": True}
    if any(map(_is_in_single_quotes, rows)):
        return {"quote": "'"}
    return {}


def _is_in_single_quotes(row: Sequence[str]) -> bool:
    """True if a field begins with a single quote, and a later one ends with one."""
    later = [*dropwhile(lambda text: not text.startswith("'"), row)][1:]
    return any(text.endswith("'") for text in later)


def _without_data(name: str, rescue: Rescue, samples: Sequence[str], count: int, rows: int) -> dict[str, Any]:
    """The options by which records are no rows; empty if they look like rows."""
    if mark := comment_of(samples):
        return {"comment": mark}
    start, end = rescue.at_start.get(name, 0), rescue.at_end.get(name, 0)
    if start + end != count or 2 * count >= rows or max(start, end) > MOST_EDGE:
        return {}
    return {option: edge for option, edge in (("skipRows", start), ("skipFooter", end)) if edge}


def _of_cut(count: int, name: str) -> str:
    return (
        f"{count} values of column {name!r} are finer than a timestamp, which has milliseconds: the rest was cut "
        f'off; to keep it, declare the column as "type": "string" in a new dataset'
    )


def _of_column(name: str, rescue: Rescue, rows: int, *, is_declared: bool) -> str:
    column, inferred, samples = rescue.columns[name]
    count = rescue.counts[name]
    trouble = f"{count} values of column {name!r} are no {column.type}"
    example = f"{trouble}, such as {samples[0][:_LONGEST_SHOWN]!r}"
    may_just_be_declared = not is_declared and inferred == STRING.name  # values of another type are no slips
    if found := mending(column, samples, may_just_be_declared=may_just_be_declared):
        return f"{example}: declare {_declaration(column, found, is_declared=is_declared)} and upload the file again"
    if inferred == STRING.name and (option := _without_data(name, rescue, samples, count, rows)):
        return f'{example}: if these rows are no data, declare {as_text(option)} in "csv" and upload the file again'
    wider = inferred if inferred in column.kind.wider else "string"
    return (
        f"{trouble}: a table keeps its types, so upload such files to a dataset of their own whose column "
        f"{name!r} is declared as {wider}"
    )


def _declaration(column: Column, found: Sequence[Mapping[str, Any]], *, is_declared: bool) -> str:
    """The options for a declared column, the declaration of another one."""
    if is_declared:
        return " or ".join(map(as_text, found)) + " for the column"
    whole = [{"name": column.name, "type": column.type, **options} for options in found]
    return "the column as " + " or ".join(f"{{{as_text(one)}}}" for one in whole)


def comment_of(samples: Sequence[str]) -> str:
    """What begins all the texts if they are comments."""
    return next((mark for mark in COMMENTS if all(text.lstrip().startswith(mark) for text in samples)), "")


def as_text(options: Mapping[str, Any]) -> str:
    """Options as they stand in a declaration."""
    return json.dumps(options, ensure_ascii=False)[1:-1]
