"""How the fields of a CSV text are told apart."""

import csv
from dataclasses import dataclass
from typing import Any

from datalake.engine.dataset import CsvOptions


@dataclass(frozen=True)
class Dialect:
    r"""How the fields of a CSV text are told apart.

    Attributes:
        delimiter: one character; `NO_DELIMITER` for a file of one column.
        quote: around fields; empty if quotes mean nothing.
        escape: the character before one that is part of a value. A backslash also writes control characters, and
            `\N` is null, as MySQL, PostgreSQL and Redshift export them.
        escapes_quotes_only: before any other character, the escape character is part of the value, as Spark writes it.
        skips_space: spaces behind a delimiter are no part of the value, so that a quote may follow them.
        comment: what begins a line that is no data; empty without any.
    """

    delimiter: str
    quote: str = '"'
    escape: str | None = None
    escapes_quotes_only: bool = False
    skips_space: bool = False
    comment: str = ""

    @classmethod
    def of(cls, options: CsvOptions, delimiter: str, *, escape: str | None = None) -> "Dialect":
        """The declared dialect, with a delimiter and, if it was found out, an escape character before quotes."""
        return cls(
            delimiter,
            options.quote,
            options.escape or escape,
            options.escape is None and escape is not None,
            options.skip_initial_space,
            options.comment,
        )

    @property
    def parameters(self) -> dict[str, Any]:
        """For the csv module."""
        quoting = {"quotechar": self.quote} if self.quote else {"quotechar": None, "quoting": csv.QUOTE_NONE}
        return {
            "delimiter": self.delimiter,
            "escapechar": self.escape,
            "skipinitialspace": self.skips_space,
            **quoting,
        }

    @property
    def is_plain(self) -> bool:
        """Arrow reads it, and quotes alone tell where its records end."""
        return self.escape is None and self.may_be_plain

    @property
    def may_be_plain(self) -> bool:
        """The same, unless an escape character changes where a field ends."""
        is_ascii = (self.delimiter + self.quote + (self.escape or "")).isascii()
        is_apart = self.escape not in (self.quote, self.delimiter)
        return is_ascii and is_apart and not self.skips_space and not self.comment


#: The delimiter of a file of one column: a character for this very purpose that hardly any file has.
NO_DELIMITER = "\x1f"
