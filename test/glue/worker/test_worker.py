"""The process that works on objects: its customers and their sessions."""

import gc
from typing import Any

import pytest
from datalake.driver.arrivals import parse
from datalake.lake.arrival import Arrival
from datalake.lake.claims import Task
from datalake.stages.csv_to_json import CSV_TO_JSON
from datalake.worker.worker import Settings, Worker, work
from lake_harness import Lake


def arrival(lake: Lake, customer: str = "acme") -> Arrival:
    found = parse(lake.event("raw/a.csv", "v1", customer=customer), lake.arguments(), "raw/")
    assert found
    return found


def test_a_worker_has_one_session_for_each_customer(lake: Lake, assumed: list[dict[str, Any]]) -> None:
    lake.add_customer("big-shop")
    worker = Worker(CSV_TO_JSON, Settings(lake.arguments(), 60))

    for n in range(3):
        for customer in ("acme", "big-shop"):
            upload = lake.put(f"raw/{n}.csv", b"id\n1\n", customer)
            found = parse(upload.event, lake.arguments(), "raw/")
            assert found
            outcome = worker.processor(found).process(Task(found, sent_at=0))
            assert outcome.state == "SUCCEEDED"

    assert [asked["RoleSessionName"] for asked in assumed] == ["customer-acme", "customer-big-shop"]


def test_a_customer_of_many_is_still_known_at_its_next_object(lake: Lake, assumed: list[dict[str, Any]]) -> None:
    worker = Worker(CSV_TO_JSON, Settings(lake.arguments(), 60))
    arrivals = [arrival(lake, f"customer-{number}") for number in range(150)]

    for found in (*arrivals, *arrivals):
        worker.processor(found)
        outcome = worker.processor(found).process(Task(found, sent_at=0))
        assert outcome.facts["error"]["type"] == "NoDatabaseError"

    assert len(assumed) == len(arrivals)


def test_what_a_process_has_loaded_is_left_out_of_later_collections(lake: Lake) -> None:
    def task(number: int) -> Task:
        upload = lake.put(f"raw/{number}.csv", b"id\n1\n")
        found = parse(upload.event, lake.arguments(), "raw/")
        assert found
        return Task(found, sent_at=0)

    settings = Settings(lake.arguments(), 60)
    try:
        counts = []
        for number in range(2):
            assert [outcome.state for outcome in work(CSV_TO_JSON, settings, [task(number)])] == ["SUCCEEDED"]
            counts.append(gc.get_freeze_count())
        loaded = len(gc.get_objects(generation=2)) + counts[1]
    finally:
        gc.unfreeze()

    # It happens once, and covers nearly all objects.
    assert counts[0] >= counts[1] > 0.9 * loaded


def test_only_the_customers_that_were_used_last_are_kept(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datalake.policy.MOST_CUSTOMERS", 2)
    worker = Worker(CSV_TO_JSON, Settings(lake.arguments(), 60))
    first, second, third = (arrival(lake, name) for name in ("a", "b", "c"))

    kept = worker.processor(first)
    worker.processor(second)
    assert worker.processor(first) is kept
    gone = worker.processor(second)
    worker.processor(first)
    worker.processor(third)

    assert worker.processor(first) is kept
    assert worker.processor(second) is not gone
