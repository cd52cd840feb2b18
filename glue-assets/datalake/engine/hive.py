"""Columns whose values are in an object's key: `raw/orders/region=eu/a.csv` has the column `region`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar
from urllib.parse import unquote

import pyarrow as pa

from datalake.engine.conversion import Rejected
from datalake.engine.dataset import Dataset
from datalake.engine.format import Block, InputFile
from datalake.engine.types.values import clean

#: What Hive, Spark and Athena write for a null: https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into-etl.html
_NULL = "__HIVE_DEFAULT_PARTITION__"
NO_FOLDER = (
    'its key has no folder "name=value", and its dataset declares "hivePartitioning": upload it under a key such as '
    "raw/orders/region=eu/a.csv"
)
_Result = TypeVar("_Result")


def key_values(key: str, dataset: Dataset) -> dict[str, str | None]:
    """The values of the folders `name=value` in a key, with Hive's `%2F` and the like decoded; none if not declared.

    Raises:
        Rejected: two folders have one name, or there is none and the dataset takes no file that differs.
    """
    if not dataset.hive_partitioning:
        return {}
    pairs = [folder.split("=", 1) for folder in key.split("/")[:-1] if "=" in folder.lstrip("=")]
    if not pairs and dataset.drift == "reject":
        raise Rejected(NO_FOLDER)
    names = [unquote(name) for name, _ in pairs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Rejected(f'its key has several folders "{twice[0]}=…": upload it under a key with one of them')
    return {name: None if text == _NULL else unquote(text) for name, (_, text) in zip(names, pairs, strict=True)}


class WithKeyColumns:
    """An input file whose last columns have the values of its key. It is an `InputFile`.

    Attributes:
        header: the names in the file, then those in the key; empty if the file has no header.
        width: the number of all columns.
        keys: the names in the key.
        own_header: the names in the file.
        own_width: the number of its columns.
    """

    def __init__(self, file: InputFile, values: Mapping[str, str | None]) -> None:
        """Nothing is read yet."""
        self._file, self._values = file, [*values.values()]
        self.keys, self.own_header, self.own_width = [*values], file.header, file.width
        self.header = [*file.header, *values] if file.header else []
        self.width = file.width + len(values)

    @property
    def size(self) -> int:
        """Stored bytes that have been read so far."""
        return self._file.size

    @property
    def found(self) -> Mapping[str, str | int]:
        """What was found out about the file. Complete when all rows were read."""
        return self._file.found

    @property
    def advice(self) -> Sequence[str]:
        """What its owner should check or declare. Complete when all rows were read."""
        return self._file.advice

    def has_value(self, place: int, null_if: tuple[str, ...]) -> bool:
        """True if the column at this place is of the key, and its value is not null."""
        values = pa.array([self._values[place - self.own_width]] if place >= self.own_width else [], pa.string())
        return bool(clean(values, null_if).is_valid().true_count)

    def map(
        self, work: Callable[[Block], _Result], columns: Sequence[int] | None = None, threads: int = 1
    ) -> Iterator[_Result]:
        """What the work makes of each block, as `InputFile.map` says."""
        if not self.keys:
            return self._file.map(work, columns, threads)
        wanted = [*range(self.width)] if columns is None else [*columns]
        own = [place for place in wanted if place < self.own_width] or [0]  # the rows are counted by a column

        def work_on(block: Block) -> _Result:
            texts = dict(zip(own, block.columns, strict=True))
            for place in wanted:
                if place >= self.own_width:
                    value = pa.scalar(self._values[place - self.own_width], pa.string())
                    texts[place] = pa.repeat(value, block.rows)
            return work(Block([texts[place] for place in wanted], block.surplus, block.short))

        return self._file.map(work_on, own, threads)
