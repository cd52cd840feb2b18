r"""Whether quotes stand where fields begin and end, and what backslashes before them mean.

Spark writes `"say \"hi\"!"`, most others `"say ""hi""!"`, and to those `"C:\"` is a whole field.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import dropwhile

from datalake.engine.conversion import Rejected
from datalake.engine.csv.dialect import Dialect

_BACKSLASH = "\\"
#: Characters behind a backslash before a quote in which another quote may be misplaced because of it.
_NEAR = 1 << 14
_LINE_END = re.compile(r"\r\n|\r|\n")


class MisreadError(Exception):
    """A later line shows that backslashes before quotes mean something else than the sample says.

    Attributes:
        line: that shows it.
        escapes: they make the quotes part of the value.
    """

    def __init__(self, line: int, *, escapes: bool) -> None:
        """Names the line."""
        super().__init__(f"the quotes in line {line} mean something else than those of the sample")
        self.line, self.escapes = line, escapes


class QuoteRules:
    """Where the quotes of a dialect stand."""

    def __init__(self, dialect: Dialect) -> None:
        """Builds the expression for quoted fields, and for comments, in which quotes mean nothing."""
        quote, border = re.escape(dialect.quote), f"{re.escape(dialect.delimiter)}\r\n"
        escape = re.escape(dialect.escape or "")
        escaped = f"|{escape}." if escape else ""
        self._quote = dialect.quote
        comment = f"(?:^|(?<=[\r\n])){re.escape(dialect.comment)}[^\r\n]*|" if dialect.comment else ""
        self._fields = re.compile(
            f"{comment}(?:^|(?<=[{border}])){' *' * dialect.skips_space}"
            f"(?P<field>{quote}(?:[^{quote}{escape}]++{escaped}|{quote}{quote})*+)"
            f"(?:(?P<end>{quote})(?P<behind>[^{border}]*)|(?:{escape})?\\Z)",
            re.DOTALL,
        )

    def odd_fields(self, text: str) -> list[re.Match[str]]:
        """The quoted fields that have text behind their closing quote."""
        return [match for match in self._fields.finditer(text) if (match["behind"] or "").strip(" ")]

    def misplaced(self, text: str, *, is_whole: bool) -> int:
        """How many quotes neither begin nor end a field, nor are part of a quoted one.

        Args:
            text: from the start of a record.
            is_whole: no field goes on behind it.
        """
        found = [*self._fields.finditer(text)]
        odd = sum(match[0].count(self._quote) for match in found if (match["behind"] or "").strip(" "))
        is_open = bool(found and found[-1]["field"]) and not found[-1]["end"]
        return odd + self._fields.sub("", text).count(self._quote) + (is_open and is_whole)


class BackslashRules:
    """The two meanings of a backslash before a quote, of which a dialect has one by evidence."""

    def __init__(self, dialect: Dialect) -> None:
        """Prepares both, if the dialect has quotes at all."""
        self._quote, self._escapes = dialect.quote, dialect.escapes_quotes_only
        other = replace(dialect, escape=None if self._escapes else _BACKSLASH, escapes_quotes_only=not self._escapes)
        self._rules = (QuoteRules(dialect), QuoteRules(other)) if dialect.quote else None

    def is_refuted(self, text: str, *, is_whole: bool = False) -> bool:
        """True if more quotes of the text stand where they should by the other meaning.

        Args:
            text: from the start of a record.
            is_whole: no field goes on behind it.
        """
        if not self._rules or _BACKSLASH + self._quote not in text:
            return False
        own, other = (rules.misplaced(text, is_whole=is_whole) for rules in self._rules)
        return other < own

    def confirm(self, text: str, line: int, *, is_whole: bool = False) -> None:
        """Looks at some records, as `is_refuted` does.

        Raises:
            MisreadError: by the other meaning, more quotes of the text stand where they should.
        """
        if self.is_refuted(text, is_whole=is_whole):
            raise MisreadError(line, escapes=not self._escapes)


class QuoteCheck:
    """Looks at the records that only the csv module can read: it joins some without a sign.

    Attributes:
        line: the first of the last record.
        text_after_quotes: how many fields have text behind their closing quote.
        first_text_after_quotes: the line of the first of them.
    """

    def __init__(self, dialect: Dialect) -> None:
        """Has seen nothing."""
        self._quote, self._comment = dialect.quote, dialect.comment
        self._rules = QuoteRules(dialect) if dialect.quote else None
        is_declared = dialect.escape is not None and not dialect.escapes_quotes_only
        self._backslashes = None if is_declared or not dialect.quote else BackslashRules(dialect)
        self.line, self._suspect, self._suspect_line = 0, "", 0
        self.text_after_quotes = self.first_text_after_quotes = 0

    def look_at(self, lines: Sequence[str], line: int) -> None:
        """Looks at a record.

        Args:
            lines: of the record, and the comments above it.
            line: the number of the first.

        Raises:
            MisreadError: its backslashes mean something else than those of the sample.
            Rejected: a quote makes records run together.
        """
        if self._comment:
            below = [*dropwhile(lambda text: text.startswith(self._comment), lines)]
            line += len(lines) - len(below)
            lines = below
        self.line = line
        if not self._rules or not (self._suspect or any(self._quote in text for text in lines)):
            return
        record = "".join(lines)
        if self._backslashes:
            self._look_at_backslashes(self._backslashes, record, line)
        for field in self._rules.odd_fields(record):
            since = line + len(_LINE_END.findall(record[: field.start("field")]))
            closed = since + len(_LINE_END.findall(field["field"]))
            if closed != since:
                raise ran_together(since, closed)
            self.text_after_quotes += 1
            self.first_text_after_quotes = self.first_text_after_quotes or since

    def confirm_open(self) -> None:
        """Looks at the last records again, of which one is open at the end of the file.

        Raises:
            MisreadError: by the other meaning of backslashes, it is not.
        """
        if self._backslashes:
            self._backslashes.confirm(self._suspect, self._suspect_line, is_whole=True)

    def _look_at_backslashes(self, rules: BackslashRules, record: str, line: int) -> None:
        """Looks at the record together with those since the last backslash before a quote: they may be one."""
        if self._quote in record:
            rules.confirm(record, line)
            if self._suspect:
                rules.confirm(self._suspect + record, self._suspect_line)
        if _BACKSLASH + self._quote in record:
            self._suspect, self._suspect_line = record, line
        elif self._suspect:
            self._suspect += record
            if len(self._suspect) > _NEAR:
                self._suspect = ""


def ran_together(since: int, line: int) -> Rejected:
    """The verdict on a file with a quote that closes a field of several lines where none was meant to end."""
    return Rejected(
        f"the quote that opens a field in line {since} is closed in line {line} by one with text behind "
        "it, so that records ran together: double the quotes that are part of a value; if quotes mean "
        'nothing in such files, declare "quote": "" for the dataset'
    )


def contradiction(first: MisreadError, second: MisreadError) -> Rejected:
    """The verdict on a file in which neither meaning of backslashes before quotes holds throughout."""
    escaped, plain = (first, second) if first.escapes else (second, first)
    return Rejected(
        f"by line {escaped.line} a backslash before a quote makes it part of the value, by line {plain.line} the quote "
        'ends the value: double the quotes that are part of a value, or declare "escape": "\\\\" for the dataset and '
        "double the backslashes"
    )
