"""Files that do not look like their dataset's table: what of them is taken, and what is refused."""

import re
from collections.abc import Mapping, Sequence

import pyarrow as pa

from datalake.engine.conversion import Conversion, Rejected
from datalake.engine.dataset import Column, Dataset
from datalake.engine.types.column_type import column_type
from datalake.engine.types.inference import which_are_plain

_SHOWN = 5
_LONGEST_SHOWN = 40
#: A header of years or of consecutive numbers (`country,2019,2020`) is no row of data.
_YEAR = re.compile("(19|20)[0-9]{2}")
_MOST_ROW = 3


def doubt(header: Sequence[str], names: Sequence[str], known: Mapping[str, Column], types: Mapping[int, str]) -> str:
    """Why a file's header may be none, or another dataset's; empty if there is no doubt.

    Args:
        header: the texts in the file.
        names: the columns that they mean.
        known: the columns of the contract, and the declared ones.
        types: of the file's other columns, by place.
    """
    if not header or known.keys() & set(names):
        return ""
    if known:
        return "the file has no column in common with its table"
    if types and _is_like_data(header, types):
        return "the file's first record looks like data"
    return ""


def refuse_drift(dataset: Dataset, header: Sequence[str], names: Sequence[str], types: Mapping[int, str]) -> None:
    """Refuses a file with new columns, for a dataset that declares `"drift": "reject"`.

    Raises:
        Rejected: there are new columns.
    """
    new = [header[place] if header else names[place] for place in types]
    if dataset.drift == "reject" and new:
        raise Rejected(
            f"the file has columns that its table lacks: {shown(new)}; name them as the table does, declare them "
            'in "columns", or declare "drift": "accept"'
        )


def refuse_rescued(dataset: Dataset, done: Conversion) -> None:
    """Refuses a file with more rescued values than its dataset declares.

    Raises:
        Rejected: there are more.
    """
    if dataset.max_rescued is not None and done.values_rescued > dataset.max_rescued:
        advice = f": {done.advice[0]}" if done.advice else ""
        raise Rejected(
            f"{done.values_rescued} values do not fit, and its dataset declares {dataset.max_rescued} at most{advice}"
        )


def shown(texts: Sequence[str]) -> str:
    """The first texts of a header."""
    some = ", ".join(repr(text[:_LONGEST_SHOWN]) for text in texts[:_SHOWN])
    return some + (f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else "")


def _is_like_data(header: Sequence[str], types: Mapping[int, str]) -> bool:
    """True if the header fits every column that is no text, so that it could be one of the rows."""
    above = [(header[place].strip(), kind) for place, kind in types.items() if kind != "string"]
    texts = [(text, kind) for text, kind in above if text and not _YEAR.fullmatch(text)]
    if not texts or _is_series([text for text, _ in above]):
        return False
    return all(which_are_plain(pa.array([text]), column_type(kind))[0].as_py() for text, kind in texts)


def _is_series(texts: Sequence[str]) -> bool:
    if len(texts) < _MOST_ROW or not all(re.fullmatch("[0-9]{1,9}", text) for text in texts):
        return False
    return [int(text) - int(texts[0]) for text in texts] == list(range(len(texts)))
