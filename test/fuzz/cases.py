"""CSV files made by chance: what is in them is known before they are written."""

import gzip
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

_WORDS = ("", "a", "b1", "é", "日本", "😀", " ", "x y", "0", "-1.5", "2024-02-29", "\u2028", "\x0b", "'", "\x1c")
#: No two of them in a row are a character of UTF-8 if they are written in Windows-1252.
_WESTERN = ("", "a", "b1", "é", "ß", " ", "x y", "0", "'")
COMMENT = "#, a comment \" '"
_LINE_ENDS = ("\n", "\r\n", "\r")
#: The delimiters that are found out, and one that is not.
_DELIMITERS = (",", ",", ";", "\t", "|", "~")
#: Sizes of the sample, of blocks and of chunks. Small ones put a border into every place of a file.
_SIZES = (8, 13, 16, 31, 64, 2 << 20)
#: The real size of the three. One case in so many has rows around its multiples.
_BORDER, _LARGE = 2 << 20, 100
_LONGEST_FILLER = 20_000


@dataclass(frozen=True)
class Case:
    """A CSV file and how it is written.

    Attributes:
        rows: its records below the header, as they were before they were written; without those that are no data.
        text: of the file.
        is_found_out: neither delimiter nor escape is declared.
        skip_rows: records below the header that are no data.
        skip_footer: records at the end that are no data.
        nulls: texts that are null.
        members: of gzip; 0 if it is not compressed.
        is_damaged: characters were put in or taken out, so that the rows are no longer known.
        is_large: it has rows around the borders of the real blocks.
        sizes: of sample, blocks and chunks.
    """

    rows: Sequence[Sequence[str]]
    text: str
    encoding: str
    delimiter: str
    quote: str
    escape: str | None
    is_found_out: bool
    comment: str
    skips_space: bool
    has_header: bool
    title: int
    skip_rows: int
    skip_footer: int
    nulls: Sequence[str]
    members: int
    width: int
    line_ends: Sequence[str]
    is_damaged: bool
    is_large: bool
    sizes: tuple[int, int, int]
    threads: int

    @property
    def raw(self) -> bytes:
        """The bytes of the file."""
        raw = self.text.encode(self.encoding)
        if not self.members:
            return raw
        part = len(raw) // self.members + 1
        return b"".join(gzip.compress(raw[start : start + part], 1) for start in range(0, len(raw), part))


def make(seed: int) -> Case:
    """The case of a seed."""
    pick = random.Random(seed)
    quote = pick.choice(('"', '"', '"', "'", ""))
    is_large, delimiter = seed % _LARGE == 0, pick.choice(_DELIMITERS)
    case = Case(
        rows=(),
        text="",
        encoding=pick.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "iso8859-15", "gb18030", "cp1252")),
        delimiter=delimiter,
        quote=quote,
        escape=pick.choice((None, None, None, "\\")) if quote else None,
        is_found_out=delimiter != "~" and pick.random() < 0.4,
        comment=pick.choice(("", "", "", "#")),
        skips_space=pick.random() < 0.15,
        has_header=pick.random() < 0.85,
        title=pick.choice((0, 0, 0, 1, 2)),
        skip_rows=pick.choice((0, 0, 0, 0, 1, 2)),
        skip_footer=pick.choice((0, 0, 0, 0, 1, 3)),
        nulls=pick.choice(((), ("0", "x y"), ("a",))),
        members=pick.choice((0, 0, 0, 1, 3)),
        width=pick.choice((1, 2, 2, 3, 3, 4, 4)),
        line_ends=_LINE_ENDS if pick.random() < 0.1 else (pick.choice(_LINE_ENDS),),
        is_damaged=False,
        is_large=is_large,
        sizes=(_BORDER,) * 3 if is_large else (pick.choice(_SIZES), pick.choice(_SIZES), pick.choice(_SIZES)),
        threads=pick.choice((1, 1, 2)),
    )
    count = 30 if is_large else pick.choice((0, 1, 3, 10, 40)) + case.skip_rows + case.skip_footer
    case = _written(pick, case, [[_value(pick, case) for _ in range(case.width)] for _ in range(count)])
    return _damaged(pick, case) if pick.random() < 0.4 else case


