"""Text of any encoding as UTF-8."""

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain

import pyarrow as pa

from datalake.engine.conversion import Rejected

_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark is its beginning
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}


def to_utf8(chunks: Iterator[bytes], encoding: str | None) -> Iterator[bytes]:
    """The same text in UTF-8, without a byte order mark.

    Args:
        chunks: of the text.
        encoding: the declared one; without it, the byte order mark tells, else the text is UTF-8 or, if it is not,
            Windows-1252, which is what most programs on Windows write.

    Raises:
        Rejected: it is not text in that encoding.
    """
    first = next(chunks, b"")
    marked = next((name for mark, name in _BYTE_ORDER_MARKS.items() if first.startswith(mark)), None)
    chunks = chain([first], chunks)
    if encoding is None and marked is None:
        yield from _utf8_or_windows(chunks)
        return
    name = encoding or marked or ""
    try:
        decoder, is_first = codecs.getincrementaldecoder(name)(), True
        for chunk in chain(chunks, [b""]):
            text = decoder.decode(chunk, final=not chunk)
            yield (text.removeprefix("\ufeff") if is_first else text).encode()
            is_first = is_first and not text
    except LookupError as error:
        raise Rejected(f"the encoding {name!r} declared for its dataset is unknown: use a name of Python's") from error
    except UnicodeError as error:
        raise Rejected(
            f"it is not text in {name} ({error}): save it as UTF-8, or declare the encoding of its dataset"
        ) from error


def _utf8_or_windows(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks as they are while they are UTF-8, recoded from Windows-1252 from where they are not."""
    pending, is_ascii, windows = b"", True, None
    for chunk in chain(chunks, [b""]):
        if windows is None:
            whole = pending + chunk if pending else chunk
            if not pending and chunk.isascii():
                yield chunk
                continue
            end = len(whole) - _unfinished(whole) if chunk else len(whole)
            try:
                pa.array([whole[:end]], pa.binary()).cast(pa.string())  # the fastest way to ask whether it is UTF-8
            except pa.ArrowInvalid:
                _refuse_damaged(whole, is_ascii)
                windows, chunk = codecs.getincrementaldecoder("cp1252")(), whole
            else:
                is_ascii, pending = is_ascii and whole[:end].isascii(), whole[end:]
                yield whole[:end]
                continue
        try:
            yield windows.decode(chunk).encode()
        except UnicodeDecodeError as error:
            raise Rejected(
                f"it is neither UTF-8 nor Windows-1252 text ({error}): save it as UTF-8, "
                "or declare the encoding of its dataset"
            ) from error


def _unfinished(text: bytes) -> int:
    """How many bytes at the end begin a character of UTF-8 that is not complete."""
    for count in range(1, min(3, len(text)) + 1):
        byte = text[-count]
        if byte >= 0xC0:  # the first byte of a character tells by its upper bits how many it has
            return count if count < (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4) else 0
        if byte < 0x80:
            return 0
    return 0


def _refuse_damaged(chunk: bytes, is_ascii: bool) -> None:
    """A few bytes that are no UTF-8 among more that are: reading them as Windows-1252 would garble the others."""
    text = chunk.decode(errors="replace")
    damaged = text.count("\ufffd")
    if not is_ascii or sum(not character.isascii() for character in text) > 2 * damaged:
        place = text.index("\ufffd")
        raise Rejected(
            f"it is UTF-8 text with bytes that are none (after {text[max(0, place - 20) : place]!r}): "
            "save it as UTF-8, or declare the encoding of its dataset"
        )
