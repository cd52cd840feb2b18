"""Numbers as people and programs write them: with other decimal and thousands characters, symbols, and signs behind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

_NULL, _EMPTY = pa.scalar(None, pa.string()), pa.scalar("")
#: Characters that programs use for one another.
_ALIKE = {" ": r"[ \x{a0}\x{2009}\x{202f}]", "'": "['\u2019]"}
_SPACE = r"[ \t\x{a0}\x{2009}\x{202f}]*"


@dataclass(frozen=True)
class NumberFormat:
    """How numbers are written. A text that is written otherwise is no number.

    Attributes:
        decimal: the character before the fraction.
        thousands: the character between groups of three digits; None: there is none. A space stands for any space.
        symbols: currencies, units and percent signs before or behind a number, which are no part of it: `12 %` is 12.
        accounting: a minus behind a number, or parentheses around it, make it negative.
    """

    decimal: str = "."
    thousands: str | None = None
    symbols: tuple[str, ...] = ()
    accounting: bool = False

    @classmethod
    def from_dict(cls, declared: Mapping[str, Any] | None) -> "NumberFormat | None":
        """From the form in which the construct hands it over; None if there is none."""
        return cls(**{**declared, "symbols": tuple(declared.get("symbols", ()))}) if declared is not None else None

    def plain(self, texts: pa.StringArray) -> pa.StringArray:
        """The numbers with a dot and with a minus in front, as in SQL; null for a text that is none in this format."""
        found = pc.extract_regex(texts, self._pattern)
        part = {name: _field(found, name) for name in ("open", "sign", "inner", "number", "after", "close")}
        marks = [pc.not_equal(part[name], _EMPTY) for name in ("open", "sign", "inner", "after")]
        is_one = pc.less_equal(_sum(marks), pa.scalar(1, pa.int8()))  # `--5` and `(-5)` are no numbers
        is_closed = pc.equal(pc.equal(part["open"], _EMPTY), pc.equal(part["close"], _EMPTY))
        numbers = part["number"]
        if self.thousands:
            numbers = pc.replace_substring_regex(numbers, _one(self.thousands), "")
        if self.decimal != ".":
            numbers = pc.replace_substring(numbers, self.decimal, ".")
        signs = pc.if_else(pc.or_(marks[0], marks[3]), pa.scalar("-"), _joined(part["sign"], part["inner"]))
        return cast(pa.StringArray, pc.if_else(pc.and_(is_one, is_closed), _joined(signs, numbers), _NULL))

    @property
    def _pattern(self) -> str:
        symbol = f"{_SPACE}(?:{'|'.join(map(re.escape, self.symbols))})?{_SPACE}" if self.symbols else _SPACE
        point = re.escape(self.decimal)
        whole = f"[0-9]{{1,3}}(?:{_one(self.thousands)}[0-9]{{3}})+|[0-9]+" if self.thousands else "[0-9]+"
        number = f"(?:{whole})(?:{point}[0-9]*)?(?:[eE][-+]?[0-9]+)?|{point}[0-9]+"
        opening, after, closing = ("[(]?", "-?", "[)]?") if self.accounting else ("", "", "")
        return (
            f"^(?P<open>{opening})(?P<sign>[-+]?){symbol}(?P<inner>[-+]?)(?P<number>{number})"
            f"{symbol if not self.accounting else _SPACE}(?P<after>{after}){symbol}(?P<close>{closing})$"
        )


def _one(character: str | None) -> str:
    return _ALIKE.get(character or "", re.escape(character or ""))


def _field(found: Any, name: str) -> pa.StringArray:
    return cast(pa.StringArray, pc.struct_field(found, name))  # null for a text that does not match


def _sum(marks: list[Any]) -> Any:
    total = marks[0].cast(pa.int8())
    for mark in marks[1:]:
        total = pc.add(total, mark.cast(pa.int8()))
    return total


def _joined(first: Any, second: Any) -> Any:
    join: Any = pc.binary_join_element_wise  # the stubs know of no text among arrays
    return join(first, second, "")
