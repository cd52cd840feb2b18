"""The two conversions, from stream to stream: CSV to JSON lines, JSON lines to Parquet."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from datalake import json_lines
from datalake.byte_streams import Rewindable
from datalake.contract import (
    PROCESSED_AT,
    RESCUED_DATA,
    SCHEMA_VERSION,
    SOURCE_FILE,
    SOURCE_VERSION,
    Contract,
    arrow_schema,
    column_names,
)
from datalake.csv_input import CsvFile
from datalake.csv_records import Block
from datalake.dataset import Column, Dataset
from datalake.inference import Inference
from datalake.parquet_output import ParquetOutput
from datalake.values import fit, trim

#: The member of `_rescued_data` with the fields that a row has beyond the header's. No column can have this name.
SURPLUS = "_surplus"


@dataclass
class Conversion:
    """What one conversion did.

    Attributes:
        rows_in: records of the input, without its header.
        rows_out: rows written; equal to rows_in, since no row is ever dropped.
        bytes_in: size of the source, as it is stored.
        values_rescued: values that did not fit their column's type and are kept in `_rescued_data`.
        schema_version: the version of the contract that the output was written by.
        rescued_by_column: the same as values_rescued by column; `_surplus` counts the fields beyond the header's.
        required_nulls: nulls by required column.
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
    known: Contract | None = None,
) -> Conversion:
    """Turns a CSV file into JSON lines.

    Each line is an object with the row's values by normalised column name, without those that are null, then
    `_rescued_data` where something did not fit, `_processed_at` and `_schema_version`. Numbers and booleans stand as
    such, decimals and everything else as strings; dates and timestamps in ISO 8601, timestamps in UTC.

    Args:
        open_source: opens the object from its first byte; called a second time for an object over 1 MiB with columns
            whose type is not known yet, since all their values are looked at before the first row is written.
        sink: takes the JSON lines; not closed.
        dataset: what the customer declared.
        agree: is told the columns whose types were inferred from their values, those that are in no contract yet, and
            returns the contract that now holds. Called once.
        processed_at: the time that the rows get.
        known: the contract so far, however old: it spares its columns the inference.

    Raises:
        Rejected: it is not a CSV file. What went into the sink must not be kept then.
    """
    file = CsvFile(open_source, dataset.csv)
    names = _names(file, dataset)
    settled = {column.name for column in (*dataset.columns, *(known.columns if known else ()))}
    new = {position: name for position, name in enumerate(names) if name not in settled}
    observed = _infer(file, new) if new else []
    contract = agree(observed)
    rows = _Rows(names, dataset, contract, observed, processed_at)
    for block in file.blocks():
        for lines in rows.encode(block):
            sink.write(lines)
    rows.done.bytes_in = file.size
    return rows.done


def convert_json(
    open_source: Callable[[], BinaryIO],
    sink: BinaryIO,
    contract: Contract,
    source_file: str,
    source_version: str,
) -> Conversion:
    """Turns JSON lines, as `convert_csv` writes them, into a Parquet file with exactly the types of the contract.

    Args:
        open_source: opens the object from its first byte; called once.
        sink: takes the Parquet file; not closed.
        contract: the version that the JSON lines were written by, or a later one.
        source_file: the value of `_source_file` in every row.
        source_version: the value of `_source_version` in every row.

    Raises:
        Rejected: it is not JSON lines of that contract. What went into the sink must not be kept then.
    """
    done = Conversion(schema_version=contract.version)
    schema = arrow_schema(contract.table_columns())
    constants = {SOURCE_FILE.name: source_file, SOURCE_VERSION.name: source_version}
    members = pa.schema([member for member in schema if member.name not in constants])
    source = Rewindable(open_source)
    with ParquetOutput(sink, schema) as output:
        for table in json_lines.decode(source.chunks(), members):
            for name, text in constants.items():
                table = table.append_column(name, pa.repeat(pa.scalar(text, pa.string()), table.num_rows))
            output.write(table.select(schema.names))
            done.rows_in += table.num_rows
    done.rows_out, done.bytes_in = done.rows_in, source.size
    return done


def _names(file: CsvFile, dataset: Dataset) -> list[str]:
    """The columns of a file by its header; without one, the declared ones in their order."""
    if file.header:
        return column_names(file.header)
    declared = [column.name for column in dataset.columns][: file.width]
    return column_names([*declared, *[""] * (file.width - len(declared))])


