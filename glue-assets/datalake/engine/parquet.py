"""Parquet files as Athena reads them best."""

from io import IOBase
from types import TracebackType
from typing import Any, BinaryIO, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

#: Arrow's memory for one row group, which takes some 10 to 30 MB in the file. It is held while it grows. Athena is no
#: faster with larger ones.
ROW_GROUP_BYTES = 64 << 20
#: Size of a page, the smallest unit that the page index can skip. At pyarrow's 1 MiB, a column of few values is a page
#: in a row group. Small pages make a file less than 1% larger.
PAGE_BYTES = 64 << 10
#: Level of zstd. With such pages, level 3 takes a tenth more CPU time, and its files are 1% larger.
COMPRESSION_LEVEL = 2
#: Memory of an array beside its values. It counts in tables of thousands of columns, whose arrays are short.
_ARRAY_BYTES = 1024
_SAMPLED_ROWS = 20_000
#: Share of different values in a sample from which a dictionary is not worth it: zstd saves as much, or the dictionary
#: outgrows its page (1 MiB) and is given up half-way.
_MOSTLY_DIFFERENT = 0.85


class ParquetOutput:
    """A Parquet file in the making: zstd, statistics and a page index, row groups of bounded size.

    A column gets a dictionary if its first rows show that many values are alike; the others are stored plainly.
    Integers stored as differences (DELTA_BINARY_PACKED) would make a file some 4% smaller. But Spark up to 4.1 reads
    wrong values from them, without an error, when it skips pages by the page index.

    Args:
        sink: takes the bytes; not closed.
        schema: exactly the types of the file. A table that differs is refused by pyarrow.
    """

    def __init__(self, sink: BinaryIO, schema: pa.Schema) -> None:
        """Writes nothing yet."""
        self._sink, self._schema = sink, schema
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self._waiting_bytes = 0

    def __enter__(self) -> "ParquetOutput":
        """The output itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Completes the file. After an error it stays incomplete."""
        if kind is None:
            self._write_row_group().close()

    def write(self, table: pa.Table) -> None:
        """Adds rows."""
        self._waiting.append(table)
        self._waiting_bytes += table.nbytes + table.num_columns * _ARRAY_BYTES
        if self._waiting_bytes >= ROW_GROUP_BYTES:
            self._write_row_group()

    def _write_row_group(self) -> pq.ParquetWriter:
        table = pa.concat_tables(self._waiting) if self._waiting else self._schema.empty_table()
        self._waiting, self._waiting_bytes = [], 0
        if self._writer is None:
            self._writer = self._open(table)
        if table.num_rows:
            self._writer.write_table(table, row_group_size=table.num_rows)
        return self._writer

    def _open(self, first: pa.Table) -> pq.ParquetWriter:
        step = max(1, first.num_rows // _SAMPLED_ROWS)
        sample = first.take(pa.array(np.arange(0, first.num_rows, step))) if step > 1 else first
        alike = [name for name in self._schema.names if _has_alike_values(sample.column(name))]
        return pq.ParquetWriter(
            pa.PythonFile(cast(IOBase, self._sink), "w"),  # any object with its methods will do
            self._schema,
            compression="zstd",
            compression_level=COMPRESSION_LEVEL,
            use_dictionary=alike,  # type: ignore[arg-type] # the stubs know of no list of columns
            write_page_index=True,
            data_page_size=PAGE_BYTES,
            write_statistics=True,
            store_schema=False,
        )


def _has_alike_values(sample: "pa.ChunkedArray[Any]") -> bool:
    if pa.types.is_boolean(sample.type):  # a boolean column cannot have a dictionary
        return False
    values = len(sample) - sample.null_count
    return bool(pc.count_distinct(sample).as_py() <= values * _MOSTLY_DIFFERENT)
