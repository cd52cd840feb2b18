"""Threads that keep the order."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

#: Items in hand for each thread: one that it works on, and one that waits for it.
_ITEMS_PER_THREAD = 2
#: A smaller object takes seconds on one core, while the others have objects of their own.
_LARGE_BYTES = 64 << 20


def threads_for(size: int) -> int:
    """How many threads an object of so many bytes is worth: all cores of the machine for a large one."""
    return len(os.sched_getaffinity(0)) if size >= _LARGE_BYTES else 1


def in_order(work: Callable[[_Item], _Result], items: Iterable[_Item], threads: int) -> Iterator[_Result]:
    """What the work makes of each item, in the order of the items; few of them are in memory at a time.

    Args:
        work: called in the threads. Arrow and numpy leave Python's lock to others while they work.
        items: taken in the caller's thread.
        threads: how many; with one, it is the caller's.
    """
    if threads == 1:
        yield from map(work, items)
        return
    pending: deque[Future[_Result]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                pending.append(pool.submit(work, item))
                if len(pending) >= threads * _ITEMS_PER_THREAD:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
