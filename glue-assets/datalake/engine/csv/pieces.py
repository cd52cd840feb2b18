"""CSV text cut between records: by a proof, not by a guess.

Whether a newline ends a record depends on every quote before it. Taken in pairs from where a record begins, the quotes
tell, if the first one of each pair is where it begins a field (behind a delimiter or a line's end) or right behind the
pair before it, as the second half of a doubled quote. Then, by induction from pair to pair, a reader is within quotes
just between the two of a pair. A text with any other quote, as in `5" pipe`, is not cut.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from datalake.engine.csv.records import LONGEST_RECORD_BYTES


class UnprovedError(Exception):
    """Nobody can tell where the records end but who reads them one after the other."""


def record_pieces(chunks: Iterable[bytes], delimiter: str, quote: str, least_bytes: int) -> Iterator[memoryview]:
    """The same text in pieces of whole records.

    Args:
        chunks: of the text, from the start of a record.
        delimiter: between fields, of ASCII.
        quote: around fields, of ASCII.
        least_bytes: what each piece but the last has at least.

    Raises:
        UnprovedError: a piece would not be proved, or a record is longer than any may be.
    """
    is_border: npt.NDArray[np.bool_] = np.zeros(256, np.bool_)
    is_border[list(f"{delimiter}\r\n".encode())] = True
    waiting = b""
    for chunk in chunks:
        waiting = waiting + chunk if waiting else chunk
        if len(waiting) < least_bytes:
            continue
        end = _last_end(waiting, ord(quote), is_border)
        if end:
            yield memoryview(waiting)[:end]
            waiting = waiting[end:]
        elif len(waiting) > LONGEST_RECORD_BYTES:
            raise UnprovedError
    if waiting:
        yield memoryview(waiting)  # nothing is cut behind it


def _last_end(text: bytes, quote: int, is_border: npt.NDArray[np.bool_]) -> int:
    """Behind the last newline that is not within quotes; 0 if there is none."""
    data = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero(data == quote)
    newline = text.rfind(b"\n")
    while newline >= 0 and (count := int(np.searchsorted(quotes, newline))) % 2:
        newline = text.rfind(b"\n", 0, int(quotes[count - 1]))
    if newline >= 0 and count:
        opening, closing = quotes[:count:2], quotes[1:count:2]
        begins_field = is_border[data[opening - 1]]
        begins_field[0] |= opening[0] == 0
        begins_field[1:] |= opening[1:] == closing[:-1] + 1
        if not begins_field.all():
            raise UnprovedError
    return newline + 1
