"""What three typical queries must read of Parquet files, by their footers: python bytes_read.py FILE OR FOLDER.

The page index, which lets an engine skip pages within a row group, is not counted.
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
    """A query: the columns that it names, and a range of one of them that it asks for."""

    title: str
    columns: frozenset[str]
    range: tuple[str, Any, Any] | None = None


QUERIES = (
    Query("sum(amount) by country", frozenset({"amount", "country"})),
    Query("count(*) where status = 'returned'", frozenset({"status"})),
    Query("qty, comment of 1,000 consecutive ids", frozenset({"id", "qty", "comment"}), ("id", 100_000, 101_000)),
)


def bytes_read(paths: Iterable[Path], query: Query) -> int:
    """The compressed size of the column chunks in the row groups that the statistics do not exclude."""
    total = 0
    for path in paths:
        footer = pq.ParquetFile(path).metadata
        for place in range(footer.num_row_groups):
            group = footer.row_group(place)
            chunks = {chunk.path_in_schema.lower(): chunk for chunk in map(group.column, range(group.num_columns))}
            if query.range:
                name, low, high = query.range
                statistics = chunks[name].statistics
                if statistics.min > high or statistics.max < low:
                    continue
            total += sum(chunks[name].total_compressed_size for name in query.columns)
    return total


if __name__ == "__main__":
    root = Path(sys.argv[1])
    files = list(root.glob("*.parquet")) if root.is_dir() else [root]
    print(json.dumps({query.title: bytes_read(files, query) for query in QUERIES}))
