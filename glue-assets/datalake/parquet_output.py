"""Parquet files as Athena reads them best."""

from types import TracebackType
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

#: Of Arrow's memory: a row group of some 10 to 30 MB in the file. Larger ones do not make Athena faster, and one is
#: held in memory while it grows.
ROW_GROUP_BYTES = 64 << 20
COMPRESSION_LEVEL = 3


class ParquetOutput:
    """A Parquet file in the making: zstd, dictionaries, statistics and a page index, row groups of bounded size.

    Args:
        sink: takes the bytes; not closed.
        schema: exactly the types of the file. A table that differs is refused by pyarrow.
    """

    def __init__(self, sink: BinaryIO, schema: pa.Schema) -> None:
        """Writes nothing yet."""
        self._schema = schema
        self._writer = pq.ParquetWriter(
            pa.PythonFile(sink, "w"),
            schema,
            compression="zstd",
            compression_level=COMPRESSION_LEVEL,
            write_page_index=True,
            write_statistics=True,
            store_schema=False,
        )
        self._waiting: list[pa.Table] = []
        self._waiting_bytes = 0

    def __enter__(self) -> "ParquetOutput":
        """The output itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Ends the file, unless something failed: then it stays the torso that it is."""
        if kind is None:
            self._write_row_group()
            self._writer.close()

    def write(self, table: pa.Table) -> None:
        """Adds rows."""
        self._waiting.append(table)
        self._waiting_bytes += table.nbytes
        if self._waiting_bytes >= ROW_GROUP_BYTES:
            self._write_row_group()

    def _write_row_group(self) -> None:
        if self._waiting:
            table = pa.concat_tables(self._waiting)
            self._writer.write_table(table, row_group_size=max(1, table.num_rows))
        self._waiting, self._waiting_bytes = [], 0
