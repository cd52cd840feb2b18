"""The Glue tables. The first object of a dataset creates the table; the first with a new column or year widens it.

Partitions are projected: Athena computes them from the table's parameters, so there is no crawler, and no partition to
maintain. The range of years covers exactly the years with data. Athena lists every partition that a query does not
exclude: 2000 to 2100 would be 1,212 listings for a table of one month.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from datalake import policy
from datalake.engine.contract import Contract
from datalake.engine.headers import PARTITION_COLUMNS
from datalake.lake.keys import table_location

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_glue.type_defs import TableInputTypeDef

SCHEMA_VERSION = "schema_version"
_YEARS = "projection.year.range"
_PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}
_PARAMETERS = {
    "EXTERNAL": "TRUE",
    "classification": "parquet",
    "projection.enabled": "true",
    "projection.year.type": "integer",
    "projection.month.type": "integer",
    "projection.month.range": "1,12",
    "projection.month.digits": "2",
}
#: Attributes that people may have set. An update replaces the whole table, so it repeats them.
_KEPT = ("Description", "Owner", "Retention")


class Catalog:
    """The tables of one customer, and what this worker knows of them."""

    def __init__(self, glue: "GlueClient", database: str, bucket: str) -> None:
        """Takes the client of the customer's session; calls nothing yet."""
        self._glue, self._database, self._bucket = glue, database, bucket
        self._known: set[tuple[str, int, int]] = set()

    def ensure(self, dataset: str, contract: Contract, year: int) -> None:
        """Makes the table show the objects of this contract and year. It never loses a column or a year."""
        known = (dataset, contract.version, year)
        if known in self._known:
            return
        for _ in range(policy.TABLE_TRIES):
            table = self._get(dataset)
            wanted = table_input(self._bucket, dataset, contract, year, table)
            if wanted is None:
                self._known.add(known)
                return
            # Read again after every write: only what is there counts.
            self._write(wanted, table)
        raise TimeoutError(f"table {self._database}.{dataset} changes faster than it can be written")

    def _get(self, dataset: str) -> Mapping[str, Any] | None:
        try:
            table: Mapping[str, Any] = self._glue.get_table(DatabaseName=self._database, Name=dataset)["Table"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "EntityNotFoundException":
                raise
            return None
        return table

    def _write(self, wanted: "TableInputTypeDef", current: Mapping[str, Any] | None) -> None:
        """Creates or updates the table, unless another worker has done so since it was read."""
        try:
            if current is None:
                self._glue.create_table(DatabaseName=self._database, TableInput=wanted)
            else:
                version = {"VersionId": current["VersionId"]} if "VersionId" in current else {}
                self._glue.update_table(DatabaseName=self._database, TableInput=wanted, **version)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("AlreadyExistsException", "ConcurrentModificationException"):
                raise


def table_input(
    bucket: str, dataset: str, contract: Contract, year: int, current: Mapping[str, Any] | None
) -> "TableInputTypeDef | None":
    """The table with a contract's columns and with a year, for Glue's API; None if `current` has them already."""
    parameters = dict(current["Parameters"]) if current else {}
    has_columns = int(parameters.get(SCHEMA_VERSION, 0)) >= contract.version
    years = [int(end) for end in parameters.get(_YEARS, f"{year},{year}").split(",")]
    if current and has_columns and years[0] <= year <= years[1]:
        return None
    columns = list(current["StorageDescriptor"]["Columns"]) if current else []
    if not has_columns:
        named = {column["Name"]: column for column in columns}
        ours = {column.name: {"Name": column.name, "Type": column.type} for column in contract.table_columns()}
        columns = [*(ours | named).values()]
    version = parameters.get(SCHEMA_VERSION) if has_columns else str(contract.version)
    location = table_location(bucket, dataset)
    parameters |= _PARAMETERS | {
        SCHEMA_VERSION: version,
        _YEARS: f"{min(years[0], year)},{max(years[1], year)}",
        "storage.location.template": f"{location}year=${{year}}/month=${{month}}/",
    }
    kept = {name: current[name] for name in _KEPT if current.get(name)} if current else {}
    wanted: Any = kept | {
        "Name": dataset,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": name, "Type": "int"} for name in PARTITION_COLUMNS],
        "Parameters": parameters,
        "StorageDescriptor": {"Columns": columns, "Location": location, **_PARQUET},
    }
    return cast("TableInputTypeDef", wanted)
