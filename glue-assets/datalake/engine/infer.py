"""The types of a file's new columns, by all their values."""

from collections.abc import Sequence
from copy import copy

from datalake.engine.dataset import Dataset
from datalake.engine.format import Block
from datalake.engine.hive import WithKeyColumns
from datalake.engine.slips import advice_on_slips
from datalake.engine.types.column_type import STRING
from datalake.engine.types.decimal_commas import has_decimal_commas
from datalake.engine.types.inference import Inference
from datalake.engine.types.values import clean, trim


def infer(
    file: WithKeyColumns, names: Sequence[str], new: list[int], dataset: Dataset, threads: int
) -> tuple[dict[int, str], list[str]]:
    """The types that all values of the new columns have, by the column's place, and what to say of them.

    Columns without values are left out. A column of the key is text: one file shows only one of its values.
    """
    of_key = {place: STRING.name for place in new if file.has_value(place, dataset.null_if)}
    new = [place for place in new if place < file.own_width]
    inferences = [Inference(dataset.number) for _ in new]

    def look_at(block: Block) -> tuple[Block, list[Inference]]:
        seen = [copy(inference) for inference in inferences]
        for inference, texts in zip(seen, block.columns, strict=True):
            if not inference.is_settled:
                inference.look_at(clean(texts, dataset.null_if))
        return block, seen

    first, is_whole = Block([]), True
    for block, seen in file.map(look_at, new, threads) if new else ():
        is_whole = not first.columns
        first = block if is_whole else first
        for inference, more in zip(inferences, seen, strict=True):
            inference.add(more)
        if not is_whole and all(inference.is_settled for inference in inferences):
            break
    types = {place: inference.type for place, inference in zip(new, inferences, strict=True)}
    doubtful = [place for place, inference in zip(new, inferences, strict=True) if inference.is_doubtful]
    if doubtful and (any(inference.has_decimal_commas for inference in inferences) or _has_decimal_commas(file, new)):
        types |= dict.fromkeys(doubtful, STRING.name)
    texts = {
        names[place]: clean(column, dataset.null_if)
        for place, column in zip(new, first.columns, strict=False)
        if types[place] == STRING.name
    }
    return {place: kind for place, kind in types.items() if kind} | of_key, advice_on_slips(texts, is_whole=is_whole)


def _has_decimal_commas(file: WithKeyColumns, new: list[int]) -> bool:
    """True if one of the other columns has, in some block, nothing but numbers with decimal commas."""
    others = [position for position in range(file.own_width) if position not in new]
    blocks = file.map(lambda block: any(has_decimal_commas(trim(texts)) for texts in block.columns), others)
    return bool(others) and any(blocks)
