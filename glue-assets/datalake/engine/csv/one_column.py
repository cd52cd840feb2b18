"""The rows of a file of one column, where a blank line is a row but for those at the end."""

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from datalake.engine.format import Block


def without_blank_end(blocks: Iterable[Block]) -> Iterator[Block]:
    """The rows of a file of one column without the blank lines at its end; the others are rows, of a null each."""
    blank = 0
    for block in blocks:
        filled = np.flatnonzero(block.columns[0].is_valid())
        end = int(filled[-1]) + 1 if len(filled) else 0
        if end and blank:
            yield Block([pa.nulls(blank, pa.string())])
        if end:
            yield _first(block, end)
        blank = block.rows - end + (0 if end else blank)


def without_last(blocks: Iterable[Block], footer: int) -> Iterator[Block]:
    """The rows of a file of one column without so many at its end."""
    held: deque[Block] = deque()
    behind = 0
    for block in blocks:
        held.append(block)
        behind += block.rows
        while held and behind - held[0].rows >= footer:
            behind -= held[0].rows
            yield held.popleft()
    left = max(0, behind - footer)
    for block in held:
        if left:
            yield _first(block, min(left, block.rows))
        left = max(0, left - block.rows)


def _first(block: Block, rows: int) -> Block:
    """The first rows of a block of one column."""
    surplus = {place: fields for place, fields in block.surplus.items() if place < rows}
    return Block([block.columns[0][:rows]], surplus)
