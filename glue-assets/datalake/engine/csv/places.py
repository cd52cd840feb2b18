"""Bytes of a text by their places, in numpy."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from datalake.engine.types.text_columns import true_places

LF, CR = ord("\n"), ord("\r")
Places: TypeAlias = npt.NDArray[np.int64]


def places_of(data: npt.NDArray[np.uint8], byte: int) -> Places:
    """Where the byte stands."""
    return true_places(data == byte)


def opening_at(toggles: Places, index: int) -> int | None:
    """Where the field opens whose quoting begins or goes on at that index; None if in a text before."""
    while index > 0 and toggles[index - 1] + 1 == toggles[index]:
        index -= 2  # the second half of a doubled quote
    return int(toggles[index]) if index >= 0 else None


def bytes_behind(data: npt.NDArray[np.uint8], places: Places) -> npt.NDArray[np.uint8]:
    """The byte behind each place; behind the last byte, one that no text has."""
    behind = data[np.minimum(places + 1, len(data) - 1)]
    if len(places) and places[-1] == len(data) - 1:
        behind[-1] = 0
    return behind


def behind_spaces(data: npt.NDArray[np.uint8], place: int) -> int:
    """The first byte from there on that is no space; a newline at the end of the text."""
    while place < len(data) and data[place] == ord(" "):
        place += 1
    return int(data[place]) if place < len(data) else LF


def last_line_end(text: bytes) -> int:
    """Behind the last LF; without any, behind the last CR that no LF can follow."""
    end = text.rfind(b"\n") + 1
    return end or text.rfind(b"\r", 0, len(text) - 1) + 1
