"""Contracts that many workers widen at once."""

import itertools
import os
import subprocess
import sys
from collections.abc import Sequence

import pytest
from datalake.engine.dataset import Column
from datalake.lake.contract_store import ContractStore
from lake_harness import Lake

RACER = """
import sys, boto3
from datalake.lake.contract_store import ContractStore
from datalake.engine.dataset import Column
table, name = sys.argv[1:]
store = ContractStore(boto3.resource("dynamodb").Table(table), "acme")
for n in range(15):
    contract = store.agree("orders", [], [Column(f"{name}_{n}", "string"), Column(f"both_{n}", "bigint")], "source")
    print(contract.version, *(column.name for column in contract.columns))
"""


def columns(*names: str) -> list[Column]:
    return [Column(name, "string") for name in names]


def names(found: Sequence[Column]) -> list[str]:
    return [column.name for column in found]


def test_declared_columns_come_first_and_nothing_ever_goes(lake: Lake) -> None:
    store = ContractStore(lake.manifest, "acme")
    assert store.latest("orders") is None

    first = store.agree("orders", columns("b", "a"), columns("c"), "s")
    second = store.agree("orders", columns("b", "a"), columns("d", "a"), "s")

    assert (first.version, names(first.columns)) == (1, ["b", "a", "c"])
    assert (second.version, names(second.columns)) == (2, ["b", "a", "c", "d"])
    assert ContractStore(lake.manifest, "acme").latest("orders") == second
    assert ContractStore(lake.manifest, "acme").version("orders", 1) == first


def test_a_version_that_is_not_there_is_an_error(lake: Lake) -> None:
    with pytest.raises(KeyError, match="no version 7"):
        ContractStore(lake.manifest, "acme").version("orders", 7)


def test_datasets_and_customers_have_contracts_of_their_own(lake: Lake) -> None:
    store, other = ContractStore(lake.manifest, "acme"), ContractStore(lake.manifest, "acme-2")

    store.agree("orders", [], columns("a"), "s")

    assert store.latest("orders_2") is None
    assert other.latest("orders") is None


def test_nothing_new_writes_nothing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ContractStore(lake.manifest, "acme")
    agreed = store.agree("orders", [], columns("a", "b"), "s")

    def call(*_: object, **__: object) -> None:
        raise AssertionError("DynamoDB was called")

    monkeypatch.setattr(lake.manifest.meta.client, "transact_write_items", call)
    monkeypatch.setattr(lake.manifest, "get_item", call)

    assert store.agree("orders", [], columns("b"), "s") == agreed
    assert store.latest("orders") == agreed


def test_a_worker_that_knows_an_old_contract_adds_to_the_new_one(lake: Lake) -> None:
    slow, fast = ContractStore(lake.manifest, "acme"), ContractStore(lake.manifest, "acme")
    slow.agree("orders", [], columns("a"), "s")
    fast.agree("orders", [], [Column("b", "bigint")], "s")

    agreed = slow.agree("orders", [], [Column("b", "string"), Column("c", "string")], "s")

    assert (agreed.version, names(agreed.columns)) == (3, ["a", "b", "c"])
    assert agreed.columns[1].type == "bigint"


def test_two_jobs_that_add_columns_at_once_end_in_one_agreed_order(lake: Lake) -> None:
    command = [sys.executable, "-c", RACER, lake.manifest.name]
    racers = [
        subprocess.Popen([*command, name], stdout=subprocess.PIPE, text=True, env=dict(os.environ)) for name in "xyz"
    ]
    seen = [line.split() for racer in racers for line in racer.communicate()[0].splitlines()]
    assert [racer.returncode for racer in racers] == [0, 0, 0]

    store = ContractStore(lake.manifest, "acme")
    latest = store.latest("orders")
    assert latest
    final = names(latest.columns)
    expected = {f"{name}_{n}" for name in ("x", "y", "z", "both") for n in range(15)}
    assert set(final) == expected
    assert len(final) == len(expected)
    for version, *agreed in seen:
        assert agreed == names(store.version("orders", int(version)).columns)
        assert agreed == final[: len(agreed)]
    versions = [names(store.version("orders", n).columns) for n in range(1, latest.version + 1)]
    assert all(set(older) < set(newer) for older, newer in itertools.pairwise(versions))
