"""The contract of a dataset: the columns of its table, which only ever grow."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa

from datalake.engine.dataset import Column

#: Columns that the lake adds to every row of a table, behind the data's own.
RESCUED_DATA = Column("_rescued_data", "string")
PROCESSED_AT = Column("_processed_at", "timestamp")
SCHEMA_VERSION = Column("_schema_version", "int")
SOURCE_FILE = Column("_source_file", "string")
SOURCE_VERSION = Column("_source_version", "string")
LAKE_COLUMNS = (RESCUED_DATA, PROCESSED_AT, SCHEMA_VERSION, SOURCE_FILE, SOURCE_VERSION)
PARTITION_COLUMNS = ("year", "month")

#: Glue takes 255 characters for a column's name; what is left is room for the suffix that makes it unique.
LONGEST_NAME = 200


@dataclass(frozen=True)
class Contract:
    """The columns of a dataset's table in one version of its schema, without those that the lake adds.

    A column's type never changes and no column ever goes: Athena reads every file of a table by the table's one schema
    and fails on, or misreads, a file whose types differ.
    """

    version: int
    columns: tuple[Column, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for a DynamoDB item."""
        columns = [{"name": c.name, "type": c.type} | ({"required": True} if c.required else {}) for c in self.columns]
        return {"schema_version": self.version, "columns": columns}

    @classmethod
    def from_dict(cls, item: Mapping[str, Any]) -> "Contract":
        """From `to_dict`'s form, other attributes of the item ignored."""
        columns = tuple(Column(c["name"], c["type"], c.get("required", False)) for c in item["columns"])
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
        observed: the columns of an object that have values, with the types inferred from them.

    Returns:
        `current` itself if it has all of them, otherwise the next version with the missing ones at its end.
    """
    columns = {column.name: column for column in current.columns} if current else {}
    known = len(columns)
    for column in (*declared, *observed):
        columns.setdefault(column.name, Column(column.name, column.type, column.required))
    if current and len(columns) == known:
        return current
    return Contract(current.version + 1 if current else 1, tuple(columns.values()))


def arrow_schema(columns: Iterable[Column]) -> pa.Schema:
    """The schema of a Parquet file with these columns."""
    return pa.schema([pa.field(column.name, column.kind.arrow) for column in columns])


def column_names(header: Iterable[str]) -> list[str]:
    """Names for a table from the names in a file: lower-case snake_case of ASCII, none empty, none twice.

    `Unit Price (€)` becomes `unit_price` and `Größe` `grosse`. Letters that have no ASCII form are written in Punycode
    (`価格` becomes `zlyx33h`), so that the name depends on nothing but the text. A name without any letter or digit
    becomes `column_3` by its position, the second `id` becomes `id_2`, and `year` and `month`, which the partitions
    have, become `year_` and `month_`.
    """
    names: dict[str, None] = {}
    for position, text in enumerate(header, 1):
        base = _snake_case(text)[:LONGEST_NAME].strip("_") or f"column_{position}"
        base = f"{base}_" if base in PARTITION_COLUMNS else base
        name, count = base, 1
        while name in names:
            count += 1
            name = f"{base.rstrip('_')}_{count}"
        names[name] = None
    return list(names)


@lru_cache(maxsize=10_000)
def _snake_case(text: str) -> str:
    # Twice, since compatibility forms such as the modifier letter "ᴬ" have capitals behind them.
    letters = unicodedata.normalize("NFKD", text.casefold()).casefold()
    known = "".join(letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    words = "_".join(known.split())
    return words if words.isascii() else re.sub("[^0-9a-z]+", "_", words.encode("punycode").decode())
