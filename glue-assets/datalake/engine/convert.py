"""The two conversions, from stream to stream: CSV to JSON lines, JSON lines to Parquet."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import BinaryIO

import pyarrow as pa

from datalake.engine.contract import MOST_COLUMNS, SOURCE_FILE, SOURCE_VERSION, Contract, arrow_schema, known_columns
from datalake.engine.conversion import Conversion, Rejected
from datalake.engine.csv.file import CsvFile
from datalake.engine.csv.quotes import MisreadError, contradiction
from datalake.engine.dataset import Column, Dataset
from datalake.engine.drift import refuse_drift, refuse_rescued, shown
from datalake.engine.file_columns import advice_of, doubt_of, learned, names_of
from datalake.engine.headers import match
from datalake.engine.hive import WithKeyColumns, key_values
from datalake.engine.infer import infer
from datalake.engine.json.reader import decode
from datalake.engine.parquet import ParquetOutput
from datalake.engine.rows import Encoded, Rows
from datalake.engine.streams import Rewindable

#: Other objects may add columns while an object's columns are being named.
_MOST_CHANGES = 10
#: Bytes that are written at once. The kernel takes four times as long for 4 MiB at once as for four times 1 MiB.
_WRITE_BYTES = 1 << 20


def convert_csv(
    open_source: Callable[[], BinaryIO],
    sink: BinaryIO,
    dataset: Dataset,
    agree: Callable[[Sequence[Column]], Contract],
    processed_at: datetime,
    known: Contract | None = None,
    threads: int = 1,
    key: str = "",
) -> Conversion:
    """Turns a CSV file into JSON lines.

    Each line is an object with the row's values by normalised column name, without those that are null, then
    `_rescued_data` where something did not fit, `_processed_at` and `_schema_version`. Numbers and booleans stand as
    such, decimals and everything else as strings; dates and timestamps in ISO 8601, timestamps in UTC.

    Args:
        open_source: opens the object from its first byte; called a second time for an object over 2 MiB with columns
            whose type is not known yet, since all their values are looked at before the first row is written; once more
            for one with escapes, to find where its records end; and twice for one whose backslashes turn out to mean
            something else than those of its first 2 MiB.
        sink: takes the JSON lines, is emptied if the file must be read anew; not closed.
        dataset: what the customer declared.
        agree: is told the new columns with values, and their types; also the known ones that had no header yet. Returns
            the contract that now holds. Called again if that gives the columns other names.
        processed_at: the time that the rows get.
        known: the contract so far, however old: it spares its columns the inference.
        threads: that work on the object, if it can be proved where its records end. The output is the same.
        key: of the object, which may have values of columns.

    Raises:
        Rejected: it is not a CSV file. What went into the sink must not be kept then.
    """
    arguments = (open_source, sink, dataset, agree, processed_at, known, threads, key)
    try:
        return _convert_csv(*arguments)
    except MisreadError as first:
        sink.seek(0)
        sink.truncate()
        try:
            return _convert_csv(*arguments, escapes=first.escapes)
        except MisreadError as second:
            raise contradiction(first, second) from None


def _convert_csv(
    open_source: Callable[[], BinaryIO],
    sink: BinaryIO,
    dataset: Dataset,
    agree: Callable[[Sequence[Column]], Contract],
    processed_at: datetime,
    known: Contract | None,
    threads: int,
    key: str,
    escapes: bool | None = None,
) -> Conversion:
    file = _open(open_source, dataset, key, escapes)
    columns = known_columns(dataset, known)
    names = names_of(file, dataset, columns)
    new = [place for place, name in enumerate(names) if name not in columns]
    observed, slips = infer(file, names, new, dataset, threads)
    if doubted := doubt_of(file, names, columns, observed):
        if dataset.drift == "reject" or file.width > MOST_COLUMNS:
            raise Rejected(f"{doubted} ({shown(file.header)}): is the first line a header?")
        observed = {}
    elif columns:
        refuse_drift(dataset, file.header, names, observed)
    for _ in range(_MOST_CHANGES):
        contract = agree(learned(file, names, columns, observed))
        columns = known_columns(dataset, contract)
        before, names = names, names_of(file, dataset, columns)
        if names == before:
            break
    rows = Rows(names, dataset, contract, observed, processed_at, doubted)
    for encoded in file.map(rows.encode if threads == 1 else rows.encode_now, threads=threads):
        _write(encoded, sink)
        rows.count(encoded)
    done = rows.done()
    done.bytes_in, done.found = file.size, dict(file.found)
    done.advice += [*([] if doubted else slips), *file.advice, *advice_of(file, dataset, names, new)]
    refuse_rescued(dataset, done)
    return done


def _write(encoded: Encoded, sink: BinaryIO) -> None:
    for lines in encoded.lines:
        for start in range(0, len(lines), _WRITE_BYTES):
            sink.write(lines[start : start + _WRITE_BYTES])


def convert_json(
    open_source: Callable[[], BinaryIO],
    sink: BinaryIO,
    contract: Contract,
    source_file: str,
    source_version: str,
    threads: int = 1,
) -> Conversion:
    """Turns JSON lines, as `convert_csv` writes them, into a Parquet file with exactly the types of the contract.

    Args:
        open_source: opens the object from its first byte; called once.
        sink: takes the Parquet file; not closed.
        contract: the version that the JSON lines were written by, or a later one.
        source_file: the value of `_source_file` in every row.
        source_version: the value of `_source_version` in every row.
        threads: that read the JSON lines, while the caller's writes. The output is the same.

    Raises:
        Rejected: it is not JSON lines of that contract. What went into the sink must not be kept then.
    """
    done = Conversion(schema_version=contract.version)
    schema = arrow_schema(contract.table_columns())
    constants = {SOURCE_FILE.name: source_file, SOURCE_VERSION.name: source_version}
    members = [column for column in contract.table_columns() if column.name not in constants]
    source = Rewindable(open_source)
    with ParquetOutput(sink, schema) as output:
        for table in decode(source.chunks(), members, threads):
            for name, text in constants.items():
                table = table.append_column(name, pa.repeat(pa.scalar(text, pa.string()), table.num_rows))
            output.write(table.select(schema.names))
            done.rows_in += table.num_rows
    done.rows_out, done.bytes_in = done.rows_in, source.size
    return done


def _open(open_source: Callable[[], BinaryIO], dataset: Dataset, key: str, escapes: bool | None) -> WithKeyColumns:
    values = key_values(key, dataset)
    of_key = match([*values], dataset.columns)
    declared = [column for column in dataset.columns if column.name not in of_key]
    return WithKeyColumns(CsvFile(open_source, dataset.csv, declared, escapes), values)
