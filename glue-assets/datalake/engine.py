"""The two conversions, from stream to stream: CSV to JSON lines, JSON lines to Parquet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from datalake.contract import Contract
from datalake.dataset import Column, Dataset


@dataclass
class Conversion:
    """What one conversion did.

    Attributes:
        rows_in: records of the input, without its header.
        rows_out: rows written; equal to rows_in, since no row is ever dropped.
        bytes_in: bytes read from the source.
        values_rescued: values that did not fit their column's type and are kept in `_rescued_data`.
        rescued_by_column: the same by column.
        required_nulls: nulls by required column.
        schema_version: the version of the contract that the output was written by.
    """

    rows_in: int = 0
    rows_out: int = 0
    bytes_in: int = 0
    values_rescued: int = 0
    schema_version: int = 0
    rescued_by_column: dict[str, int] = field(default_factory=dict)
    required_nulls: dict[str, int] = field(default_factory=dict)


def convert_csv(
    open_source: Callable[[], BinaryIO],
    sink: BinaryIO,
    dataset: Dataset,
    agree: Callable[[Sequence[Column]], Contract],
    processed_at: datetime,
) -> Conversion:
    """Turns a CSV file into JSON lines."""
    raise NotImplementedError


def convert_json(
    open_source: Callable[[], BinaryIO],
    sink: BinaryIO,
    contract: Contract,
    source_file: str,
    source_version: str,
) -> Conversion:
    """Turns JSON lines into a Parquet file with exactly the types of the contract."""
    raise NotImplementedError
