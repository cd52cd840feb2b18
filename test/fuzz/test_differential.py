"""The engine reads files as they were meant, as the csv module does, and as DuckDB does; every difference is a rule."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from fuzz import differential
from fuzz.cases import Case
from fuzz.readers import Reading, by_engine

_SEEDS = range(1, 601)


def test_nobody_disagrees(tmp_path: Path) -> None:
    figures = Counter[str]()
    path = tmp_path / "case.csv"
    assert not [(seed, text) for seed in _SEEDS for text in differential.disagreements(seed, path, figures)]
    for what in ("with what was written", "with the csv module", "with DuckDB", "rule: never closed"):
        assert figures[what] > 5, f"nothing is compared {what}"


def test_a_reader_that_loses_a_row_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_last(case: Case) -> Reading:
        reading = by_engine(case)
        return replace(reading, rows=reading.rows and reading.rows[:-1])

    monkeypatch.setattr(differential, "by_engine", without_last)
    found = [differential.disagreements(seed, tmp_path / "case.csv", Counter()) for seed in _SEEDS[:40]]
    assert sum(map(bool, found)) > 10
