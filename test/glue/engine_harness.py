"""A dataset in memory: what the jobs do with one object after the other, without any AWS."""

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datalake.engine import Conversion, convert_csv, convert_json, streams
from datalake.engine.contract import LAKE_COLUMNS, Contract, evolve
from datalake.engine.csv import file as csv_file
from datalake.engine.dataset import Column, CsvOptions, Dataset
from datalake.engine.types.number_format import NumberFormat

PROCESSED_AT = datetime(2026, 2, 3, 4, 5, 6, 789000, UTC)
LAKE_NAMES = [column.name for column in LAKE_COLUMNS]


@dataclass
class Result:
    """What became of one CSV object."""

    text: str
    parquet: bytes
    contract: Contract
    csv_figures: Conversion
    json_figures: Conversion

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON lines, read by Python's json."""
        return [json.loads(line) for line in self.text.split("\n")[:-1]]

    @property
    def table(self) -> pa.Table:
        """The Parquet file, read by pyarrow. No threads: they outlive the interpreter now and then, and abort it."""
        return pq.ParquetFile(pa.BufferReader(self.parquet)).read(use_threads=False)

    @property
    def metadata(self) -> Any:
        """The Parquet file's footer."""
        return pq.ParquetFile(pa.BufferReader(self.parquet)).metadata

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the Parquet file without the lake's own columns."""
        rows: list[dict[str, Any]] = self.table.drop_columns(LAKE_NAMES).to_pylist()
        return rows

    def column(self, name: str) -> list[Any]:
        """The values of one column of the Parquet file."""
        values: list[Any] = self.table.column(name).to_pylist()
        return values

    @property
    def rescued(self) -> list[dict[str, Any] | None]:
        """`_rescued_data`, row by row."""
        return [text and json.loads(text) for text in self.column("_rescued_data")]

    @property
    def types(self) -> dict[str, str]:
        """The contract's types by column."""
        return {column.name: column.type for column in self.contract.columns}


@dataclass
class Lake:
    """One dataset, and the contract as it stands."""

    columns: Sequence[Column] = ()
    csv: CsvOptions = field(default_factory=CsvOptions)
    contract: Contract | None = None
    drift: str = "accept"
    max_rescued: int | None = None
    number: NumberFormat | None = None
    null_if: tuple[str, ...] = ()
    hive_partitioning: bool = False

    def put(self, data: bytes | str, *, known: bool = True, key: str = "raw/d/a.csv", threads: int = 1) -> Result:
        """Brings a CSV object through both conversions.

        Args:
            data: the object; text is UTF-8.
            known: the contract so far is handed to the conversion.
            key: of the object.
            threads: that work on it.
        """
        raw = data.encode() if isinstance(data, str) else data
        declared = self.drift, self.max_rescued, self.number, self.null_if, self.hive_partitioning
        dataset = Dataset("d", tuple(self.columns), self.csv, *declared)
        lines, parquet = io.BytesIO(), io.BytesIO()

        def agree(observed: Sequence[Column]) -> Contract:
            self.contract = evolve(self.contract, dataset.columns, observed)
            return self.contract

        so_far = self.contract if known else None
        done = convert_csv(lambda: io.BytesIO(raw), lines, dataset, agree, PROCESSED_AT, so_far, threads, key)
        assert self.contract
        text = lines.getvalue()
        in_parquet = convert_json(lambda: io.BytesIO(text), parquet, self.contract, "raw/ü.csv", "v1")
        return Result(text.decode(), parquet.getvalue(), self.contract, done, in_parquet)


@contextmanager
def small_pieces(block_bytes: int) -> Iterator[None]:
    """Files of more than some bytes count as large, and are cut wherever it is proved that a record ends."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(csv_file, "SAMPLE_BYTES", 8)
        monkeypatch.setattr(csv_file, "BLOCK_BYTES", block_bytes)
        monkeypatch.setattr(csv_file, "_BLOCK_BYTES_PER_COLUMN", 1)
        monkeypatch.setattr(streams, "_CHUNK_BYTES", 16)
        yield


def cleaned(text: str) -> str | None:
    """What the documented cleanup leaves of a field."""
    return text.strip() or None


def value_of(text: str, kind: str | None) -> str | None:
    """The text as Python prints the value that it has in the table; a number of another value prints otherwise."""
    stripped = cleaned(text)
    if stripped is None or kind in ("string", "bigint", "date"):
        return stripped
    if kind == "boolean":
        return stripped.capitalize()
    return str(float(stripped) if kind == "double" else datetime.fromisoformat(stripped).replace(tzinfo=None))