def _infer(file: CsvFile, new: dict[int, str]) -> list[Column]:
    """The new columns that have values, with the types that all their values have."""
    inferences = {position: Inference() for position in new}
    for block in file.blocks(list(new)):
        for inference, texts in zip(inferences.values(), block.columns, strict=True):
            if not inference.is_settled:
                inference.look_at(trim(texts))
        if all(inference.is_settled for inference in inferences.values()):
            break
    return [Column(new[position], kind) for position, inference in inferences.items() if (kind := inference.type)]


class _Rows:
    """The rows of one file on their way to JSON lines.

    Attributes:
        done: the figures so far.
    """

    def __init__(
        self,
        names: list[str],
        dataset: Dataset,
        contract: Contract,
        observed: Sequence[Column],
        processed_at: datetime,
    ) -> None:
        """Nothing is written yet."""
        agreed = {column.name: column for column in contract.columns}
        if lost := [column.name for column in observed if column.name not in agreed]:
            raise LookupError(f"the contract that was agreed on lacks the observed columns {lost}")
        declared = {column.name: column for column in dataset.columns}
        self._names, self._declared = names, declared
        self._proved = {column.name for column in observed if agreed[column.name].type == column.type}
        self._columns = [_as_declared(agreed.get(name), declared.get(name)) for name in names]
        self._absent = [column.name for column in dataset.columns if column.required and column.name not in names]
        self._rescued, self._nulls = Counter[str](), Counter[str]()
        at = processed_at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
        self._constant = json.dumps(
            {PROCESSED_AT.name: at, SCHEMA_VERSION.name: contract.version}, separators=(",", ":")
        )
        self.done = Conversion(schema_version=contract.version)

    def encode(self, block: Block) -> Iterator[memoryview]:
        """The JSON lines of a block."""
        members, rescued = [], []
        for name, column, raw in zip(self._names, self._columns, block.columns, strict=True):
            if column is None:  # it has never had a value
                continue
            fitted = fit(raw, column, is_declared=name in self._declared, is_proved=name in self._proved)
            is_clean = column.type != "string"
            members.append(json_lines.Member(name, fitted.texts, fitted.is_number, is_clean))
            if fitted.misfits is not None:
                rescued.append(_rescue(name, raw, fitted.misfits))
                self._rescued[name] += pc.sum(fitted.misfits).as_py()
            if column.required:
                self._nulls[name] += fitted.texts.null_count
        if block.surplus:
            rescued.append(self._rescue_surplus(block))
        if rescued:
            members.append(json_lines.Member(RESCUED_DATA.name, _join(rescued)))
        self._count(block.rows)
        return json_lines.encode(members, self._constant[1:-1], block.rows)

    def _rescue_surplus(self, block: Block) -> pa.Array:
        texts: list[str | None] = [None] * block.rows
        for position, fields in block.surplus.items():
            if filled := sum(bool(text.strip()) for text in fields):
                texts[position] = f',"{SURPLUS}":{json.dumps(fields, ensure_ascii=False)}'
                self._rescued[SURPLUS] += filled
        return pa.array(texts, pa.string())

    def _count(self, rows: int) -> None:
        for name in self._absent:
            self._nulls[name] += rows
        self.done.rows_in += rows
        self.done.rows_out += rows
        self.done.rescued_by_column = dict(self._rescued)
        self.done.values_rescued = self._rescued.total()
        self.done.required_nulls = {name: nulls for name, nulls in self._nulls.items() if nulls}


def _as_declared(agreed: Column | None, declared: Column | None) -> Column | None:
    """The column with its type by the contract, and the format and the demand that are declared now."""
    if agreed is None or declared is None:
        return agreed
    return Column(agreed.name, agreed.type, declared.required, declared.format)


def _rescue(name: str, texts: pa.Array, misfits: pa.Array) -> pa.Array:
    """The member of `_rescued_data` for a column, behind a comma, null in the rows where nothing is to be rescued."""
    raw = json_lines.escaped(pc.if_else(misfits, texts, pa.scalar(None, pa.string())))
    return pc.binary_join_element_wise("," + json.dumps(name) + ':"', raw, '"', "")


def _join(rescued: list[pa.Array]) -> pa.Array:
    """The `_rescued_data` of each row; null where nothing is rescued."""
    joined = pc.binary_join_element_wise(*rescued, "", null_handling="replace", null_replacement="")
    whole = pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(joined, 1), "}", "")  # without the first comma
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), whole)
