"""A parallel map that keeps the order of its items."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

#: Items per thread: one in work, one waiting.
_ITEMS_PER_THREAD = 2
#: A smaller object takes seconds on one core, while the others have objects of their own.
_LARGE_BYTES = 64 << 20


def threads_for(size: int) -> int:
    """Threads for an object of this size in bytes: all cores of the machine for a large one."""
    return len(os.sched_getaffinity(0)) if size >= _LARGE_BYTES else 1


def in_order(work: Callable[[_Item], _Result], items: Iterable[_Item], threads: int) -> Iterator[_Result]:
    """The results of the work on each item, in the order of the items. Few items are in memory at a time.

    Args:
        work: called in the threads. Arrow and numpy leave Python's lock to others while they work.
        items: taken in the caller's thread.
        threads: how many. With one, the work runs in the caller's thread.
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
