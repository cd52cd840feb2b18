"""Byte streams of an object: decompressed, and readable more than once."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain
from typing import Any, BinaryIO

from datalake.engine.conversion import Rejected

#: What is read at once. Smaller chunks cost more CPU: 1 MiB some 10 % of a conversion with known types.
_CHUNK_BYTES = 2 << 20
_GZIP = b"\x1f\x8b"


class Rewindable:
    """An object that may be read more than once. A small one is fetched only once.

    Args:
        open_source: opens the object from its first byte.
        head_bytes: bytes of its beginning that are kept in memory. A small object fits into them.

    Attributes:
        head: its first bytes, decompressed.
        is_whole: True if the head is the whole object.
        size: stored bytes that have been read so far.

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
        """The decompressed bytes of the object, from the first one."""
        if self._rest is None and not self.is_whole:
            yield from self._unpacked()
            return
        yield self.head
        rest, self._rest = self._rest, None
        yield from rest or ()

    def _unpacked(self) -> Iterator[bytes]:
        """The chunks of the object; those of a gzip file, of one member or several, are decompressed."""
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
