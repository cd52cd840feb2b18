"""CSV files made by chance: what is in them is known before they are written."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

_WORDS = ("", "a", "b1", "é", "日本", "😀", " ", "x y", "0", "-1.5", "2024-02-29", "\u2028", "\x0b", "'", "\x1c")
_LINE_ENDS = ("\n", "\r\n", "\r")
#: Sizes of the sample, of blocks and of chunks. Small ones put a border into every place of a file.
_SIZES = (8, 13, 16, 31, 64, 1 << 20)


@dataclass(frozen=True)
class Case:
    """A CSV file and how it is written.

    Attributes:
        rows: its records below the header, as they were before they were written.
        text: of the file.
        is_damaged: characters were put in or taken out, so that the rows are no longer known.
        sizes: of sample, blocks and chunks.
    """

    rows: Sequence[Sequence[str]]
    text: str
    encoding: str
    delimiter: str
    quote: str
    escape: str | None
    comment: str
    skips_space: bool
    title: int
    width: int
    line_ends: Sequence[str]
    is_damaged: bool
    sizes: tuple[int, int, int]
    threads: int


def make(seed: int) -> Case:
    """The case of a seed."""
    pick = random.Random(seed)
    quote = pick.choice(('"', '"', '"', "'", ""))
    case = Case(
        rows=(),
        text="",
        encoding=pick.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "iso8859-15", "gb18030")),
        delimiter=pick.choice((",", ",", ";", "\t", "|", "~")),
        quote=quote,
        escape=pick.choice((None, None, None, "\\")) if quote else None,
        comment=pick.choice(("", "", "", "#")),
        skips_space=pick.random() < 0.15,
        title=pick.choice((0, 0, 0, 1, 2)),
        width=pick.randint(2, 4),
        line_ends=_LINE_ENDS if pick.random() < 0.1 else (pick.choice(_LINE_ENDS),),
        is_damaged=False,
        sizes=(pick.choice(_SIZES), pick.choice(_SIZES), pick.choice(_SIZES)),
        threads=pick.choice((1, 1, 2)),
    )
    rows = [[_value(pick, case) for _ in range(case.width)] for _ in range(pick.choice((0, 1, 3, 10, 40)))]
    case = replace(case, rows=rows, text=_written(pick, case, rows))
    return _damaged(pick, case) if pick.random() < 0.4 else case


def _value(pick: random.Random, case: Case) -> str:
    parts = [*_WORDS] if case.encoding != "iso8859-15" else ["", "a", "b1", "é", "€", " ", "x y", "0", "'"]
    if case.quote:
        parts += [case.delimiter, case.quote, case.quote * 2, "\n", "\r\n", "\r", "#", case.escape or "a"]
    text = "".join(pick.choice(parts) for _ in range(pick.choice((0, 1, 1, 2, 4))))
    text *= pick.choice((1, 1, 1, 1, 5))
    return text if case.quote or not case.skips_space else text.lstrip(" ")


def _written(pick: random.Random, case: Case, rows: Sequence[Sequence[str]]) -> str:
    header = [f"h{place}" for place in range(case.width)]
    quotes_all = pick.random() < 0.2
    lines = ["a title" + pick.choice(case.line_ends) for _ in range(case.title)]
    for row in [header, *rows]:
        if case.comment and pick.random() < 0.2:
            lines.append("#, a comment \" '" + pick.choice(case.line_ends))
        fields = [_field(text, case, is_first=not place, quotes_all=quotes_all) for place, text in enumerate(row)]
        space = " " if case.skips_space and pick.random() < 0.5 else ""
        lines.append((case.delimiter + space).join(fields) + pick.choice(case.line_ends))
        if len(case.line_ends) == 1 and pick.random() < 0.05:
            lines.append(case.line_ends[0])
    text = "".join(lines)
    return text.rstrip("\r\n") if pick.random() < 0.2 and (not rows or rows[-1][-1].strip("\r\n")) else text


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
