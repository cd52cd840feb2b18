"""Bytes that three typical queries must read of Parquet files, by their footers: python bytes_read.py FILE OR FOLDER.

Prints JSON: the bytes by query, and of how many column chunks there is a page index. With it an engine skips pages
within a row group, too: what that spares is not counted.
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


@dataclass(frozen=True)
class Query:
    """A query: its columns, and the range that it asks for in one of them."""

    title: str
    columns: frozenset[str]
    range: tuple[str, Any, Any] | None = None


QUERIES = (
    Query("sum(amount) by country", frozenset({"amount", "country"})),
    Query("count(*) where status = 'returned'", frozenset({"status"})),
    Query("qty, comment of 1,000 consecutive ids", frozenset({"id", "qty", "comment"}), ("id", 100_000, 101_000)),
)


def bytes_read(paths: Iterable[Path], query: Query) -> int:
    """Compressed bytes of the column chunks in the row groups that statistics do not exclude."""
    total = 0
    for path in paths:
        footer = pq.ParquetFile(path).metadata
        for place in range(footer.num_row_groups):
            group = footer.row_group(place)
            chunks = {chunk.path_in_schema.lower(): chunk for chunk in map(group.column, range(group.num_columns))}
            if query.range:
                name, low, high = query.range
                statistics = chunks[name].statistics
                if statistics and (statistics.min > high or statistics.max < low):
                    continue
            total += sum(chunks[name].total_compressed_size for name in query.columns)
    return total


def page_indexes(paths: Iterable[Path]) -> tuple[int, int]:
    """The number of column chunks with both halves of a page index, and of all column chunks."""
    footers = [pq.ParquetFile(path).metadata for path in paths]
    groups = [footer.row_group(place) for footer in footers for place in range(footer.num_row_groups)]
    chunks = [group.column(place) for group in groups for place in range(group.num_columns)]
    return sum(chunk.has_column_index and chunk.has_offset_index for chunk in chunks), len(chunks)


if __name__ == "__main__":
    root = Path(sys.argv[1])
    files = list(root.glob("*.parquet")) if root.is_dir() else [root]
    queries = {query.title: bytes_read(files, query) for query in QUERIES}
    print(json.dumps({"queries": queries, "page_indexes": page_indexes(files)}))
