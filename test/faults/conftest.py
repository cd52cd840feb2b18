"""The local AWS of the tests of one module."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from emulator.client import LocalAws


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("aws"), glue_python=Path(sys.executable)) as running:
        yield running
