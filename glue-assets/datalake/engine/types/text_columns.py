"""Facts about all texts of a column at once, read from their bytes in memory."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def _any_of(codes: set[int]) -> npt.NDArray[np.bool_]:
    """A table with True for each of these bytes."""
    return np.isin(np.arange(256), list(codes))


_WHITE_SPACE = [chr(code).encode() for code in range(0x3001) if chr(code).isspace()]  # the last one is U+3000
_OPENS_WHITE_SPACE = _any_of({character[0] for character in _WHITE_SPACE})
_CLOSES_WHITE_SPACE = _any_of({character[-1] for character in _WHITE_SPACE})


@dataclass(frozen=True)
class TextColumn:
    """The texts of a column that are not null.

    Attributes:
        array: the column.
        data: the bytes of the texts, one text after the other.
        starts: where each text begins in `data`.
        lengths: bytes of each text.
    """

    array: pa.StringArray
    data: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]

    @classmethod
    def of(cls, array: pa.StringArray) -> "TextColumn":
        """Does not copy the texts."""
        offsets, data = buffers(array)
        starts, lengths = offsets[:-1] - offsets[0], np.diff(offsets)
        if array.null_count:
            valid = np.asarray(array.is_valid())
            starts, lengths = starts[valid], lengths[valid]
        return cls(array, data[offsets[0] : offsets[-1]], starts, lengths)

    @property
    def firsts(self) -> npt.NDArray[np.uint8]:
        """The first byte of each text. No text may be empty."""
        return self.data[self.starts]

    @property
    def lasts(self) -> npt.NDArray[np.uint8]:
        """The last byte of each text. No text may be empty."""
        return self.data[self.starts + self.lengths - 1]


def buffers(texts: pa.StringArray) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """The offsets and the bytes of a string array, without a copy."""
    _, offsets, data = texts.buffers()
    if offsets is None or len(texts) == 0:
        return np.zeros(1, np.int32), np.empty(0, np.uint8)
    window = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return window, np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)


def is_trimmed(texts: pa.StringArray) -> bool:
    """True if no text is empty or has white space at an end. False means only that somebody has to look closer."""
    offsets, data = buffers(texts)
    starts, ends = offsets[:-1], offsets[1:]
    text = data[offsets[0] : offsets[-1]]
    if np.count_nonzero(starts == ends) != texts.null_count or not len(text):
        return bool(len(texts) == texts.null_count)
    if text.min() > ord(" ") and text.max() <= ord("~"):  # only visible characters of ASCII
        return True
    # A null shows the first byte of the next text and the last byte of the text before it, which does no harm.
    firsts = data[np.minimum(starts, offsets[-1] - 1) if texts.null_count else starts]
    lasts = data[np.maximum(ends - 1, offsets[0]) if texts.null_count else ends - 1]
    # Anything but a visible ASCII character is doubtful. The bytes are unsigned: below 33 wraps round to above 93.
    doubtful = ((firsts - 33) > 93) | ((lasts - 33) > 93)
    if not doubtful.any():
        return True
    doubtful &= _OPENS_WHITE_SPACE[firsts] | _CLOSES_WHITE_SPACE[lasts]
    some = texts.take(pa.array(np.flatnonzero(doubtful)))
    return bool(pc.all(pc.equal(pc.utf8_trim_whitespace(some), some), min_count=0).as_py())


def has_byte_below(texts: pa.StringArray, character: str) -> bool:
    """True if a text has a byte that comes before this ASCII character."""
    offsets, data = buffers(texts)
    return bool((data[offsets[0] : offsets[-1]] < ord(character)).any())


def true_places(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Where a mask is true.

    Most words of eight bytes have nothing in them and are passed over, in half of the time that flatnonzero takes.
    """
    whole = len(mask) - len(mask) % 8
    words = mask[:whole].view(np.uint64)
    hit = np.flatnonzero(words != 0)
    found = words[hit]
    places: npt.NDArray[np.int64]
    if (found & (found - 1)).any():
        inner = np.flatnonzero(found.view(np.bool_))
        places = (hit[inner >> 3] << 3) | (inner & 7)
    else:  # one in each word, as line ends mostly are: the exponent of two tells which
        places = (hit << 3) | (np.frexp(found.astype(np.float64))[1] >> 3)
    rest = mask[whole:]
    return np.concatenate((places, whole + np.flatnonzero(rest))) if rest.any() else places
