"""Compares the engine with what a file was made of, with Python's csv module and with DuckDB."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

from datalake.engine.csv.dialect import NO_DELIMITER

from fuzz.cases import COMMENT, Case, make
from fuzz.odd_quotes import has_odd_quotes
from fuzz.readers import Reading, Rows, by_conversion, by_csv, by_duckdb, by_engine, without_empty_end

#: Where the engine refuses on purpose what the csv module reads: by a part of the refusal, the reason.
RULES = {
    "never closed": "A quote that is never closed swallows the rest of the file.",
    "records ran together": "Text behind a quote that closes a field of several lines: no field was meant to end "
    "there. The csv module joins the records without a sign.",
    "no record": "Neither a header nor a row is in the file.",
    "the file is empty": "The same.",
    "backslashes mean both": "Some backslashes belong to the quote behind them, others end a quoted value.",
    "neither UTF-8 nor Windows-1252": "Its few letters look like those of another script.",
}
_NOTHING, _FEW_LETTERS = ("no record", "the file is empty"), ("neither UTF-8 nor Windows-1252",)
#: Where DuckDB (1.4, strict_mode) reads a damaged file in another way than the csv module and the engine, which agree.
DUCKDB_RULES: dict[str, Callable[[Case], bool]] = {
    "spaces beside a quote are no part of the value": lambda case: f" {case.quote}" in case.text,
    "a record of one field without text is no row": lambda case: bool(re.search(r"(^|[\r\n])\W*([\r\n]|$)", case.text)),
}


def disagreements(seed: int, path: Path, figures: Counter[str]) -> list[str]:
    """What is wrong with the case of a seed.

    Args:
        seed: of the case.
        path: of a file that DuckDB may read.
        figures: counts what was compared.
    """
    case = make(seed)
    reading = by_engine(case)
    figures.update(["cases", *["large"] * case.is_large, *["found out"] * case.is_found_out])
    return (_damaged if case.is_damaged else _as_written)(case, reading, path, figures)


def _as_written(case: Case, reading: Reading, path: Path, figures: Counter[str]) -> list[str]:
    figures["with what was written"] += 1
    rule = _rule(reading)
    if rule in _FEW_LETTERS * (case.encoding == "cp1252") + _NOTHING * (not case.rows):
        figures[f"rule: {rule}"] += 1
        return []
    if reading.rows is not None and (doubt := _doubt(case, reading)):
        figures[doubt] += 1
        return []
    wanted = [without_empty_end([*row]) for row in case.rows]
    if found := _differ("what was written", reading, wanted):
        return found
    if case.rows:
        cleaned = [["" if text.strip() in case.nulls else text.strip() for text in row] for row in case.rows]
        figures["in JSON lines"] += 1
        lines = Reading(by_conversion(case))
        found = _differ("what was written, cleaned", lines, [without_empty_end(row) for row in cleaned])
    return found + _with_duckdb(case, path, wanted, figures)


def _doubt(case: Case, reading: Reading) -> str:
    """Why the file could have been written in another way; empty if it could not."""
    if not case.is_found_out:
        return ""
    delimiter = "none" if case.width == 1 else case.delimiter
    if reading.found["delimiter"] != delimiter:
        is_said = any("the delimiter could be" in text for text in reading.advice)
        return "a doubtful delimiter is said" if is_said else ""
    is_plain = (
        case.escape and "escape" not in reading.found and not has_odd_quotes(case, case.delimiter, spanning=False)
    )
    return "well-formed without backslashes, too" if is_plain else ""


def _damaged(case: Case, reading: Reading, path: Path, figures: Counter[str]) -> list[str]:
    if case.escape or case.comment or case.skips_space or "escape" in reading.found:
        figures["damaged, not plain"] += 1
        return [] if reading.rows is not None or _rule(reading) else [f"refused: {reading.reason}"]
    figures["with the csv module"] += 1
    delimiter = str(reading.found.get("delimiter", case.delimiter))
    delimiter = NO_DELIMITER if delimiter == "none" else delimiter
    wanted = by_csv(case, delimiter)
    is_odd = has_odd_quotes(case, delimiter, spanning=_rule(reading) != "backslashes mean both")
    if (
        wanted is None
        or is_odd
        or (not wanted and _rule(reading) in _NOTHING)
        or (case.is_found_out and reading.rows is None)
    ):
        figures[f"rule: {_rule(reading)}"] += 1
        return [] if reading.rows is None and _rule(reading) else [f"{reading} though a quote is misplaced"]
    return _differ("the csv module", reading, wanted) + _with_duckdb(case, path, wanted, figures)


def _with_duckdb(case: Case, path: Path, found: Rows, figures: Counter[str]) -> list[str]:
    begins_comment = case.comment and case.comment in case.text.replace(COMMENT, "")
    if case.skips_space or len(case.line_ends) > 1 or begins_comment or case.width == 1 or case.is_found_out:
        return []
    rows = by_duckdb(case, path)
    if rows is None:
        figures["refused by DuckDB"] += 1
        return []
    figures["with DuckDB"] += 1
    rules = [rule for rule, holds in DUCKDB_RULES.items() if case.is_damaged and found != rows and holds(case)]
    figures.update([f"DuckDB: {rules[0]}"] if rules else [])
    return [] if rules else _differ("DuckDB", Reading(found), rows)


def _differ(what: str, reading: Reading, wanted: Rows) -> list[str]:
    """The first row in which the two differ, or the refusal."""
    if reading.rows == wanted:
        return []
    if reading.rows is None:
        return [f"refused: {reading.reason}"]
    pairs = enumerate(zip_longest(reading.rows, wanted))
    row, (found, other) = next((row, pair) for row, pair in pairs if pair[0] != pair[1])
    return [f"row {row} of {len(wanted)}: {found} instead of {other} by {what}; found out: {reading.found}"]


def _rule(reading: Reading) -> str:
    return next((rule for rule in RULES if rule in reading.reason), "")
