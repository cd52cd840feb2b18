"""Threads that keep the order."""

import os
import time
from collections.abc import Iterator
from threading import Event, get_ident

import pytest
from datalake.engine.parallel import in_order, threads_for


def test_results_come_in_the_order_of_the_items() -> None:
    second = Event()

    def work(item: int) -> tuple[int, int]:
        if item == 0:
            assert second.wait(10), "the items are worked on one after the other"
        if item == 1:
            second.set()
        return item, get_ident()

    found = list(in_order(work, range(20), 2))
    assert [item for item, _ in found] == list(range(20))
    assert get_ident() not in {thread for _, thread in found}


def test_one_thread_is_the_callers() -> None:
    assert list(in_order(lambda _: get_ident(), range(3), 1)) == [get_ident()] * 3


def test_few_items_are_in_hand() -> None:
    taken = []

    def items() -> Iterator[int]:
        for item in range(100):
            taken.append(item)
            yield item

    results = in_order(lambda item: item, items(), 3)
    assert next(results) == 0
    assert len(taken) <= 7


def test_an_error_comes_at_its_item_and_ends_the_rest() -> None:
    worked = []

    def work(item: int) -> int:
        worked.append(item)
        time.sleep(0.01)
        return 1 // (item - 3)

    results = in_order(work, range(100), 2)
    assert [next(results) for _ in range(3)] == [-1, -1, -1]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert len(worked) < 10


def test_a_large_object_has_all_cores() -> None:
    assert threads_for(64 << 20) == len(os.sched_getaffinity(0))
    assert threads_for((64 << 20) - 1) == 1
