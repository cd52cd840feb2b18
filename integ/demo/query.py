"""DuckDB in place of Athena: reads tables through the Glue catalog, as Athena does.

It raises an error for what Athena would miss or fail to read: an object outside every projected partition, or a file
whose Parquet types differ from the table's.
"""

import itertools
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

Table = Mapping[str, Any]

#: Athena's type of a Parquet column, by physical and logical type. Times finer than milliseconds would be rounded.
ATHENA_TYPES = (
    (r"BYTE_ARRAY String", "string"),
    (r"INT64 None", "bigint"),
    (r"INT32 None", "int"),
    (r"DOUBLE None", "double"),
    (r"BOOLEAN None", "boolean"),
    (r"INT32 Date", "date"),
    (r"INT64 Timestamp\(isAdjustedToUTC=false, timeUnit=milliseconds.*", "timestamp"),
    (r"\w+ Decimal\(precision=(\d+), scale=(\d+)\)", r"decimal(\1,\2)"),
)


class UnreadableError(Exception):
    """Athena would fail on a table or miss part of it."""


class Catalog:
    """The tables of one Glue database as views of a DuckDB schema of the same name."""

    def __init__(self, database: str, tables: Sequence[Table], mirror: Path) -> None:
        """Defines the views.

        Args:
            database: name of the Glue database.
            tables: as returned by GetTables.
            mirror: folder with a copy of the customer's bucket.

        Raises:
            UnreadableError: Athena could not read a table.
        """
        self.database = database
        self.tables = {table["Name"]: table for table in tables}
        self._connection = duckdb.connect()
        self._connection.execute(f"CREATE SCHEMA {quoted(database)}; USE {quoted(database)}")
        unseen = {path for path in (mirror / "analytics-ready").rglob("*") if path.is_file()}
        for table in tables:
            unseen -= self._define(table, mirror)
        if unseen:
            names = sorted(path.relative_to(mirror).as_posix() for path in unseen)
            raise UnreadableError(f"no partition of {database} reaches {len(names)} objects: {', '.join(names[:3])}")

    def sql(self, query: str, parameters: Sequence[object] = ()) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and rows of an answer."""
        answer = self._connection.execute(query, parameters)
        return [column[0] for column in answer.description], answer.fetchall()

    def _define(self, table: Table, mirror: Path) -> set[Path]:
        """Defines one table's view and returns the files that it reads."""
        columns = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
        keys = {key["Name"]: key["Type"] for key in table["PartitionKeys"]}
        nothing = ", ".join(f"NULL::{duckdb_type(type_)} AS {quoted(name)}" for name, type_ in (columns | keys).items())
        selects, read = [f"SELECT {nothing} WHERE false"], set()
        for values, prefix in partitions(table):
            if files := visible(mirror / prefix):
                selects.append(select(files, table["Name"], columns, keys, values))
                read.update(files)
        self._connection.execute(f"CREATE VIEW {quoted(table['Name'])} AS {' UNION ALL '.join(selects)}")
        return read


def visible(folder: Path) -> list[Path]:
    """Files directly in a folder, without names that Athena ignores."""
    return sorted(path for path in folder.glob("*") if path.is_file() and path.name[0] not in "._")


def select(
    files: Sequence[Path],
    table: str,
    columns: Mapping[str, str],
    keys: Mapping[str, str],
    values: Mapping[str, str],
) -> str:
    """SELECT of one partition. It needs no casts: the files have the types of the table."""
    present = {name for file in files for name in checked_columns(file, columns, table)}
    expressions = [
        quoted(name) if name in present else f"NULL::{duckdb_type(type_)} AS {quoted(name)}"
        for name, type_ in columns.items()
    ]
    expressions += [f"{values[name]}::{duckdb_type(type_)} AS {quoted(name)}" for name, type_ in keys.items()]
    paths = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    source = f"read_parquet([{paths}], union_by_name = true, hive_partitioning = false)"
    return f"SELECT {', '.join(expressions)} FROM {source}"  # noqa: S608 (names are quoted)


def partitions(table: Table) -> Iterator[tuple[dict[str, str], str]]:
    """Values and key prefix of every projected partition, including empty ones."""
    parameters = table["Parameters"]
    if parameters.get("projection.enabled") != "true":
        raise UnreadableError(f"table {table['Name']} has no partition projection")
    names = [key["Name"] for key in table["PartitionKeys"]]
    template = parameters["storage.location.template"]
    for combination in itertools.product(*(projected(parameters, name) for name in names)):
        values = dict(zip(names, combination, strict=True))
        location = string.Template(template).substitute(values)
        yield values, location.split("/", 3)[3]


def projected(parameters: Mapping[str, str], name: str) -> list[str]:
    """Values of one partition key, formatted as Athena does in a location."""
    if parameters[f"projection.{name}.type"] != "integer":
        raise UnreadableError(f"projection.{name}.type is {parameters[f'projection.{name}.type']}, expected integer")
    low, high = map(int, parameters[f"projection.{name}.range"].split(","))
    digits = int(parameters.get(f"projection.{name}.digits", 1))
    return [str(value).zfill(digits) for value in range(low, high + 1)]


def checked_columns(file: Path, columns: Mapping[str, str], table: str) -> list[str]:
    """Columns of the file. Raises UnreadableError if one differs from its declaration in the table."""
    schema = pq.ParquetFile(file).schema
    names = []
    for index in range(len(schema.names)):
        column = schema.column(index)
        stored, declared = athena_type(column), columns.get(column.name, "not in the table")
        if stored != declared:
            raise UnreadableError(f"{table}.{column.name} is {declared} in the catalog and {stored} in {file.name}")
        names.append(column.name)
    return names


def athena_type(column: Any) -> str:
    """The Athena type that reads every value of a Parquet column."""
    found = f"{column.physical_type} {column.logical_type}"
    for pattern, type_ in ATHENA_TYPES:
        if match := re.fullmatch(pattern, found):
            return match.expand(type_)
    return found


def duckdb_type(type_: str) -> str:
    """DuckDB's name of an Athena type."""
    return {"string": "varchar", "int": "integer"}.get(type_, type_)


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
