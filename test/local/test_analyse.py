"""Statements and program of docs/analyse.md run as written. DuckDB stands for Athena, sqlglot for its parser."""

import os
import re
import subprocess
from collections.abc import Mapping
from datetime import timedelta
from itertools import groupby
from typing import Any

import pytest
import sqlglot
from demo.arrived import Arrived
from demo.deploy import ROOT
from demo.lake import Lake
from local.people import session_of

DOCUMENT = (ROOT / "docs" / "analyse.md").read_text()
#: Has awswrangler.
PYTHON = ROOT / ".venv" / "aws" / "bin" / "python"

Rows = list[dict[str, Any]]


def blocks(language: str) -> list[str]:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    return found


def answer(arrived: Arrived, sql: str) -> Rows:
    (translated,) = sqlglot.transpile(sql, read="athena", write="duckdb")
    names, rows = arrived.catalogs["acme"].sql(translated)
    return [dict(zip(names, row, strict=True)) for row in rows]


def with_column(name: str) -> str:
    """The statement that names this column."""
    (found,) = [sql for sql in blocks("sql") if re.search(rf"\b{name}\b", sql)]
    return found


@pytest.mark.parametrize("sql", blocks("sql"))
def test_every_statement_finds_rows(arrived: Arrived, sql: str) -> None:
    assert answer(arrived, sql)


def test_features_are_of_the_rows_before(arrived: Arrived) -> None:
    rows = answer(arrived, with_column("mean_before"))

    for _, of_symbol in groupby(rows, lambda row: row["symbol"]):
        series = list(of_symbol)
        prices = [row["label"] for row in series]
        assert [row["price_before"] for row in series] == [None, *prices[:-1]]
        assert series[0]["mean_before"] is None
        assert series[20]["mean_before"] == pytest.approx(float(sum(prices[8:20])) / 12)


def test_a_value_is_joined_once_its_month_is_over(arrived: Arrived) -> None:
    rows = answer(arrived, with_column("co2_before"))

    assert len(rows) == answer(arrived, "SELECT count(*) AS days FROM mycompany_acme_dev.weather")[0]["days"]
    assert {row["co2_before"] is None for row in rows} == {False}
    ages = {row["date"] - row["month_before"] for row in rows}
    assert timedelta(days=28) <= min(ages)
    assert max(ages) <= timedelta(days=61)


@pytest.mark.parametrize("name", ["mean_before", "co2_before"])
def test_a_set_of_an_earlier_time_has_nothing_that_was_read_later(arrived: Arrived, name: str) -> None:
    assert answer(arrived, with_column(name).replace("2099", "2020")) == []


def test_the_versions_are_those_of_the_files(arrived: Arrived) -> None:
    (version,) = answer(arrived, with_column("_schema_version"))

    _, journey = arrived.of("stocks.csv")
    assert version["_source_version"] == journey.upload.version


def test_the_program_runs_as_a_role_of_grant_query(lake: Lake, arrived: Arrived) -> None:
    (program,) = blocks("python")

    printed = run(program, session_of(lake, "analyst"))

    expected = answer(
        arrived,
        "SELECT symbol, count(*) AS n, max(price) AS highest FROM mycompany_acme_dev.stocks "
        "WHERE date >= DATE '2009-01-01' GROUP BY symbol",
    )
    assert re.findall(r"^(\w+) +(\d+) +([\d.]+)$", printed, re.MULTILINE) == [
        (row["symbol"], str(row["n"]), str(row["highest"])) for row in sorted(expected, key=lambda row: row["symbol"])
    ]


def run(program: str, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [PYTHON, "-c", program], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
