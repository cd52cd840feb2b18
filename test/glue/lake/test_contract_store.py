"""Contracts that many workers widen at once."""

import itertools
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError
from datalake.engine.dataset import Column
from datalake.lake.contract_store import ContractStore, new_memory
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


@pytest.mark.parametrize(
    ("codes", "is_repeated"),
    [
        (["ConditionalCheckFailed", "None"], True),
        (["None", "TransactionConflict"], True),
        (["ConditionalCheckFailed", "ConditionalCheckFailed"], True),
        (["None", "ThrottlingError"], False),
        (["ValidationError", "None"], False),
        (["ConditionalCheckFailed", "ProvisionedThroughputExceeded"], False),
        (["None", "None"], False),
        ([], False),
    ],
)
def test_a_cancelled_write_is_repeated_only_if_nothing_but_another_writer_cancelled_it(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, codes: list[str], is_repeated: bool
) -> None:
    store, client = ContractStore(lake.manifest, "acme"), lake.manifest.meta.client
    write, tries = client.transact_write_items, 0

    def cancelled_once(**request: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries > 1:
            return write(**request)
        answer: Any = {
            "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
            "CancellationReasons": [{"Code": code} for code in codes],
        }
        raise ClientError(answer, "TransactWriteItems")

    monkeypatch.setattr(client, "transact_write_items", cancelled_once)

    if is_repeated:
        assert store.agree("orders", [], columns("a"), "s").version == 1
    else:
        with pytest.raises(ClientError, match="cancelled"):
            store.agree("orders", [], columns("a"), "s")
    assert tries == 1 + is_repeated


def test_contracts_in_memory_are_bounded_by_their_columns(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datalake.policy.MOST_COLUMNS", 50)
    kept = new_memory()
    for customer in ("a", "b", "c"):
        store = ContractStore(lake.manifest, customer, kept)
        for n in range(10):
            store.agree(f"orders_{n}", [], columns(*(f"c{m}" for m in range(9))), "s")

    held = [(customer, f"orders_{n}", "#latest") in kept for customer in ("a", "b", "c") for n in range(10)]
    assert held == [False] * 25 + [True] * 5
    first = ContractStore(lake.manifest, "a", kept).latest("orders_0")
    assert first
    assert len(first.columns) == 9


def test_a_version_that_was_not_there_yet_is_asked_for_again(lake: Lake) -> None:
    store = ContractStore(lake.manifest, "acme")
    with pytest.raises(KeyError):
        store.version("orders", 1)

    ContractStore(lake.manifest, "acme").agree("orders", [], columns("a"), "s")

    assert names(store.version("orders", 1).columns) == ["a"]


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
