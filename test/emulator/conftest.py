"""A local AWS for the tests of a module."""

from collections.abc import Iterator

import pytest
from emulator.client import LocalAws
from emulator.testing.probe import GLUE_PYTHONS, Client, Jobs, clients


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws(glue_python=GLUE_PYTHONS[0]) as running:
        yield running


@pytest.fixture(scope="module")
def client(aws: LocalAws) -> Client:
    return clients(aws)


@pytest.fixture(scope="module")
def jobs(client: Client) -> Jobs:
    return Jobs(client)
