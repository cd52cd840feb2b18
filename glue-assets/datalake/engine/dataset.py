"""What a customer declares about its data: datasets, their columns, and the form of their files."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datalake.engine.types.column_type import ColumnType, column_type
from datalake.engine.types.number_format import NumberFormat

#: The dataset of the objects directly under `raw/`, and its table.
ROOT_DATASET = "analytics_ready"


@dataclass(frozen=True)
class Column:
    """A column by its name in the table.

    Attributes:
        name: lower-case snake_case.
        type: string, bigint, int, double, decimal(p,s), boolean, date or timestamp: Athena's own names.
        required: nulls are counted and reported; the row stays.
        format: of a date or timestamp in the CSV file, in the directives of Python's `strptime`, or one of `EPOCHS`;
            None: ISO 8601.
        header: the text in a file's header that means this column. It says how the column is found, not what it is, so
            that columns that differ in it alone are equal. None: no file with the column has been seen yet, and none
            is declared.
        number: how numbers are written in the CSV file; None: as the dataset says, else as in SQL.
        null_if: texts that are null; None: those of the dataset.
    """

    name: str
    type: str
    required: bool = False
    format: str | None = None
    header: str | None = field(default=None, compare=False)
    number: NumberFormat | None = None
    null_if: tuple[str, ...] | None = None

    @classmethod
    def from_dict(cls, declared: Mapping[str, Any]) -> "Column":
        """From the form in which the construct hands it over."""
        names = {"from": "header", "nullIf": "null_if"}
        values = {names.get(key, key): value for key, value in declared.items()}
        tokens = values.get("null_if")
        number = NumberFormat.from_dict(values.get("number"))
        return cls(**values | {"number": number, "null_if": None if tokens is None else tuple(tokens)})

    def __post_init__(self) -> None:
        """Refuses a type that the lake does not have."""
        try:
            column_type(self.type)
        except KeyError:
            raise ValueError(f"column {self.name!r} has the unknown type {self.type!r}") from None

    @property
    def kind(self) -> ColumnType:
        """What the engine knows of its type."""
        return column_type(self.type)


@dataclass(frozen=True)
class CsvOptions:
    """CSV options of a dataset's files. None: detected from each file.

    Attributes:
        delimiter: one character.
        quote: the character around a field that contains delimiters, quotes or newlines; empty if quotes mean nothing.
        escape: the character before a quote that is part of a value; a doubled quote always is one.
        encoding: a name that Python's codecs know.
        header: the first record names the columns.
        skip_lines: lines before the header (titles, comments) that are no data. None: found by the declared columns.
        skip_rows: records right below the header that are no data, such as units.
        skip_footer: records at the end that are no data, such as totals.
        comment: what begins a line that is no data.
        skip_initial_space: spaces behind a delimiter are no part of a value, so that a quote may follow them.
    """

    delimiter: str | None = None
    quote: str = '"'
    escape: str | None = None
    encoding: str | None = None
    header: bool = True
    skip_lines: int | None = None
    skip_rows: int = 0
    skip_footer: int = 0
    comment: str = ""
    skip_initial_space: bool = False


@dataclass(frozen=True)
class Dataset:
    """One dataset of a customer. Without declared columns every type is inferred.

    Attributes:
        drift: `accept`: a file with new columns adds them; one with no known column, or without a header by its looks,
            is taken with its values in `_rescued_data`. `reject`: such files are refused whole.
        max_rescued: a file with more rescued values is refused whole.
        number: how numbers are written in the CSV files; None: as in SQL.
        null_if: texts that are null. White space around them does not count, upper and lower case do.
        hive_partitioning: folders `name=value` in the key of a file are columns of it.
    """

    name: str
    columns: tuple[Column, ...] = ()
    csv: CsvOptions = field(default_factory=CsvOptions)
    drift: str = "accept"
    max_rescued: int | None = None
    number: NumberFormat | None = None
    null_if: tuple[str, ...] = ()
    hive_partitioning: bool = False

    @classmethod
    def from_dict(cls, name: str, declared: Mapping[str, Any]) -> "Dataset":
        """From the form in which the construct hands it over (see `read_datasets`)."""
        csv = {re.sub("[A-Z]", _snake, key): value for key, value in declared.get("csv", {}).items()}
        return cls(
            name,
            tuple(Column.from_dict(column) for column in declared.get("columns", ())),
            CsvOptions(**csv),
            declared.get("drift", "accept"),
            declared.get("maxRescued"),
            NumberFormat.from_dict(declared.get("number")),
            tuple(declared.get("nullIf", ())),
            declared.get("hivePartitioning", False),
        )


def read_datasets(text: str | None) -> dict[str, Dataset]:
    """The datasets that a customer declared, from the parameter of its Glue database; empty if there is none."""
    declared: dict[str, dict[str, Any]] = json.loads(text) if text else {}
    return {name: Dataset.from_dict(name, value) for name, value in declared.items()}


def _snake(capital: re.Match[str]) -> str:
    return f"_{capital[0].lower()}"
