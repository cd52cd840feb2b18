"""Columns that are text because of few of their values, such as a row of units: what to declare so that they are not.

A table keeps its types, so this is said of the file that gives a column its type.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datalake.engine.advice import MOST_EDGE, MOST_SHOWN, as_text, comment_of
from datalake.engine.dataset import Column
from datalake.engine.mending import mending
from datalake.engine.types.column_type import INFERRED, ColumnType
from datalake.engine.types.inference import which_are_plain

_SAMPLES = 20
#: Stands for the rows at the start and at the end that are no data.
_EDGES = ""


def advice_on_slips(columns: Mapping[str, pa.StringArray], *, is_whole: bool) -> list[str]:
    """A sentence for each declaration by which columns would have another type than text.

    Args:
        columns: the trimmed texts of columns that are text by inference, from the first rows of the file.
        is_whole: they are all its rows.
    """
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    edges: dict[str, int] = {}
    for column, texts in columns.items():
        for option, example, kind in _slips(column, texts, is_whole=is_whole):
            if isinstance(option, dict):
                edges = {name: max(edges.get(name, 0), option.get(name, 0)) for name in {**edges, **option}}
            found[option if isinstance(option, str) else _EDGES].append((column, example, kind))
    no_data = f'{as_text(edges)} in "csv", if these rows are no data,'
    return [_sentence(no_data if option == _EDGES else option, slips) for option, slips in found.items()]


def _slips(name: str, texts: pa.StringArray, *, is_whole: bool) -> Iterator[tuple[str | dict[str, int], str, str]]:
    """What to declare, or how many rows are no data; a value that does not fit, and the type of the others."""
    kind, plain = max(((kind, _plain(texts, kind)) for kind in INFERRED), key=lambda pair: np.count_nonzero(pair[1]))
    misfits = np.asarray(texts.is_valid()) & ~plain
    count = np.count_nonzero(misfits)
    if not 0 < count < np.count_nonzero(plain):
        return
    samples = [str(text) for text in texts.filter(pa.array(misfits))[:_SAMPLES].to_pylist()]
    others = [str(text) for text in texts.filter(pa.array(plain))[:_SAMPLES].to_pylist()]
    if mended := mending(Column(name, kind.name), [*samples, *others], may_just_be_declared=True):
        if mended[0]:
            whole = " or ".join(f"{{{as_text({'name': name, 'type': kind.name, **one})}}}" for one in mended)
            yield f"the column as {whole}", samples[0], kind.name
    elif mark := comment_of(samples):
        yield f'{as_text({"comment": mark})} in "csv", if these rows are no data,', samples[0], kind.name
    elif edges := _edges(misfits, plain, is_whole=is_whole):
        yield edges, samples[0], kind.name


def _plain(texts: pa.StringArray, kind: ColumnType) -> npt.NDArray[np.bool_]:
    return np.asarray(which_are_plain(texts, kind).fill_null(False))


def _edges(misfits: npt.NDArray[np.bool_], plain: npt.NDArray[np.bool_], *, is_whole: bool) -> dict[str, int]:
    """The options by which the rows with misfits are none; empty if they are not all above or below the others."""
    rows, places = np.flatnonzero(plain), np.flatnonzero(misfits)
    above, below = places[places < rows[0]], places[places > rows[-1]]
    start = int(above[-1]) + 1 if len(above) else 0
    end = len(misfits) - int(below[0]) if len(below) else 0
    if len(above) + len(below) < len(places) or max(start, end) > MOST_EDGE or (end and not is_whole):
        return {}
    return {option: edge for option, edge in (("skipRows", start), ("skipFooter", end)) if edge}


def _sentence(option: str, slips: Sequence[tuple[str, str, str]]) -> str:
    shown = ", ".join(f"{name!r} ({example[:40]!r} is no {kind})" for name, example, kind in slips[:MOST_SHOWN])
    more = f" and {len(slips) - MOST_SHOWN} more" if len(slips) > MOST_SHOWN else ""
    return (
        f"few values make text of {shown}{more}: declare {option} and upload the file to a new dataset, since a table "
        "keeps its types"
    )
