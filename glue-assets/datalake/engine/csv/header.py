"""The header below the titles of a file, found by the columns that its dataset declares."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from datalake.engine.conversion import Rejected
from datalake.engine.csv.dialect import Dialect
from datalake.engine.csv.records import read_records, text_lines
from datalake.engine.csv.sniffer import DELIMITERS
from datalake.engine.dataset import Column, CsvOptions
from datalake.engine.headers import match

#: Excel's first line, which names the delimiter.
SEP = re.compile(r'"?sep=([^\r\n])"?(\r\n|\r|\n)', re.IGNORECASE)
#: Lines that are looked at. Reports have fewer above their header; a longer search would find names among the data.
SEARCHED_LINES = 30


#: Fewer names than these could be values of rows.
_FEWEST = 2


@dataclass(frozen=True)
class _Candidate:
    above: int
    record: Sequence[str]
    declared: int

    @property
    def filled(self) -> int:
        """How many fields are not empty."""
        return sum(bool(field.strip()) for field in self.record)


def lines_above_header(text: str, options: CsvOptions, columns: Sequence[Column]) -> int:
    """How many lines stand above the header.

    The first record is the header if it has a declared column, or if nothing else can be; but one that has fewer fields
    than the header may be a title with a column's name. Otherwise the header is the record that has the most declared
    columns: two at least, and more than half of them.

    Args:
        text: the beginning of the file.
        options: what is declared of it.
        columns: the declared ones that a header may have.

    Raises:
        Rejected: two different records could be the header, or the records above it could be rows.
    """
    if options.skip_lines is not None or not options.header or len(columns) < _FEWEST:
        return options.skip_lines or 0
    candidates = _candidates([*islice(text_lines(text), SEARCHED_LINES)], options, columns)
    first = next(candidates, None)
    if not first or first.declared >= _FEWEST:
        return 0
    others = [*candidates]
    most = max((one.declared for one in others), default=0)
    if most < _FEWEST or 2 * most <= len(columns):
        return 0
    best, *more = [one for one in others if one.declared == most]
    if first.declared and first.filled >= len(best.record):
        return 0
    above = [first, *(one for one in others if one.above < best.above)]
    _refuse_doubt(best, more, above)
    return best.above


def _refuse_doubt(best: _Candidate, more: Sequence[_Candidate], above: Sequence[_Candidate]) -> None:
    option = f'declare "skipLines": {best.above} for the dataset if its header is in line {best.above + 1}'
    for other in more:
        if other.record != best.record:
            raise Rejected(
                f"its header could be in line {best.above + 1} or {other.above + 1}, which have {best.declared} "
                f"declared columns each: {option}"
            )
    for other in above:
        if other.filled >= len(best.record):
            raise Rejected(
                f"line {best.above + 1} has {best.declared} declared columns, but line {other.above + 1} above it has "
                f"as many fields, so that it could be a row: {option}, and 0 if it is in the first line"
            )


def _candidates(lines: Sequence[str], options: CsvOptions, columns: Sequence[Column]) -> Iterator[_Candidate]:
    """The record that begins in each line, with the delimiter by which it has the most declared columns."""
    names = {column.name for column in columns}
    for above, line in enumerate(lines):
        if line.strip("\r\n") and not (above == 0 and SEP.match(line)):
            records = [_record(lines[above:], options, one) for one in options.delimiter or DELIMITERS]
            counts = [len(names & {*match(record, columns)}) for record in records]
            best = max(range(len(records)), key=lambda one: (counts[one], len(records[one])))
            yield _Candidate(above, records[best], counts[best])


def _record(lines: Sequence[str], options: CsvOptions, delimiter: str) -> list[str]:
    try:
        return next((record for record in read_records(iter(lines), Dialect.of(options, delimiter)) if record), [])
    except Rejected:
        return []
