"""The contract of a dataset: the columns of its table, which only ever grow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from datalake.engine.conversion import Rejected
from datalake.engine.dataset import Column, Dataset

#: Columns that the lake adds to every table, after those of the data.
RESCUED_DATA = Column("_rescued_data", "string")
PROCESSED_AT = Column("_processed_at", "timestamp")
SCHEMA_VERSION = Column("_schema_version", "int")
SOURCE_FILE = Column("_source_file", "string")
SOURCE_VERSION = Column("_source_version", "string")
LAKE_COLUMNS = (RESCUED_DATA, PROCESSED_AT, SCHEMA_VERSION, SOURCE_FILE, SOURCE_VERSION)

#: A file with more columns is more likely one whose first line is no header.
MOST_COLUMNS = 10_000
#: A contract is one item of DynamoDB, of 400 KB at most. A column takes the bytes of its texts, map, keys and flag:
#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
_MOST_BYTES, _COLUMN_BYTES, _REQUIRED_BYTES = 400_000, 21, 10


@dataclass(frozen=True)
class Contract:
    """The columns of a dataset's table in one version of its schema, without those that the lake adds.

    A column's type never changes, and no column is ever removed. Athena reads all files of a table by one schema, and
    fails on a file with other types, or misreads it.
    """

    version: int
    columns: tuple[Column, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for a DynamoDB item."""
        return {"schema_version": self.version, "columns": [_column_to_dict(column) for column in self.columns]}

    @classmethod
    def from_dict(cls, item: Mapping[str, Any]) -> "Contract":
        """From the form of `to_dict`. Other attributes of the item are ignored."""
        columns = tuple(
            Column(c["name"], c["type"], c.get("required", False), header=c.get("header")) for c in item["columns"]
        )
        return cls(int(item["schema_version"]), columns)

    def table_columns(self) -> list[Column]:
        """The columns of the Glue table and of every Parquet file, in their order, without the partition columns."""
        return [*self.columns, *LAKE_COLUMNS]


def evolve(current: Contract | None, declared: Iterable[Column], observed: Iterable[Column]) -> Contract:
    """The contract once these columns have been seen.

    Args:
        current: the contract so far; None for a new dataset.
        declared: the columns that the customer declared. They come first in a new contract. A declaration that
            contradicts the contract does not change it: the table already holds data of the older type.
        observed: the new columns of an object that have values, with the types inferred from them, and those known
            columns of it that had no header yet; all with their header.

    Raises:
        Rejected: there would be more columns than a contract can have.

    Returns:
        `current` itself if nothing is new. Otherwise the next version, with new columns at its end. If another object
        has given a name to another header meanwhile, nothing is added either: the names have to be found again.
    """
    columns = {column.name: column for column in current.columns} if current else {}
    before = {name: column.header for name, column in columns.items()}
    observed = [*observed]
    if current and any(c.header and before.get(c.name) not in (None, c.header) for c in observed):
        return current
    for column in (*declared, *observed):
        known = columns.setdefault(column.name, Column(column.name, column.type, column.required))
        if known.header is None:
            columns[column.name] = replace(known, header=column.header)
    if current and {name: column.header for name, column in columns.items()} == before:
        return current
    return _limited(Contract(current.version + 1 if current else 1, tuple(columns.values())))


def _limited(contract: Contract) -> Contract:
    count = len(contract.columns)
    size = sum(
        _COLUMN_BYTES + _REQUIRED_BYTES * c.required + len(f"{c.name}{c.type}{c.header or ''}".encode())
        for c in contract.columns
    )
    if count > MOST_COLUMNS or size > _MOST_BYTES:
        raise Rejected(
            f"its table would have {count} columns whose names take {size // 1000} kB: at most {MOST_COLUMNS} columns "
            f"and {_MOST_BYTES // 1000} kB are possible; is the first line a header?"
        )
    return contract


def known_columns(dataset: Dataset, contract: Contract | None) -> dict[str, Column]:
    """The declared columns and those of the contract, by name; with the declared header, else the contract's."""
    agreed = {column.name: column for column in contract.columns} if contract else {}
    headers = {name: column.header for name, column in agreed.items()}
    declared = {c.name: replace(c, header=c.header or headers.get(c.name)) for c in dataset.columns}
    return declared | {name: column for name, column in agreed.items() if name not in declared}


def _column_to_dict(column: Column) -> dict[str, Any]:
    optional = {"required": True if column.required else None, "header": column.header}
    return {"name": column.name, "type": column.type} | {key: value for key, value in optional.items() if value}


def arrow_schema(columns: Iterable[Column]) -> pa.Schema:
    """The schema of a Parquet file with these columns."""
    return pa.schema([pa.field(column.name, column.kind.arrow) for column in columns])
