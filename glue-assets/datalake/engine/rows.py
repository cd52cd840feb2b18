"""The rows of a CSV file on their way to JSON lines: cleaned, in the types of the contract, misfits rescued."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from datalake.engine.advice import advice_on
from datalake.engine.contract import PROCESSED_AT, RESCUED_DATA, SCHEMA_VERSION, Contract
from datalake.engine.conversion import Conversion
from datalake.engine.dataset import Column, Dataset
from datalake.engine.format import Block
from datalake.engine.json.writer import Member, encode
from datalake.engine.rescued import Rescue
from datalake.engine.types.decimal_commas import has_decimal_commas
from datalake.engine.types.values import clean, fit, trim


@dataclass(frozen=True)
class Encoded:
    """A block as JSON lines, with its figures.

    Attributes:
        lines: its JSON lines.
        rows: number of lines.
        rescue: its rescued values.
        nulls: by required column.
        short: rows with fewer fields than the header.
    """

    lines: Iterable[memoryview]
    rows: int
    rescue: Rescue
    nulls: Counter[str]
    short: int


class Rows:
    """The rows of one file on their way to JSON lines."""

    def __init__(
        self,
        names: list[str],
        dataset: Dataset,
        contract: Contract,
        observed: Mapping[int, str],
        processed_at: datetime,
        doubt: str = "",
    ) -> None:
        """Nothing is written yet.

        Args:
            names: the columns of the file.
            dataset: what the customer declared.
            contract: that was agreed on.
            observed: the types that were inferred from this file, by the place of the column.
            processed_at: the time that the rows get.
            doubt: why columns that the contract lacks are to be rescued.
        """
        agreed = {column.name: column for column in contract.columns}
        declared = {column.name: column for column in dataset.columns}
        if lost := {*declared, *(names[place] for place in observed)} - agreed.keys():
            raise LookupError(f"the contract that was agreed on lacks the columns {sorted(lost)}")
        self._names, self._declared = names, declared
        self._proved = {names[place] for place, kind in observed.items() if agreed[names[place]].type == kind}
        self._columns = [_as_declared(agreed.get(name), declared.get(name), dataset) for name in names]
        self._absent = [column.name for column in dataset.columns if column.required and column.name not in names]
        self._rows, self._short, self._rescue, self._nulls = 0, 0, Rescue(), Counter[str]()
        self._doubt, self._null_if = doubt, dataset.null_if
        at = processed_at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
        self._constant = json.dumps(
            {PROCESSED_AT.name: at, SCHEMA_VERSION.name: contract.version}, separators=(",", ":")
        )
        self._version = contract.version

    def encode(self, block: Block) -> Encoded:
        """A block as JSON lines, which are made when they are taken. It changes nothing, so threads may share it."""
        members: list[Member] = []
        rescue, nulls = Rescue(), Counter[str]()
        for name, column, raw in zip(self._names, self._columns, block.columns, strict=True):
            if column is None:  # no file has had a value for it, or only one with a doubtful header
                if self._doubt and (filled := clean(raw, self._null_if).is_valid()).true_count:
                    rescue.keep(Column(name, "string"), raw, filled)
                continue
            fitted = fit(
                raw,
                column,
                is_declared=name in self._declared,
                is_proved=name in self._proved,
                has_decimal_commas=lambda: any(has_decimal_commas(trim(texts)) for texts in block.columns),
            )
            if fitted.cut:
                rescue.cut[name] = fitted.cut
            kind = column.kind
            members.append(Member(name, fitted.texts, is_number=kind.is_bare, is_clean=kind.write is not None))
            if fitted.misfits is not None:
                rescue.keep(column, raw, fitted.misfits)
            if column.required:
                nulls[name] += fitted.texts.null_count
        if block.surplus:
            rescue.keep_surplus(block)
        if block.short:
            rescue.keep_short(block)
        if (rescued := rescue.texts()) is not None:
            members.append(Member(RESCUED_DATA.name, rescued))
        return Encoded(encode(members, self._constant[1:-1], block.rows), block.rows, rescue, nulls, len(block.short))

    def encode_now(self, block: Block) -> Encoded:
        """The same, with all lines made at once."""
        encoded = self.encode(block)
        return replace(encoded, lines=list(encoded.lines))

    def count(self, encoded: Encoded) -> None:
        """Adds a block to the figures."""
        self._rows += encoded.rows
        self._short += encoded.short
        self._rescue.add(encoded.rescue)
        self._nulls.update(encoded.nulls)
        self._nulls.update(dict.fromkeys(self._absent, encoded.rows))

    def done(self) -> Conversion:
        """The figures of all blocks."""
        return Conversion(
            rows_in=self._rows,
            rows_out=self._rows,
            schema_version=self._version,
            values_rescued=self._rescue.counts.total(),
            rescued_by_column=dict(self._rescue.counts),
            rows_short=self._short,
            advice=advice_on(self._rescue, self._rows, self._short, self._doubt, self._declared),
            required_nulls={name: nulls for name, nulls in self._nulls.items() if nulls},
        )


def _as_declared(agreed: Column | None, declared: Column | None, dataset: Dataset) -> Column | None:
    """The column with its type by the contract, and with the formats and the demand that are declared now."""
    if agreed is None:
        return None
    column = replace(declared or agreed, type=agreed.type)
    null_if = dataset.null_if if column.null_if is None else column.null_if
    return replace(column, number=column.number or dataset.number, null_if=null_if)
