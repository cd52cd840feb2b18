"""Rows as JSON lines, and back: whole columns at a time, no Python for a row."""

import json
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json

from datalake.rejected import Rejected
from datalake.text_columns import buffers

_EMPTY = pa.scalar("", pa.string())
#: What JSON demands to be escaped: control characters, the quote and the backslash (RFC 8259 §7).
_ESCAPES = {code: json.dumps(chr(code))[1:-1] for code in (92, 34, *range(32))}


class Member:
    """One member of the objects of a block: its name, and its value in every row.

    Args:
        name: of the member.
        texts: the values as they stand in JSON; a row whose value is null does not get the member.
        is_number: they stand without quotes and need no escapes.
    """

    def __init__(self, name: str, texts: pa.Array, *, is_number: bool) -> None:
        """Escapes the texts."""
        quote = "" if is_number else '"'
        self.opening, self.closing = json.dumps(name) + ":" + quote, quote
        self.texts = texts if is_number else escape(texts)


def encode(members: Sequence[Member], constant: str, rows: int) -> memoryview:
    """The rows of a block as JSON lines.

    Args:
        members: in their order in each object.
        constant: the members that are the same in every row, as JSON without braces; they come last.
        rows: the number of rows.

    Returns:
        UTF-8 text, one object a line, each line ended by a newline.
    """
    # Every object ends with the constant members, so that every other member may end with a comma.
    pieces: list[pa.Scalar | pa.Array] = []
    literal = "{"
    for member in members:
        if member.texts.null_count:
            whole = pc.binary_join_element_wise(member.opening, member.texts, member.closing + ",", _EMPTY)
            pieces += [literal, whole]  # null where the text is: the row does not get the member
            literal = ""
        else:
            pieces += [literal + member.opening, member.texts]
            literal = member.closing + ","
    pieces.append(literal + constant + "}\n")
    if not any(isinstance(piece, pa.Array) for piece in pieces):
        return memoryview(("".join(pieces) * rows).encode())
    lines = pc.binary_join_element_wise(*pieces, _EMPTY, null_handling="replace", null_replacement="")
    offsets, data = buffers(lines)
    return memoryview(data[offsets[0] : offsets[-1]])


def escape(texts: pa.Array) -> pa.Array:
    """The texts with JSON's escapes, without quotes around them; only rows that need an escape are touched."""
    offsets, data = buffers(texts)
    text = data[offsets[0] : offsets[-1]]
    hot = np.flatnonzero((text < 32) | (text == 34) | (text == 92))
    if not len(hot):
        return texts
    rows = np.unique(np.searchsorted(offsets, hot + offsets[0], side="right") - 1)
    found = set(np.unique(text[hot]).tolist())
    escaped = texts.take(pa.array(rows))
    for code, replacement in _ESCAPES.items():  # the backslash first: the others bring new ones
        if code in found:
            escaped = pc.replace_substring(escaped, chr(code), replacement)
    mask: npt.NDArray[np.bool_] = np.zeros(len(texts), np.bool_)
    mask[rows] = True
    return pc.replace_with_mask(texts, pa.array(mask), escaped)


def decode(chunks: Iterable[bytes], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of JSON lines, in tables of some 1 MiB of text.

    Args:
        chunks: of the text.
        schema: the members that the objects may have; one that is not there is null.

    Raises:
        Rejected: it is not JSON lines of that schema.
    """
    # Arrow's JSON reader knows no date: one is read as its midnight.
    read = pa.schema([pa.field(m.name, pa.timestamp("s") if m.type == pa.date32() else m.type) for m in schema])
    options = pa_json.ParseOptions(explicit_schema=read, unexpected_field_behavior="error")
    for block in whole_lines(chunks):
        size = pa_json.ReadOptions(use_threads=False, block_size=len(block) + 1)
        try:
            pa.array([block], pa.binary()).cast(pa.string())  # the JSON reader does not look whether it is UTF-8
            table = pa_json.read_json(pa.BufferReader(block), size, options)
        except pa.ArrowInvalid as error:
            raise Rejected(
                f"it is not JSON lines as process_csv writes them ({error}): upload the CSV again"
            ) from error
        yield table.select(schema.names).cast(schema)


def whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks that end with a line; blank ones are left out."""
    started: list[bytes] = []
    for chunk in chunks:
        end = chunk.rfind(b"\n") + 1
        if not end:
            started.append(chunk)
            continue
        block = b"".join([*started, chunk[:end]])
        started = [chunk[end:]] if end < len(chunk) else []
        if block.strip():
            yield block
    rest = b"".join(started)
    if rest.strip():
        yield rest
