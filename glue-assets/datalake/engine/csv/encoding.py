"""Text of any encoding as UTF-8."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa

from datalake.engine.conversion import Rejected

_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark is its beginning
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8",
}
_MARK = codecs.BOM_UTF8
_MARK_AT_LINE = re.compile(rb"([\r\n])" + _MARK)
_END_OF_FILE = b"\x1a"
_UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
#: What Windows-1252 has besides letters, without what Western texts have: quotes, dashes, the euro, degrees and such.
_SYMBOLS = bytes({*range(0x80, 0xC0)} - {*"€‚„…ŠŒŽ‘’“”•–—™šœžŸ\xa0£§©ª«®°²³´µ·º»".encode("cp1252")})


@dataclass
class Utf8Text:
    """The text of a file in UTF-8.

    Attributes:
        declared: the declared encoding.
        encoding: of the text that has been read so far.
        inner_marks: byte order marks at the start of a later line, as in files put one behind the other.
    """

    declared: str | None
    encoding: str = "utf-8"
    inner_marks: int = 0

    def read(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The text, without byte order marks before lines and the Ctrl-Z with which DOS ends files.

        Args:
            chunks: of the file. A byte order mark tells the encoding, whatever is declared; else the text is in the
                declared one, or in UTF-8 or, if it is not, in Windows-1252, which most programs on Windows write.

        Raises:
            Rejected: it is not text in that encoding, or has a NUL character.
        """
        self.inner_marks = 0
        yield from _without_end_of_file(self._without_marks(self._decoded(chunks)))

    def _decoded(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        first = next(chunks, b"")
        marked = next((name for mark, name in _BYTE_ORDER_MARKS.items() if first.startswith(mark)), None)
        self.encoding = marked or self.declared or "utf-8"
        chunks = chain([first], chunks)
        if (marked or self.declared or "utf-8") == "utf-8" and not self.declared:
            yield from self._utf8_or_windows(chunks, may_be_windows=marked is None)
            return
        try:
            decoder = codecs.getincrementaldecoder(self.encoding)()
            for chunk in chain(chunks, [b""]):
                yield decoder.decode(chunk, final=not chunk).encode()
        except LookupError as error:
            raise Rejected(
                f"the encoding {self.encoding!r} declared for its dataset is unknown: use a name of Python's"
            ) from error
        except UnicodeError as error:
            raise Rejected(
                f"it is not text in {self.encoding} ({error}): save it as UTF-8, or declare the encoding of its dataset"
            ) from error

    def _utf8_or_windows(self, chunks: Iterable[bytes], *, may_be_windows: bool) -> Iterator[bytes]:
        """The chunks as they are while they are UTF-8, recoded from Windows-1252 from where they are not."""
        pending, is_ascii, windows = b"", True, None
        for chunk in chain(chunks, [b""]):
            if windows is None:
                if not pending and chunk.isascii():
                    yield chunk
                    continue
                whole = pending + chunk if pending else chunk
                end = len(whole) - _unfinished(whole) if chunk else len(whole)
                if _is_utf8(whole[:end]):
                    is_ascii, pending = is_ascii and whole[:end].isascii(), whole[end:]
                    yield whole[:end]
                    continue
                if not is_ascii or not may_be_windows:
                    raise _damaged(whole)
                self.encoding = "cp1252"
                windows, chunk = _WindowsText(), whole
            yield windows.decode(chunk)

    def _without_marks(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        begins_line, is_first = True, True
        for chunk in chunks:
            if b"\0" in chunk:
                before = chunk[max(0, chunk.index(b"\0") - 20) : chunk.index(b"\0")].decode(errors="ignore")
                raise Rejected(
                    f"it has a NUL character (after {before!r}), which no text has: remove it; "
                    "if the file is UTF-16 or UTF-32, save it with a byte order mark or declare its encoding"
                )
            after = chunk[-1:] in (b"\n", b"\r") if chunk else begins_line
            if _MARK[:1] in chunk and _MARK in chunk:  # one byte is found twenty times as fast as three
                if begins_line and chunk.startswith(_MARK):
                    self.inner_marks += not is_first
                    chunk = chunk.removeprefix(_MARK)
                chunk, count = _MARK_AT_LINE.subn(rb"\1", chunk)
                self.inner_marks += count
            begins_line = after
            is_first = is_first and not chunk
            yield chunk


class _WindowsText:
    """Text in Windows-1252: doubted if it looks like UTF-8 or an encoding of another script."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("cp1252")()
        self._utf8 = self._others = self._foreign = 0

    def decode(self, chunk: bytes) -> bytes:
        """A chunk in UTF-8.

        Raises:
            Rejected: the text so far cannot be Windows-1252.
        """
        try:
            text = self._decoder.decode(chunk)
        except UnicodeDecodeError as error:
            raise _unknown(str(error)) from error
        utf8 = sum(map(len, _UTF8_CHARACTER.findall(chunk)))
        runs = _NOT_ASCII.findall(chunk)
        self._utf8 += utf8
        self._others += sum(map(len, runs)) - utf8
        self._foreign += sum(
            len(run) if len(run) > 2 else len(run) - len(run.translate(None, _SYMBOLS)) for run in runs
        )
        if self._utf8 > 2 * self._others:
            raise _damaged(chunk)
        if 2 * self._foreign > self._utf8 + self._others:
            raise _unknown("its words would be of accents and symbols only, so it is in another script")
        return text.encode()


def _without_end_of_file(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for chunk in chunks:
        if held and chunk.strip(b"\r\n\x1a"):
            yield held
            held = b""
        chunk = held + chunk if held else chunk
        tail = len(chunk)
        if chunk[-1:] in (b"\x1a", b"\n", b"\r") and _END_OF_FILE in chunk[-1024:]:
            body = len(chunk.rstrip(b"\r\n\x1a"))
            tail = chunk.find(_END_OF_FILE, body)
            tail = len(chunk) if tail < 0 else tail
        held = chunk[tail:]
        yield chunk[:tail] if held else chunk


def _is_utf8(text: bytes) -> bool:
    offsets = pa.py_buffer(np.array([0, len(text)], np.int32))
    try:
        pa.StringArray.from_buffers(1, offsets, pa.py_buffer(text)).validate(full=True)  # the fastest way to ask
    except pa.ArrowInvalid:
        return False
    return True


def _unfinished(text: bytes) -> int:
    """How many bytes at the end begin a character of UTF-8 that is not complete."""
    for count in range(1, min(3, len(text)) + 1):
        byte = text[-count]
        if byte >= 0xC0:  # the first byte of a character tells by its upper bits how many it has
            return count if count < (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4) else 0
        if byte < 0x80:
            return 0
    return 0


def _damaged(chunk: bytes) -> Rejected:
    """The verdict on UTF-8 with bytes that are none: reading it as Windows-1252 would garble the other characters."""
    text = chunk.decode(errors="replace")
    place = text.find("\ufffd")
    return Rejected(
        f"it is UTF-8 text with bytes that are none (after {text[max(0, place - 20) : max(0, place)]!r}): "
        "save it as UTF-8, or declare the encoding of its dataset"
    )


def _unknown(reason: str) -> Rejected:
    return Rejected(
        f"it is neither UTF-8 nor Windows-1252 text ({reason}): save it as UTF-8, "
        'or declare the encoding of its dataset, such as "cp1251", "shift_jis" or "gbk"'
    )
