"""Rows as JSON lines: whole columns at a time, no Python for a row."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datalake.engine.types.text_columns import buffers, true_places

#: Most bytes of braces, names and quotes that are written at once. Arrow's string arrays end at 2 GiB.
_LITERAL_BYTES = 64 << 20
#: Bytes of texts that are searched for escapes at once. The places found take up to eight times as much.
_BYTES_AT_ONCE = 1 << 20
#: The escapes that JSON demands (RFC 8259 §7). The backslash is replaced first: other escapes contain one.
_ESCAPES = {code: json.dumps(chr(code))[1:-1] for code in (92, 34, *range(32))}
#: Bytes that the escape of each byte adds.
_GROWTH = np.array([len(_ESCAPES.get(code, " ")) - 1 for code in range(256)], np.int32)

Places: TypeAlias = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Member:
    """One member of the objects of a block.

    Attributes:
        name: its name.
        texts: its value in every row as it stands in JSON, unescaped; where it is null, the row lacks the member.
        is_number: the values stand without quotes.
        is_clean: no value needs an escape.
    """

    name: str
    texts: pa.StringArray
    is_number: bool = False
    is_clean: bool = False


def encode(members: Sequence[Member], constant: str, rows: int) -> Iterator[memoryview]:
    """The rows of a block as JSON lines.

    Args:
        members: in their order in each object.
        constant: the members that are the same in every row, as JSON without braces; they come last.
        rows: the number of rows.

    Returns:
        UTF-8 text, one object a line, each line ended by a newline.
    """
    literal_bytes = len(constant) + sum(len(json.dumps(member.name)) + 4 for member in members)
    step = max(1, _LITERAL_BYTES // literal_bytes)
    for start in range(0, rows, step):
        count = min(step, rows - start)
        lines = _Lines(count)
        for member in members:
            lines.add(member, member.texts.slice(start, count))
        yield lines.end(constant)


@dataclass
class _Lines:
    """Lines as a table of pieces. Each member of a row is two of them: a literal (comma, name, quotes) and the value.

    All pieces are put into one array, one behind the other; taking them from there in the order in which they stand in
    the text makes the text.
    """

    rows: int
    _literals: list[str] = field(default_factory=list)
    _arrays: list[pa.StringArray] = field(default_factory=list)
    _escaped: list[tuple[int, Places, pa.StringArray]] = field(default_factory=list)
    _variants: list[npt.NDArray[np.uint8] | None] = field(default_factory=list)
    #: The end of the previous member in rows that have it, and in rows that lack it.
    _closing: tuple[str, str] = ("{", "{")
    _is_absent: npt.NDArray[np.uint8] | None = None

    def add(self, member: Member, texts: pa.StringArray) -> None:
        """The next member of each row, with its value in each."""
        quote = "" if member.is_number else '"'
        texts, absent = _without_nulls(texts)
        self._add_literal(json.dumps(member.name) + ":" + quote, absent)
        self._closing, self._is_absent = (quote + ",", ""), absent
        if not (member.is_clean or member.is_number):
            rows, escaped = escape(texts)
            if len(rows) == self.rows:
                texts = escaped
            elif len(rows):
                self._escaped.append((2 * len(self._arrays) + 1, rows, escaped))
        self._arrays.append(texts)

    def end(self, constant: str) -> memoryview:
        """All lines, once each row has its last members."""
        # Every object ends with the constant members, so that every other member may end with a comma.
        self._add_literal(constant + "}\n", None)
        count, members = len(self._literals), len(self._arrays)
        bases: Places = np.empty(2 * members + 1, np.int32)
        bases[::2] = np.arange(0, count, 4)
        bases[1::2] = np.arange(members) * self.rows + count
        places = _steps(members, -(-self.rows // 4096) * 4096)[: self.rows] + bases
        for piece, variant in enumerate(self._variants):
            if variant is not None:
                places[:, 2 * piece] += variant
        start = count + members * self.rows
        for piece, rows, _ in self._escaped:
            places[rows, piece] = np.arange(start, start + len(rows))
            start += len(rows)
        pieces = pa.concat_arrays([pa.array(self._literals), *self._arrays, *(texts for *_, texts in self._escaped)])
        self._arrays, self._escaped = [], []  # the copies are enough
        offsets, data = buffers(pc.take(pieces, pa.array(places.ravel()), boundscheck=False))
        return memoryview(data[offsets[0] : offsets[-1]])

    def _add_literal(self, opening: str, absent: npt.NDArray[np.uint8] | None) -> None:
        """A literal has four variants: the previous member may be absent, and so may the one that it opens."""
        self._literals += [end + start for end in self._closing for start in (opening, "")]
        before = None if self._is_absent is None else 2 * self._is_absent
        self._variants.append(absent if before is None else before if absent is None else before + absent)


@lru_cache(maxsize=1)
def _steps(members: int, rows: int) -> Places:
    """How far each piece is from its place in the first row. A value moves on with each row, a literal stays."""
    steps: Places = np.zeros((rows, 2 * members + 1), np.int32)
    steps[:, 1::2] = np.arange(rows, dtype=np.int32)[:, None]
    return steps


def _without_nulls(texts: pa.StringArray) -> tuple[pa.StringArray, npt.NDArray[np.uint8] | None]:
    """The texts, with empty texts for nulls, and 1 at the place of each null; None if there are no nulls."""
    if not texts.null_count:
        return texts, None
    offsets, _ = buffers(texts)
    absent = offsets[1:] == offsets[:-1]
    if np.count_nonzero(absent) != texts.null_count:  # unusual: empty texts, or bytes behind a null
        return cast(pa.StringArray, texts.fill_null("")), np.asarray(texts.is_null()).view(np.uint8)
    _, lengths, data = cast(list[pa.Buffer], texts.buffers())
    return pa.StringArray.from_buffers(len(texts), lengths, data, offset=texts.offset), absent.view(np.uint8)


def escape(texts: pa.StringArray) -> tuple[Places, pa.StringArray]:
    """The rows whose texts need JSON's escapes, and those texts with them."""
    rows = _rows_to_escape(texts)
    if texts.null_count and len(rows):  # bytes behind a null are no text
        rows = rows[np.asarray(texts.is_valid())[rows]]
    if not len(rows):
        return rows, texts[:0]
    some = texts if len(rows) == len(texts) else texts.take(pa.array(rows))
    offsets, _ = buffers(some)
    parts, start = list[pa.StringArray](), 0
    while start < len(some):
        end = max(start + 1, int(np.searchsorted(offsets, offsets[start] + _BYTES_AT_ONCE, side="right")) - 1)
        parts.append(_with_escapes(some[start:end]))
        start = end
    return rows, parts[0] if len(parts) == 1 else pa.concat_arrays(parts)


