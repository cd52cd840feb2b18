"""Which columns a file has, and what its dataset's contract learns from it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from datalake.engine.advice import advice_on_names
from datalake.engine.conversion import Rejected
from datalake.engine.dataset import Column, Dataset
from datalake.engine.drift import doubt
from datalake.engine.format import InputFile
from datalake.engine.headers import column_names, match
from datalake.engine.hive import NO_FOLDER, WithKeyColumns


def names_of(file: WithKeyColumns, dataset: Dataset, known: Mapping[str, Column]) -> list[str]:
    """The columns of a file by its header, or the declared ones in their order; then those of its key.

    Raises:
        Rejected: one column is in both.
    """
    of_key = match(file.keys, [*known.values()])
    if file.own_header:
        own = match(file.own_header, [*known.values()])
    else:
        declared = [column.name for column in dataset.columns if column.name not in of_key][: file.own_width]
        own = column_names([*declared, *[""] * (file.own_width - len(declared))])
    for name, folder in zip(of_key, file.keys, strict=True):
        if name in own:
            raise Rejected(
                f'the column {name!r} is in the file and in its key, as "{folder}=…": take it out of the file, rename '
                'it there, or declare "hivePartitioning": false'
            )
    return own + of_key


def doubt_of(
    file: WithKeyColumns, names: Sequence[str], known: Mapping[str, Column], observed: Mapping[int, str]
) -> str:
    """Of the file's own columns: a value in the key says nothing about its header."""
    of_key = names[file.own_width :]
    others = {name: column for name, column in known.items() if name not in of_key}
    own = {place: kind for place, kind in observed.items() if place < file.own_width}
    return doubt(file.own_header, names[: file.own_width], others, own)


def advice_of(file: WithKeyColumns, dataset: Dataset, names: Sequence[str], new: Sequence[int]) -> list[str]:
    """What to say of the names in the file and its key."""
    absent = [column.name for column in dataset.columns if column.name not in names]
    no_folder = [NO_FOLDER] if dataset.hive_partitioning and not file.keys else []
    return no_folder + advice_on_names(absent, [file.header[place] for place in new if file.header])


def learned(
    file: InputFile, names: list[str], known: Mapping[str, Column], observed: Mapping[int, str]
) -> list[Column]:
    """What the contract is to learn: the new columns, and the header of known ones."""
    headers: list[str | None] = [text.strip() for text in file.header] or [None] * len(names)
    new = [Column(names[place], kind, header=headers[place] or None) for place, kind in observed.items()]
    pairs = zip(names, headers, strict=True)
    return new + [
        replace(known[name], header=text) for name, text in pairs if text and name in known and not known[name].header
    ]
