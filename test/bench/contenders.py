"""Runs one contender: python contenders.py NAME STAGE SOURCE TARGET FOLDER (see `CONTENDERS` for the names)."""

import os
import pickle
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

AT = datetime(2026, 1, 1, tzinfo=UTC)
TYPES = {
    "id": "BIGINT",
    "customer_id": "BIGINT",
    "order_ts": "TIMESTAMP_MS",
    "qty": "BIGINT",
    "unit_price": "DOUBLE",
    "amount": "DOUBLE",
    "status": "VARCHAR",
    "country": "VARCHAR",
    "zip": "VARCHAR",
    "email": "VARCHAR",
    "comment": "VARCHAR",
    "flag": "BOOLEAN",
    "ship_date": "DATE",
    "score": "DOUBLE",
}
META = {"_processed_at": "TIMESTAMP_MS", "_schema_version": "INTEGER"}


def modern_data_lake(
    stage: str, source: str, target: str, folder: Path, *, is_known: bool = True, threads: int = 1, times: int = 1
) -> None:
    """The engine as the jobs run it. The first run infers the types and writes the contract for the others.

    Args:
        stage: json or parquet.
        source: the file to convert.
        target: the file to make.
        folder: where the contract is.
        is_known: the types of the columns are in the contract.
        threads: that work on the file.
        times: how often the file's rows are there.
    """
    import pyarrow as pa
    from datalake.engine import convert_csv, convert_json
    from datalake.engine.contract import Contract, evolve
    from datalake.engine.dataset import Column, Dataset

    pa.set_cpu_count(1)
    saved = folder / "contract.pickle"
    known: Contract | None = pickle.loads(saved.read_bytes()) if is_known or stage == "parquet" else None  # noqa: S301

    def agree(observed: Sequence[Column]) -> Contract:
        contract = evolve(known, (), observed)
        if contract is not known:
            saved.write_bytes(pickle.dumps(contract))
        return contract

    def open_source() -> BinaryIO:
        return cast(BinaryIO, Repeated(source, times))

    Path(target).touch()
    with Path(target if times == 1 else os.devnull).open("wb", buffering=0) as sink:
        if stage == "json":
            convert_csv(open_source, sink, Dataset("d"), agree, AT, known, threads)
        elif known:
            convert_json(open_source, sink, known, "raw/orders.csv", "v1", threads)


class Repeated:
    """A file whose content is repeated."""

    def __init__(self, path: str, times: int) -> None:
        """Opens it."""
        self._file = Path(path).open("rb", buffering=0)  # noqa: SIM115
        self._left = times - 1

    def read(self, size: int) -> bytes:
        """Reads at most this number of bytes."""
        data = self._file.read(size)
        if not data and self._left:
            self._left -= 1
            self._file.seek(0)
            data = self._file.read(size)
        return data

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def spark_alone(stage: str, source: str, target: str, folder: Path) -> None:  # noqa: ARG001
    """Starts and stops a Spark session."""
    Path(target).mkdir()
    _spark().stop()


def spark_tasks(stage: str, source: str, target: str, folder: Path) -> None:
    """The engine in Spark tasks, a group of many small files each."""
    session = _spark()
    Path(target).mkdir()

    def work(paths: Any) -> Any:
        for path in paths:
            modern_data_lake(stage, path, f"{target}/{Path(path).stem}.json", folder)
            yield path

    paths = sorted(map(str, Path(source).glob("*.csv")))
    session.sparkContext.parallelize(paths, 8).mapPartitions(work).count()
    session.stop()


def naive_spark(stage: str, source: str, target: str, folder: Path) -> None:  # noqa: ARG001
    """A Spark job as it is usually written."""
    from pyspark.sql import functions

    session = _spark()
    if stage == "json":
        reader = session.read.option("header", True).option("inferSchema", True).option("multiLine", True)
        frame = reader.option("escape", '"').csv(source)
        frame = frame.withColumn("_processed_at", functions.current_timestamp())
        frame = frame.withColumn("_schema_version", functions.lit(1))
        frame.withColumn("_source_file", functions.input_file_name()).write.json(target)
    else:
        session.read.json(source).write.parquet(target)
    session.stop()


def _spark() -> Any:
    from pyspark.sql import SparkSession

    settings = {"spark.driver.memory": "4g", "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def duckdb_copy(stage: str, source: str, target: str, folder: Path) -> None:  # noqa: ARG001
    """DuckDB with one thread, which costs the least CPU; 2 GB of memory; rows in any order; declared types."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("set threads=1; set memory_limit='2GB'; set preserve_insertion_order=false")
    if stage == "json":
        # Dates and times stay text between CSV and JSON, as in the engine.
        types = {name: "VARCHAR" if kind in ("TIMESTAMP_MS", "DATE") else kind for name, kind in TYPES.items()}
        rows = (
            f"read_csv('{source}', header=true, delim=',', quote='\"', escape='\"', columns={types}, auto_detect=false)"
        )
        extra = "'2026-01-01T00:00:00.000' _processed_at, 1 _schema_version"
        connection.execute(f"copy (select *, {extra} from {rows}) to '{target}' (format json)")  # noqa: S608
    else:
        rows = f"read_json('{source}', format='newline_delimited', columns={TYPES | META})"
        extra = "'raw/orders.csv' _source_file, 'v1' _source_version"
        options = "format parquet, compression zstd, compression_level 3"
        connection.execute(f"copy (select *, {extra} from {rows}) to '{target}' ({options})")  # noqa: S608


def polars_streaming(stage: str, source: str, target: str, folder: Path) -> None:  # noqa: ARG001
    """polars' streaming engine with one thread and declared types."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    import polars as pl

    kinds = {"BIGINT": pl.Int64, "DOUBLE": pl.Float64, "BOOLEAN": pl.Boolean, "INTEGER": pl.Int32}
    schema = {name: kinds.get(kind, pl.String) for name, kind in TYPES.items()}
    if stage == "json":
        frame = pl.scan_csv(source, has_header=False, skip_rows=1, schema=schema)
        extra = [pl.lit("2026-01-01T00:00:00.000").alias("_processed_at"), pl.lit(1).alias("_schema_version")]
        frame.with_columns(extra).sink_ndjson(target)
        return
    frame = pl.scan_ndjson(source, schema=schema | {name: kinds.get(kind, pl.String) for name, kind in META.items()})
    times = pl.col("order_ts", "_processed_at").str.to_datetime(time_unit="ms")
    extra = [pl.lit("raw/orders.csv").alias("_source_file"), pl.lit("v1").alias("_source_version")]
    frame = frame.with_columns(times, pl.col("ship_date").str.to_date(), *extra)
    frame.sink_parquet(target, compression="zstd", compression_level=3)


CONTENDERS: dict[str, Callable[[str, str, str, Path], None]] = {
    "inferred": lambda *arguments: modern_data_lake(*arguments, is_known=False),
    "known": modern_data_lake,
    "threads": lambda *arguments: modern_data_lake(*arguments, threads=os.cpu_count() or 1),
    "tenfold": lambda *arguments: modern_data_lake(*arguments, times=10),
    "spark-tasks": spark_tasks,
    "spark-alone": spark_alone,
    "naive-spark": naive_spark,
    "duckdb": duckdb_copy,
    "polars": polars_streaming,
}

if __name__ == "__main__":
    name, wanted, file, result, workspace = sys.argv[1:]
    CONTENDERS[name](wanted, file, result, Path(workspace))
