"""What to declare, or to mend in a file, so that its values fit."""

import json
import re
from collections.abc import Iterator, Sequence

from datalake.engine.dataset import Column
from datalake.engine.rescued import SURPLUS, Rescue

#: Of the columns with the most misfits. A manifest item has room for some more.
_MOST_LINES = 50
_NULLS = re.compile(r"(?i)\\n|n/?a|null|none|nan|-+|\?|#n/a")
_COMMA = re.compile(r"[-+(]?[^\w.,]*(\d{1,3}(\.\d{3})+|\d+),\d+[^\w.,]*[-)]?|[-+]?\d{1,3}(\.\d{3}){2,}")
_THOUSANDS = re.compile(r"[-+(]?[^\w.,]*\d{1,3}(,\d{3})+(\.\d*)?[^\w.,]*[-)]?")
_SYMBOL = re.compile(r"[-+(]?\s*([^\w\s.,()+-]{1,3}|[A-Z]{3})?\s*-?[\d.,]+-?\s*([^\w\s.,()+-]{1,3}|[A-Z]{3})?\s*\)?")
_ACCOUNTING = re.compile(r"\(.*\)|.*\d-")
_EPOCHS = {10: "epoch_seconds", 13: "epoch_milliseconds", 16: "epoch_microseconds"}
_DATES = {
    r"\d{1,2}\.\d{1,2}\.\d{4}": "%d.%m.%Y",
    r"\d{1,2}/\d{1,2}/\d{4}": "%d/%m/%Y (or %m/%d/%Y)",
    r"\d{1,2}-\d{1,2}-\d{4}": "%d-%m-%Y",
    r"\d{4}/\d{1,2}/\d{1,2}": "%Y/%m/%d",
}


def advice_on(rescue: Rescue, rows_short: int, doubt: str) -> list[str]:
    """A sentence for each kind of trouble, the greatest first.

    Args:
        rescue: what was rescued of the whole file.
        rows_short: rows with fewer fields than the header.
        doubt: why the header may be none.
    """
    lines = [*_of_file(rescue, rows_short, doubt)]
    columns = [
        (count, _of_column(count, *rescue.columns[name]))
        for name, count in rescue.counts.items()
        if name in rescue.columns and not doubt
    ]
    cut = [(count, _of_cut(count, name)) for name, count in rescue.cut.items()]
    lines += [line for _, line in sorted(columns + cut, key=lambda entry: -entry[0])]
    more = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], f"{more} more columns have values that do not fit"] if more > 0 else lines


def _of_file(rescue: Rescue, rows_short: int, doubt: str) -> Iterator[str]:
    if doubt:
        yield (
            f"{doubt}: all values of its own columns are in _rescued_data, and the table did not get these columns; "
            'if its first line is no header, declare "header": false in "csv", otherwise declare its "columns", or '
            "upload it to a dataset of its own"
        )
    if surplus := rescue.counts[SURPLUS]:
        yield (
            f"{surplus} fields are beyond the header's columns: a delimiter within a value needs quotes around it; "
            'or declare the "delimiter", "quote" or "escape" that the file has in "csv"'
        )
    if rows_short:
        yield (
            f"{rows_short} rows have fewer fields than the header, and nulls for the others: see whether they were cut "
            'off, or declare "skipLines" in "csv" if the header is further down'
        )


def _of_cut(count: int, name: str) -> str:
    return (
        f"{count} values of column {name!r} are finer than a timestamp, which has milliseconds: the rest was cut "
        f'off; to keep it, declare the column as "type": "string" in a new dataset'
    )


def _of_column(count: int, column: Column, inferred: str | None, samples: Sequence[str]) -> str:
    trouble = f"{count} values of column {column.name!r} are no {column.type}"
    if option := _option(column, [text.strip() for text in samples]):
        return f"{trouble}, such as {samples[0][:40]!r}: declare {option} for the column and upload the file again"
    wider = inferred if inferred in column.kind.wider else "string"
    return (
        f"{trouble}: a table keeps its types, so upload such files to a dataset of their own whose column "
        f"{column.name!r} is declared as {wider}"
    )


def _option(column: Column, samples: Sequence[str]) -> str:
    """The option of a declaration by which the samples would fit; empty if there is none."""
    if all(_NULLS.fullmatch(text) for text in samples):
        return f'"nullIf": {json.dumps(sorted(set(samples)))}'
    if column.kind.name in ("date", "timestamp"):
        return _format(column, samples)
    return _number(samples) if column.kind.is_number else ""


def _format(column: Column, samples: Sequence[str]) -> str:
    if all(re.fullmatch(r"\d+", text) for text in samples) and (epoch := _EPOCHS.get(len(samples[0]))):
        return f'"format": "{epoch}"'
    found = (form for pattern, form in _DATES.items() if all(re.match(pattern, text) for text in samples))
    form = next(found, "")
    is_longer = any(len(text) > len("31.12.2024") for text in samples)
    return f'"format": "{form}{" %H:%M:%S" if is_longer and column.type == "timestamp" else ""}"' if form else ""


def _number(samples: Sequence[str]) -> str:
    parts: dict[str, object] = {}
    found = [_SYMBOL.fullmatch(text) for text in samples]
    bare = [re.sub(r"[A-Z]{3}", "", text) for text in samples]
    if not all(found):
        return ""
    if any(_COMMA.fullmatch(text) for text in bare):
        parts |= {"decimal": ",", "thousands": "."}
    elif any(_THOUSANDS.fullmatch(text) for text in bare):
        parts |= {"thousands": ","}
    if symbols := sorted({symbol for match in found if match for symbol in match.groups() if symbol}):
        parts["symbols"] = symbols
    if any(_ACCOUNTING.fullmatch(text) for text in bare):
        parts["accounting"] = True
    return f'"number": {json.dumps(parts, ensure_ascii=False)}' if parts else ""
