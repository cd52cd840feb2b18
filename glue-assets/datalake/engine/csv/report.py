"""What was found out about a CSV file, for its item in the manifest, and what its owner should do."""

from collections.abc import Mapping, Sequence

from datalake.engine.csv.dialect import NO_DELIMITER
from datalake.engine.csv.encoding import Utf8Text
from datalake.engine.csv.form import CsvForm
from datalake.engine.csv.pieces import RecordCutter
from datalake.engine.csv.quotes import QuoteCheck
from datalake.engine.csv.records import text_lines


def describe(
    form: CsvForm, text: Utf8Text, cutter: RecordCutter, quotes: RecordCutter | QuoteCheck, rows: int, repeated: int
) -> Mapping[str, str | int]:
    """The facts by name, all of them short."""
    above = len([*text_lines(form.title)])
    ends = [name for name, count in cutter.line_ends.items() if count]
    facts: dict[str, str | int | None] = {
        "encoding": text.encoding,
        "delimiter": "none" if form.dialect.delimiter == NO_DELIMITER else form.dialect.delimiter,
        "quote": form.dialect.quote or "none",
        "escape": form.dialect.escape,
        "columns": form.width,
        "header": f"first record{f' below line {above}' if above else ''}" if form.header else "none",
        "line_ends": " and ".join(ends) or None,
        "records": rows,
        "repeated_headers": repeated or None,
        "inner_byte_order_marks": text.inner_marks or None,
        "text_after_quotes": quotes.text_after_quotes or None,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def advise(form: CsvForm, text: Utf8Text, quotes: RecordCutter | QuoteCheck, repeated: int) -> Sequence[str]:
    """What its owner should check or declare."""
    advice = [*form.doubts]
    if text.encoding == "cp1252" and not text.declared:
        advice.append(
            "the file is not UTF-8 and was read as Windows-1252: if its letters are garbled, save it as UTF-8 or "
            'declare "encoding" for the dataset; to keep Windows-1252, declare "encoding": "cp1252"'
        )
    if quotes.text_after_quotes:
        advice.append(
            f"{quotes.text_after_quotes} fields have text behind their closing quote, the first one in line "
            f"{quotes.first_text_after_quotes}; it was taken into the value: double the quotes that are part of a "
            'value, or declare "escape" for the dataset, such as "\\\\"'
        )
    if form.dialect.escapes_quotes_only:
        advice.append(
            "the file has backslashes before quotes, as Spark writes them, and was read accordingly: declare "
            '"escape": "\\\\" for the dataset if a backslash also stands before other characters'
        )
    if repeated:
        advice.append(f"the header is repeated {repeated} times within the file; these lines are no rows")
    return advice
