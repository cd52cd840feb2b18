"""Fixtures for the tests of the operator's programs."""

import itertools
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import erase_customer
import pytest
from emulator.client import LocalAws

from faults.small_lake import Run, SmallLake

NAMES = (f"org{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("aws"), glue_python=Path(sys.executable)) as running:
        yield running


@pytest.fixture
def session(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """The program's session. Handlers that a test registers with it see all calls of the program."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    made: Any = boto3.Session()
    made.client, made.resource = cache(made.client), cache(made.resource)  # to make one takes longer than most calls
    monkeypatch.setattr("erase_customer.boto3.Session", lambda: made)
    session: boto3.Session = made
    return session


@pytest.fixture
def lake(session: boto3.Session) -> SmallLake:  # noqa: ARG001 (its environment)
    return SmallLake(boto3.session.Session(), next(NAMES))


@pytest.fixture
def run(lake: SmallLake, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the program for the first customer; it erases only if told to."""

    def run(*more: str) -> tuple[int, dict[str, dict[str, int]]]:
        code = erase_customer.main(["--job", lake.job, "--customer", "acme", "--json", *more])
        said = json.loads(capsys.readouterr().out)
        parts = ("erased", "left")
        return code, {part: {row["kind"]: row["count"] for row in said[part] or []} for part in parts}

    return run
