"""Compares the engine with what a file was made of, with Python's csv module and with DuckDB."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from fuzz.cases import Case, make
from fuzz.readers import Rows, by_csv, by_duckdb, refusal, runs_together

#: Where the engine refuses on purpose what the csv module reads: by a part of the refusal, the reason.
RULES = {
    "never closed": "A quote that is never closed swallows the rest of the file.",
    "records ran together": "Text behind a quote that closes a field of several lines: no field was meant to end "
    "there. The csv module joins the records without a sign.",
    "no record": "Neither a header nor a row is in the file.",
}
#: Where DuckDB (1.4, strict_mode) reads a damaged file in another way than the csv module and the engine, which agree.
DUCKDB_RULES: dict[str, Callable[[Case], bool]] = {
    "spaces beside a quote are no part of the value": lambda case: f" {case.quote}" in case.text,
    "a record of one field without text is no row": lambda case: bool(re.search(r"(^|[\r\n])\W*([\r\n]|$)", case.text)),
}
_REASONS = {
    "never closed": "open quote",
    "records ran together": "records ran together",
    "no record": "no record",
}


def disagreements(seed: int, path: Path, figures: Counter[str]) -> list[str]:
    """What is wrong with the case of a seed.

    Args:
        seed: of the case.
        path: of a file that DuckDB may read.
        figures: counts what was compared.
    """
    case = make(seed)
    found, reason = refusal(case)
    figures["cases"] += 1
    if not case.is_damaged:
        figures["with what was written"] += 1
        return _differ("what was written", found, [_short(row) for row in case.rows], reason) + _with_duckdb(
            case, path, found, figures
        )
    if case.escape or case.comment or case.skips_space:
        figures["damaged, not plain"] += 1
        return [] if found is not None or _rule(reason) else [f"refused: {reason}"]
    figures["with the csv module"] += 1
    wanted = by_csv(case)
    if wanted is None or runs_together(case):
        figures[f"rule: {_rule(reason)}"] += 1
        return [] if found is None and _rule(reason) else [f"{found} though a quote is misplaced"]
    return _differ("the csv module", found, wanted, reason) + _with_duckdb(case, path, found, figures)


def _with_duckdb(case: Case, path: Path, found: Rows | None, figures: Counter[str]) -> list[str]:
    begins_comment = case.comment and any(case.comment in field for row in case.rows for field in row)
    if case.skips_space or len(case.line_ends) > 1 or begins_comment:
        return []
    rows = by_duckdb(case, path)
    if rows is None:
        figures["refused by DuckDB"] += 1
        return []
    figures["with DuckDB"] += 1
    rules = [rule for rule, holds in DUCKDB_RULES.items() if case.is_damaged and found != rows and holds(case)]
    figures.update([f"DuckDB: {rules[0]}"] if rules else [])
    return [] if rules else _differ("DuckDB", found, rows, "")


def _differ(what: str, found: Rows | None, wanted: Rows, reason: str) -> list[str]:
    if found == wanted:
        return []
    return [f"{found if found is not None else 'refused: ' + reason} instead of {wanted} by {what}"]


def _short(row: object) -> list[str]:
    fields = [str(field) for field in row] if isinstance(row, list) else []
    while fields and not fields[-1]:
        fields.pop()
    return fields


def _rule(reason: str) -> str:
    return next((rule for rule in RULES if rule in reason), "")