def _value(pick: random.Random, case: Case) -> str:
    parts = [*(_WORDS if case.encoding not in ("iso8859-15", "cp1252") else _WESTERN)]
    if case.quote:
        parts += [case.delimiter, case.quote, case.quote * 2, "\n", "\r\n", "\r", "#", "\\"]
    if pick.random() < 0.05:
        parts += [*",;|:"] if case.quote else [*",;|".replace(case.delimiter, "")]
    text = "".join(pick.choice(parts) for _ in range(pick.choice((0, 1, 1, 2, 4))))
    text *= pick.choice((1, 1, 1, 1, 5))
    if not case.quote and case.width == 1:
        return text.strip(" ") or "a"  # a blank line otherwise
    return text if case.quote or not case.skips_space else text.lstrip(" ")


def _written(pick: random.Random, case: Case, rows: Sequence[Sequence[str]]) -> Case:
    """The case with its text: these rows, and others that fill the blocks of a large one."""
    header = [[f"h{place}" for place in range(case.width)]] * case.has_header
    quotes_all = pick.random() < 0.2
    text, written = "".join("a title" + pick.choice(case.line_ends) for _ in range(case.title)), list[Sequence[str]]()
    for row in [*header, *rows]:
        if case.comment and pick.random() < 0.2:
            text += COMMENT + pick.choice(case.line_ends)
        fillers = _fillers(pick, case, text) if case.is_large and written and len(written) % 10 == 0 else ()
        for one in [*fillers, row]:
            text += _record(pick, case, one, quotes_all=quotes_all) + pick.choice(case.line_ends)
            written.append(one)
        if len(case.line_ends) == 1 and case.width > 1 and pick.random() < 0.05:
            text += case.line_ends[0]
    below = written[len(header) + case.skip_rows :]
    below = below[: len(below) - case.skip_footer]
    if pick.random() < 0.2 and (not rows or rows[-1][-1].strip("\r\n")):
        text = text.rstrip("\r\n")
    return replace(case, rows=below, text=text)


def _fillers(pick: random.Random, case: Case, text: str) -> Iterator[Sequence[str]]:
    """Rows up to some characters before the next border."""
    unit = {"utf-16": 2, "utf-32": 4}.get(case.encoding, 1)
    size = len(text.encode(case.encoding))
    left = (_BORDER - size % _BORDER) // unit - pick.randint(0, 40)
    while left > 0:
        length = min(left, _LONGEST_FILLER)
        yield ["x" * length] + ["y"] * (case.width - 1)
        left -= length + 2 * case.width


def _record(pick: random.Random, case: Case, row: Sequence[str], *, quotes_all: bool) -> str:
    fields = [_field(text, case, is_first=not place, quotes_all=quotes_all) for place, text in enumerate(row)]
    space = " " if case.skips_space and pick.random() < 0.5 else ""
    return (case.delimiter + space).join(fields)


def _field(text: str, case: Case, *, is_first: bool, quotes_all: bool) -> str:
    special = {case.delimiter, case.quote, "\r", "\n", *([case.escape] * bool(case.escape))}
    needs = any(character in special for character in text) or (case.skips_space and text.startswith(" "))
    needs |= is_first and (text.startswith("#") or not text)
    if not case.quote or not (needs or quotes_all):
        return text
    if case.escape:
        text = text.replace(case.escape, case.escape * 2).replace(case.quote, case.escape + case.quote)
    else:
        text = text.replace(case.quote, case.quote * 2)
    return case.quote + text + case.quote


def _damaged(pick: random.Random, case: Case) -> Case:
    """The case with some characters put in or taken out, below the header."""
    start = case.text.find(f"h{case.width - 1}") + 3
    text = case.text
    for _ in range(pick.choice((1, 1, 2, 5))):
        place = pick.randint(min(start, len(text)), len(text))
        put = pick.choice((case.quote, case.quote, case.delimiter, "\n", "\r", "x", " ", ""))
        text = text[:place] + put + text[place + (not put) :]
    return replace(case, text=text, is_damaged=True)
