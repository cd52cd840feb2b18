"""Streams under a CSV file: unpacked, recoded to UTF-8, with its first bytes put back."""

import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain
from typing import Any, BinaryIO

import pyarrow as pa

from datalake.rejected import Rejected

_CHUNK_BYTES = 1 << 20
_GZIP = b"\x1f\x8b"
_CARRIAGE_RETURN = ord("\r")
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark is its beginning
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}


class Rewindable:
    """An object that may be read more than once; a small one is asked of its store only once.

    Args:
        open_source: opens the object from its first byte.
        head_bytes: how much of it is kept in memory, and is all there is to a small object.

    Attributes:
        head: its first bytes, unpacked.
        is_whole: the head is the whole object.
        size: its bytes as they are stored, as far as it has been read.

    Raises:
        Rejected: it is a damaged gzip file.
    """

    def __init__(self, open_source: Callable[[], BinaryIO], head_bytes: int = 0) -> None:
        """Reads the head."""
        self._open_source = open_source
        self.size = 0
        self._rest: Iterator[bytes] | None = self._unpacked()
        self.head = b""
        for chunk in self._rest:
            self.head += chunk
            if len(self.head) > head_bytes:
                break
        else:
            self._rest = None
        self.is_whole = self._rest is None

    def chunks(self) -> Iterator[bytes]:
        """The object's bytes, unpacked, from the first one."""
        if self._rest is None and not self.is_whole:
            yield from self._unpacked()
            return
        yield self.head
        rest, self._rest = self._rest, None
        yield from rest or ()

    def _unpacked(self) -> Iterator[bytes]:
        """The chunks of the object, those of a gzip file (also of several members) unpacked."""
        stored = self._stored()
        first = next(stored, b"")
        if not first.startswith(_GZIP):
            yield from chain([first], stored)
            return
        packed = io.BufferedReader(ChunkStream(chain([first], stored)))
        try:
            with gzip.GzipFile(fileobj=packed) as file:
                while chunk := file.read(_CHUNK_BYTES):
                    yield chunk
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise Rejected(f"the gzip file is damaged or cut off ({error}): compress and upload it again") from error

    def _stored(self) -> Iterator[bytes]:
        with closing(self._open_source()) as source:
            position = 0
            while chunk := source.read(_CHUNK_BYTES):
                position += len(chunk)
                self.size = max(self.size, position)
                yield chunk


class ChunkStream(io.RawIOBase):
    """A readable file over chunks of bytes."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        """Reads nothing yet."""
        self._chunks, self._left = iter(chunks), memoryview(b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """At most one chunk at a time."""
        while not self._left:
            try:
                self._left = memoryview(next(self._chunks))
            except StopIteration:
                return 0
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


class CsvChunks:
    """A file for Arrow's CSV reader over chunks of bytes, which it gets as they are, mostly.

    No read ends with a carriage return: Arrow takes a newline at the start of a block for the rest of a line's end if
    the block before ended with one, and drops it, also where both are part of a quoted value.
    """

    closed = False

    def __init__(self, chunks: Iterable[bytes]) -> None:
        """Reads nothing yet."""
        self._chunks, self._left = iter(chunks), b""

    def read(self, size: int) -> bytes:
        """At most so many bytes, and at least half as many but at the end."""
        parts, have = [self._left], len(self._left)
        while have <= size // 2 and (chunk := next(self._chunks, None)) is not None:
            parts.append(chunk)
            have += len(chunk)
        data = b"".join(parts) if have > len(parts[-1]) else parts[-1]
        end = min(have, size)
        end -= end > 1 and data[end - 1] == _CARRIAGE_RETURN
        self._left = data[end:]
        return data[:end]

    def close(self) -> None:
        """Gives the chunks up."""
        self.closed, self._chunks = True, iter(())


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
                is_ascii, pending = False, whole[end:]
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
