"""What did not fit: kept as JSON in `_rescued_data`, and counted."""

import json
from collections import Counter
from typing import Any, Literal, cast

import pyarrow as pa
import pyarrow.compute as pc

from datalake.engine.dataset import Column
from datalake.engine.format import Block
from datalake.engine.json.writer import escaped
from datalake.engine.types.inference import Inference
from datalake.engine.types.values import trim

#: The member of `_rescued_data` with the fields that a row has beyond the header's. No column can have this name.
SURPLUS = "_surplus"
#: Misfits kept of each column, from which advice finds the option that would mend them.
_SAMPLES = 20
_NULL, _EMPTY = pa.scalar(None, pa.string()), pa.scalar("")


class Rescue:
    """The rescued values of a block, or of all blocks of a file.

    Attributes:
        counts: of them by column; `_surplus` counts the fields beyond the header's.
        cut: by column, the values that are finer than its type. They are in the column, cut.
    """

    def __init__(self) -> None:
        """Nothing had to be rescued yet."""
        self.counts = Counter[str]()
        self.cut = Counter[str]()
        self._inferences: dict[str, Inference] = {}
        self._misfits: dict[str, tuple[Column, list[str]]] = {}
        self._members: list[pa.StringArray] = []

    def add(self, other: "Rescue") -> None:
        """Counts what was rescued of another block."""
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
        for place, fields in block.surplus.items():
            if filled := sum(bool(text.strip()) for text in fields):
                texts[place] = f',"{SURPLUS}":{json.dumps(fields, ensure_ascii=False)}'
                self.counts[SURPLUS] += filled
        self._members.append(pa.array(texts, pa.string()))

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
