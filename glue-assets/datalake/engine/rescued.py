"""What did not fit: kept as JSON in `_rescued_data`, and counted."""

import json
from collections import Counter
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datalake.engine.dataset import Column
from datalake.engine.format import Block
from datalake.engine.json.writer import escaped
from datalake.engine.types.inference import Inference
from datalake.engine.types.values import trim

#: The member of `_rescued_data` with the fields that a row has beyond the header's. No column can have this name.
SURPLUS = "_surplus"
#: Short rows, where they are counted like a column.
SHORT = "_short"
#: Misfits kept of each column, from which advice finds the option that would mend them.
_SAMPLES = 20
_NULL, _EMPTY = pa.scalar(None, pa.string()), pa.scalar("")


class Rescue:
    """The rescued values of a block, or of all blocks of a file.

    Attributes:
        counts: of them by column; `_surplus` counts the fields beyond the header's.
        cut: by column, the values that are finer than its type. They are in the column, cut.
        at_start: by column, the misfits before its first other value; `SHORT` counts the short rows.
        at_end: the same behind its last other value.
        surplus: some of the rows that have more fields than the header.
        short: the first fields of some rows that have fewer.
    """

    def __init__(self) -> None:
        """Nothing had to be rescued yet."""
        self.counts = Counter[str]()
        self.cut = Counter[str]()
        self.at_start, self.at_end = dict[str, int](), dict[str, int]()
        self.surplus: list[list[str]] = []
        self.short: list[str] = []
        self._has_begun = False
        self._inferences: dict[str, Inference] = {}
        self._misfits: dict[str, tuple[Column, list[str]]] = {}
        self._members: list[pa.StringArray] = []

    def add(self, other: "Rescue") -> None:
        """Counts what was rescued of the next block."""
        self.at_start, self.at_end = self.at_start if self._has_begun else other.at_start, other.at_end
        self._has_begun = True
        self.surplus = [*self.surplus, *other.surplus][:_SAMPLES]
        self.short = [*self.short, *other.short][:_SAMPLES]
        self.counts.update(other.counts)
        self.cut.update(other.cut)
        for name, inference in other._inferences.items():
            self._inferences.setdefault(name, Inference()).add(inference)
        self._misfits = other._misfits | self._misfits

    def keep(self, column: Column, texts: pa.StringArray, misfits: pa.BooleanArray) -> None:
        """Keeps the misfits of a column in a block, as they stand in the file."""
        inference = Inference()
        rescued = trim(texts.filter(misfits))
        inference.look_at(rescued)
        self._inferences[column.name] = inference
        self._misfits[column.name] = column, [str(text) for text in rescued[:_SAMPLES].to_pylist()]
        self.counts[column.name] += misfits.true_count
        self._note_ends(column.name, np.flatnonzero(misfits), len(misfits))
        raw = escaped(pc.if_else(misfits, texts, _NULL))
        self._members.append(_join("," + json.dumps(column.name) + ':"', raw, '"'))

    @property
    def columns(self) -> dict[str, tuple[Column, str | None, list[str]]]:
        """Each column with rescued values, the type that these have, and some of them."""
        return {
            name: (column, self._inferences[name].type, samples) for name, (column, samples) in self._misfits.items()
        }

    def keep_surplus(self, block: Block) -> None:
        """Keeps the fields beyond the header's. A row in which all of these are empty has none."""
        texts: list[str | None] = [None] * block.rows
        for place in sorted(block.surplus)[:_SAMPLES]:
            self.surplus.append([str(column[place].as_py() or "") for column in block.columns] + block.surplus[place])
        for place, fields in block.surplus.items():
            if filled := sum(bool(text.strip()) for text in fields):
                texts[place] = f',"{SURPLUS}":{json.dumps(fields, ensure_ascii=False)}'
                self.counts[SURPLUS] += filled
        self._members.append(pa.array(texts, pa.string()))

    def keep_short(self, block: Block) -> None:
        """Keeps what tells why rows have fewer fields than the header."""
        places = sorted(block.short)
        self.short = [str(block.columns[0][place].as_py() or "") for place in places[:_SAMPLES]]
        self._note_ends(SHORT, np.array(places), block.rows)

    def _note_ends(self, name: str, places: npt.NDArray[np.int64], rows: int) -> None:
        """Counts, of the places in ascending order, those at either end of the block."""
        count = len(places)
        self.at_start[name] = int((places == np.arange(count)).cumprod().sum())
        self.at_end[name] = int((places[::-1] == rows - 1 - np.arange(count)).cumprod().sum())

    def texts(self) -> pa.StringArray | None:
        """The `_rescued_data` of each row of the block, null where there is none; None if no row has any."""
        if not self._members:
            return None
        joined = _join(*self._members, null_handling="replace")
        whole = _join("{", pc.utf8_slice_codeunits(joined, 1), "}")  # without the first comma
        return cast(pa.StringArray, pc.if_else(pc.equal(joined, _EMPTY), _NULL, whole))


def _join(*parts: pa.StringArray | str, null_handling: Literal["emit_null", "replace"] = "emit_null") -> pa.StringArray:
    """The parts of each row, one behind the other."""
    join: Any = pc.binary_join_element_wise  # the stubs know of no text among arrays
    return cast(pa.StringArray, join(*parts, "", null_handling=null_handling, null_replacement=""))
