"""What a CSV file is by its first 2 MiB: how its fields are told apart, its header, where its rows begin."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from datalake.engine.conversion import Rejected
from datalake.engine.csv.dialect import Dialect
from datalake.engine.csv.foreign import refuse_other_text
from datalake.engine.csv.header import SEP, lines_above_header
from datalake.engine.csv.records import END_MARK, open_quote, read_records, text_lines
from datalake.engine.csv.sniffer import sniff
from datalake.engine.dataset import Column, CsvOptions


@dataclass(frozen=True)
class CsvForm:
    """The form of a CSV file.

    Attributes:
        dialect: how its fields are told apart.
        header: the names in its first record; empty if it is declared to have none.
        width: the number of its columns.
        title: what comes before the header.
        prologue: what comes before the first row, the title included.
        doubts: what the owner of the file should check.
    """

    dialect: Dialect
    header: list[str]
    width: int
    title: str
    prologue: str
    doubts: Sequence[str]


def find_form(
    text: str, options: CsvOptions, columns: Sequence[Column], *, is_whole: bool, escapes: bool | None = None
) -> CsvForm | None:
    """The form of a CSV file.

    Args:
        text: its beginning.
        options: what is declared of it.
        columns: the declared ones that are in the file.
        is_whole: the text is all of it.
        escapes: backslashes before quotes make them part of the value; None: by evidence.

    Returns:
        None if more of it is needed: a record above its first row does not end in the text.

    Raises:
        Rejected: it is another format, has no record, or one that does not end.
    """
    refuse_other_text(text)
    above = lines_above_header(text, options, columns)
    title = "".join(islice(text_lines(text), above))
    sep = SEP.match(text, len(title))
    if sep:
        title += sep[0]
    rest = text.removeprefix(title)
    guess = sniff(rest, options, options.delimiter or (sep and sep[1]), is_whole=is_whole, escapes=escapes)
    records = _Prologue(rest, guess.dialect)
    first = records.next()
    if not is_whole and records.is_cut:
        return None
    if first == [END_MARK] or END_MARK in first[-1]:
        raise _no_header(first)
    if not options.header:
        records = _Prologue(rest, guess.dialect)
    for _ in range(options.skip_rows):
        records.next()
        if not is_whole and records.is_cut:
            return None
    return CsvForm(
        guess.dialect,
        first if options.header else [],
        len(first) if options.header else max(len(first), len(columns)),
        title,
        title + records.text,
        [*_found_below(above, options), *guess.doubts],
    )


def _found_below(above: int, options: CsvOptions) -> Iterator[str]:
    if above and options.skip_lines is None:
        yield (
            f"the header was found in line {above + 1}, by the declared columns, and the lines above it are no rows: "
            f'declare "skipLines": {above} for the dataset if all its files are like that'
        )


class _Prologue:
    """Records from the start of a text.

    Attributes:
        lines: that were read: those of the records, and the blank lines and comments before them.
    """

    def __init__(self, text: str, dialect: Dialect) -> None:
        self._whole, self.lines = len(text), list[str]()
        self._records = read_records(self._lines(text), dialect)

    def _lines(self, text: str) -> Iterator[str]:
        for line in text_lines(f"{text}\n{END_MARK}\n"):
            self.lines.append(line)
            yield line

    @property
    def is_cut(self) -> bool:
        """The last record may go on behind the text."""
        return sum(map(len, self.lines)) >= self._whole

    @property
    def text(self) -> str:
        """Of the lines."""
        return "".join(self.lines)[: self._whole]

    def next(self) -> list[str]:
        """The next record that is not blank; the end mark at the end."""
        for record in self._records:
            if record:
                return record
        return [END_MARK]


def _no_header(first: Sequence[str]) -> Rejected:
    if list(first) == [END_MARK]:
        return Rejected("the file has no record: it is empty or only blank lines")
    return open_quote(1)
