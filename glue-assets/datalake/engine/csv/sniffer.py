"""The delimiter and the escape character of a text, by evidence over its first records."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from datalake.engine.conversion import Rejected
from datalake.engine.csv.dialect import NO_DELIMITER, Dialect
from datalake.engine.csv.quotes import BackslashRules
from datalake.engine.csv.records import read_records, text_lines
from datalake.engine.dataset import CsvOptions

#: From the one that text contains most often to the one that it hardly ever contains.
DELIMITERS = ",;|\t"
#: What begins the lines that are comments in most files that have some.
COMMENTS = ("#", "//", "--")
_SAMPLED_RECORDS = 200
#: The runner-up's share of the winner's evidence from which on the choice is a doubt.
_DOUBT = 0.75
_TYPED = re.compile(
    r"\s*([-+(]?[€$£]?\s?\d[\d.,' ]*([eE][-+]?\d+)?\s?[%€$£)-]?"
    r"|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}([T ][\d:.,+-]*Z?)?|\d{1,2}:\d\d(:\d\d)?|true|false)?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Guess:
    """What the first records are evidence of.

    Attributes:
        dialect: how fields are told apart.
        doubts: what the owner of the file should check.
    """

    dialect: Dialect
    doubts: Sequence[str] = ()


def sniff(
    sample: str, options: CsvOptions, delimiter: str | None, *, is_whole: bool, escapes: bool | None = None
) -> Guess:
    """The dialect of a text.

    Args:
        sample: the beginning of the text, from its first record.
        options: what is declared.
        delimiter: the one that is known.
        is_whole: the sample is all of the text.
        escapes: backslashes before quotes make them part of the value; None: by evidence.
    """

    def dialect(delimiter: str) -> Dialect:
        return _with_escape(sample, options, delimiter, escapes, is_whole=is_whole)

    if delimiter:
        return Guess(dialect(delimiter))
    scores = {one: _score(sample, dialect(one), options, is_whole=is_whole) for one in DELIMITERS if one in sample}
    order = sorted((one for one in scores if scores[one] > 0), key=lambda one: -scores[one])
    if not order:
        return Guess(dialect(NO_DELIMITER), _doubt_one_column(sample, options, is_whole=is_whole))
    doubts: list[str] = []
    if len(order) > 1 and scores[order[1]] > _DOUBT * scores[order[0]]:
        doubt = f"the delimiter could be {order[0]!r} or {order[1]!r}, and {order[0]!r} was taken: declare "
        doubts = [doubt + f'"delimiter": "{order[0]}" for the dataset to be sure']
    return Guess(dialect(order[0]), doubts)


def _score(sample: str, dialect: Dialect, options: CsvOptions, *, is_whole: bool) -> float:
    """How much speaks for a delimiter; nothing if the first record is not divided by it.

    Records of equal length speak for it, and fields that are numbers, dates or empty, and many fields, and quotes that
    stand beside it. Against it speak fields that contain a delimiter which text seldom has, and a space behind a comma.
    """
    first, *others = _records(sample, dialect, is_whole=is_whole) or [[]]
    widths = [len(first), *map(len, others)]
    width = len(first) if options.header else max(widths, key=lambda one: (widths.count(one), one))
    if width < 2:
        return 0
    even = [record for record in others if len(record) == width or (len(record) == width + 1 and not record[-1])]
    cells = [cell for record in even for cell in record]
    every = [*first, *cells]
    delimiter, quote = dialect.delimiter, dialect.quote
    stronger = DELIMITERS[DELIMITERS.index(delimiter) + 1 :]
    foreign = sum(any(other in cell for other in stronger) for cell in every) / len(every)
    spaced = sum(cell.startswith(" ") for cell in every) / len(every)
    typed = sum(bool(_TYPED.fullmatch(cell)) for cell in cells) / len(cells) if cells else 0
    consistent = (len(even) + 1) / (len(others) + 1)
    is_quoted = bool(quote) and (quote + delimiter in sample or delimiter + quote in sample)
    return (
        consistent**2 * (1 + typed) * (1 - 1 / width) * (1 - foreign / 2) * (1 - spaced / 2) * (1.5 if is_quoted else 1)
    )


def _records(sample: str, dialect: Dialect, *, is_whole: bool) -> list[list[str]]:
    """The first records; the last one of a sample that may end within it is left out."""
    try:
        reader = read_records(text_lines(sample), dialect)
        records = list(islice((record for record in reader if record), _SAMPLED_RECORDS))
    except Rejected:
        return []
    return records if is_whole or len(records) < 2 else records[:-1]


def _with_escape(sample: str, options: CsvOptions, delimiter: str, escapes: bool | None, *, is_whole: bool) -> Dialect:
    """The dialect; with backslashes before quotes, if by them more quotes stand where fields begin and end."""
    plain = Dialect.of(options, delimiter)
    if options.escape or not options.quote:
        return plain
    if escapes is None:
        escapes = BackslashRules(plain).is_refuted(sample, is_whole=is_whole)
    return Dialect.of(options, delimiter, escape="\\") if escapes else plain


def _doubt_one_column(sample: str, options: CsvOptions, *, is_whole: bool) -> list[str]:
    """What to say of a text whose first records have one field, but the others have more."""
    for delimiter in reversed(DELIMITERS):
        records = _records(sample, Dialect.of(options, delimiter), is_whole=is_whole) or [[]]
        above = [*takewhile(lambda record: len(record) == 1, records)]
        widths = [len(record) for record in records[len(above) :]]
        most = max(set(widths), key=widths.count, default=1)
        if above and most > 1 and len(widths) > 1 and widths.count(most) > 0.9 * len(widths):
            doubt = f"the first record has one field, the others have {most} with the delimiter {delimiter!r}: "
            if comment := next((mark for mark in COMMENTS if all(text.startswith(mark) for (text,) in above)), None):
                return [doubt + f'if it is a comment, declare "comment": "{comment}" for the dataset']
            lines = _lines_until(sample, delimiter)
            return [doubt + f'if the header is in line {lines + 1}, declare "skipLines": {lines} for the dataset']
    return []


def _lines_until(sample: str, delimiter: str) -> int:
    return len([*takewhile(lambda line: delimiter not in line, text_lines(sample))])
