"""A piece of CSV text: whole records, counted."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

#: Bytes and records of a piece.
Cut: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Piece:
    """Consecutive records of a text.

    Attributes:
        text: theirs, in UTF-8.
        records: how many they are. Blank lines count in a file of one column only.
        rows: the records, if they had to be read to be counted; the text is empty then.
        footer: how many of them, at their end, are no data.
    """

    text: bytes | memoryview
    records: int
    rows: list[list[str]] | None = None
    footer: int = 0


@dataclass
class Parts:
    """Parts of a text that make no piece yet.

    Attributes:
        parts: in their order.
        size: bytes of all parts.
    """

    parts: list[bytes | memoryview] = field(default_factory=list)
    size: int = 0

    def add(self, part: bytes | memoryview) -> None:
        """Appends a part."""
        if len(part):
            self.parts.append(part)
            self.size += len(part)

    def take(self) -> bytes | memoryview:
        """All parts as one text; none are left."""
        parts, self.parts, self.size = self.parts, [], 0
        return parts[0] if len(parts) == 1 else b"".join(parts)


def cut_again(chunks: Iterable[bytes], cuts: Iterable[Cut]) -> Iterator[Piece]:
    """The pieces of a text that was cut before, without a look at its bytes.

    Args:
        chunks: of the same text, however divided.
        cuts: what each piece had. Bytes behind the last piece belong to no record.
    """
    parts, unread = Parts(), iter(chunks)
    for size, records in cuts:
        while parts.size < size:
            parts.add(next(unread))
        text = memoryview(parts.take())
        yield Piece(text[:size], records)
        parts.add(text[size:])
        del text  # before the next one grows


def without_footer(pieces: Iterable[Piece], footer: int) -> Iterator[Piece]:
    """The pieces, with so many records at the end of the text marked as no data."""
    held: deque[Piece] = deque()
    behind = 0
    for piece in pieces:
        held.append(piece)
        behind += piece.records
        while behind - held[0].records >= footer:
            behind -= held[0].records
            yield held.popleft()
    marked: deque[Piece] = deque()
    for piece in reversed(held):
        count = min(footer, piece.records)
        footer -= count
        marked.appendleft(Piece(piece.text, piece.records, piece.rows, count))
    yield from marked