def _rows_to_escape(texts: pa.StringArray) -> Places:
    offsets, data = buffers(texts)
    found: list[Places] = [np.empty(0, np.int32)]
    for start in range(int(offsets[0]), int(offsets[-1]), _BYTES_AT_ONCE):
        hot = _hot(data[start : min(start + _BYTES_AT_ONCE, int(offsets[-1]))]) + start
        rows: Places = np.searchsorted(offsets, hot, side="right").astype(np.int32) - 1
        found.append(rows[np.diff(rows, prepend=-1) > 0])  # they ascend, so that this is faster than np.unique
    return np.unique(np.concatenate(found)) if len(found) > 2 else found[-1]


def _hot(text: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Where bytes need an escape."""
    return true_places((text < 32) | (text == 34) | (text == 92))


def _with_escapes(texts: pa.StringArray) -> pa.StringArray:
    """The texts with escapes. Bytes are replaced in all texts at once, and the offsets move by what is added."""
    offsets, data = buffers(texts)
    text = data[offsets[0] : offsets[-1]]
    replaced = text.tobytes()
    for code in [code for code in _ESCAPES if bytes([code]) in replaced]:
        replaced = replaced.replace(bytes([code]), _ESCAPES[code].encode())
    if len(texts) == 1:  # it may be long: an array of all its places would have many times its size
        places = np.array([0, len(replaced)], np.int32)
    else:
        hot = _hot(text)
        grown = np.concatenate([np.zeros(1, np.int32), np.cumsum(_GROWTH[text[hot]], dtype=np.int32)])
        places = offsets - offsets[0] + grown[np.searchsorted(hot, offsets - offsets[0])]
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(places), pa.py_buffer(replaced))


def escaped(texts: pa.StringArray) -> pa.StringArray:
    """All texts, with JSON's escapes where they need them."""
    rows, changed = escape(texts)
    if not len(rows):
        return texts
    mask: npt.NDArray[np.bool_] = np.zeros(len(texts), np.bool_)
    mask[rows] = True
    return cast(pa.StringArray, pc.replace_with_mask(texts, pa.array(mask), changed))
