"""JSON lines, read back as columns."""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO, cast

import pyarrow as pa
import pyarrow.json as pa_json

from datalake.engine.contract import arrow_schema
from datalake.engine.conversion import Rejected
from datalake.engine.dataset import Column
from datalake.engine.parallel import in_order

#: Smallest block, and smallest size per column. A block takes time for each column, however few rows it has.
_BLOCK_BYTES, _BLOCK_BYTES_PER_COLUMN = 4 << 20, 4096


def decode(chunks: Iterable[bytes], columns: Sequence[Column], threads: int = 1) -> Iterator[pa.Table]:
    """The rows of JSON lines, in tables of some 4 MiB of text.

    Args:
        chunks: of the text.
        columns: the members that the objects may have; one that is missing is null.
        threads: number of threads that read ahead.

    Raises:
        Rejected: it is not JSON lines with these columns.
    """
    schema = arrow_schema(columns)
    read = pa.schema([pa.field(column.name, column.kind.json_arrow or column.kind.arrow) for column in columns])
    options = pa_json.ParseOptions(explicit_schema=read, unexpected_field_behavior="error")

    def decode_block(block: bytes) -> pa.Table:
        size = pa_json.ReadOptions(use_threads=False, block_size=len(block) + 1)
        try:
            table = pa_json.read_json(cast(IO[bytes], pa.BufferReader(block)), size, options)
            table.validate(full=True)  # the JSON reader does not check that texts are UTF-8
        except pa.ArrowInvalid as error:
            raise Rejected(
                f"it is not JSON lines as process_csv writes them ({error}): upload the CSV again"
            ) from error
        return table.select(schema.names).cast(schema)

    blocks = whole_lines(chunks, max(_BLOCK_BYTES, len(schema) * _BLOCK_BYTES_PER_COLUMN))
    return in_order(decode_block, blocks, threads)


def whole_lines(chunks: Iterable[bytes], at_least: int = 0) -> Iterator[bytes]:
    """The same bytes in blocks that end with a line; blank ones are left out.

    Args:
        chunks: of the text.
        at_least: smallest size of a block in bytes, except for the last one.
    """
    started: list[bytes] = []
    size = 0
    for chunk in chunks:
        end = chunk.rfind(b"\n") + 1
        size += len(chunk)
        if not end or size < at_least:
            started.append(chunk)
            continue
        block = b"".join([*started, memoryview(chunk)[:end]])
        started, size = [chunk[end:]], len(chunk) - end
        if not block.isspace():
            yield block
        del block  # before the next one grows
    rest = b"".join(started)
    if rest and not rest.isspace():
        yield rest
