"""Which objects share a task."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from datalake import policy
from datalake.driver.backlog import Backlog
from datalake.driver.work_queue import Message
from datalake.lake.arrival import Arrival
from datalake.lake.state import State
from hypothesis import given
from hypothesis import strategies as st


def arrival(n: int, size: int = 1) -> Arrival:
    return Arrival("acme", "db", "bucket", f"raw/{n}.csv", "v1", "e", size, "0", datetime.now(UTC))


def message(n: int, sent_at: float = 0, *, is_redriven: bool = False) -> Message:
    return Message(f"m{n}", f"r{n}", "body", 1, sent_at, None, is_redriven)


def backlog(*sizes: int) -> Backlog:
    made = Backlog()
    for n, size in enumerate(sizes):
        made.add(arrival(n, size), message(n))
    return made


def test_messages_about_one_version_are_one_assignment() -> None:
    made = Backlog()
    made.add(arrival(1), message(1, sent_at=5, is_redriven=True))
    made.add(arrival(1), message(2, sent_at=7))

    (assignment,) = made.cut(1, is_quiet=True)

    assert len(made) == 1
    assert [found.id for found in assignment.messages] == ["m1", "m2"]
    assert assignment.state == State.WAITING
    task = assignment.task(is_alone=True)
    assert (task.sent_at, task.is_redriven, task.is_alone) == (7, True, True)


def test_a_later_request_about_a_version_in_hand_has_to_come_back() -> None:
    made = Backlog()
    asked = [replace(arrival(1), replay=f"2026-01-0{day}T00:00:00.000Z") for day in (1, 2, 3)]
    assert made.add(asked[1], message(1))

    assert [made.add(each, message(2 + n)) for n, each in enumerate((arrival(1), *asked))] == [True, True, True, False]

    (assignment,) = made.cut(1, is_quiet=True)
    assert [found.id for found in assignment.messages] == ["m1", "m2", "m3", "m4"]
    assert assignment.arrival.replay == asked[1].replay


def test_a_version_in_a_task_is_still_in_hand() -> None:
    made = backlog(1)
    (assignment,) = made.cut(1, is_quiet=True)

    made.add(arrival(0), message(9))

    assert len(assignment.messages) == 2
    assert not made.cut(1, is_quiet=False)
    made.remove(assignment)
    assert len(made) == 0


@given(st.lists(st.integers(0, policy.GROUP_BYTES * 2)), st.integers(1, 8))
def test_every_object_gets_its_task_in_turn(sizes: list[int], free: int) -> None:
    made, seen = backlog(*sizes), []
    while group := made.cut(free, is_quiet=True):
        assert len(group) <= policy.GROUP_OBJECTS
        assert len(group) == 1 or sum(found.arrival.size for found in group) <= policy.GROUP_BYTES
        seen += group

    assert [found.arrival.key for found in seen] == [f"raw/{n}.csv" for n in range(len(sizes))]


@given(st.integers(1, 200), st.integers(1, 8))
def test_few_objects_are_spread_over_all_free_slots(count: int, slots: int) -> None:
    made = backlog(*[1] * count)

    groups = [made.cut(free, is_quiet=True) for free in range(slots, 0, -1)]

    assert sum(bool(group) for group in groups) == min(count, slots)
    lengths = [len(group) for group in groups if group]
    assert max(lengths) - min(lengths) <= 1


def test_a_suspect_gets_a_task_of_its_own_and_a_worse_one_the_whole_run_at_the_end() -> None:
    made = backlog(1, 1)
    worse, suspect = made.cut(1, is_quiet=True)
    made.add(arrival(9), message(9))
    made.put_back([worse], State.EXCLUSIVE)
    made.put_back([suspect], State.ALONE)

    assert made.cut(4, is_quiet=False) == [suspect]
    assert [found.arrival.key for found in made.cut(4, is_quiet=False)] == ["raw/9.csv"]
    assert made.cut(4, is_quiet=False) == []
    assert made.cut(4, is_quiet=True) == [worse]
    assert worse.task(is_alone=True).is_exclusive
    assert not suspect.task(is_alone=True).is_exclusive


def test_work_without_an_end_does_not_keep_the_worse_one_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    made = backlog(1)
    (worse,) = made.cut(1, is_quiet=True)
    made.put_back([worse], State.EXCLUSIVE)
    made.add(arrival(9), message(9))
    later = time.monotonic() + policy.PATIENCE_SECONDS + 1
    monkeypatch.setattr("datalake.driver.backlog.time.monotonic", lambda: later)

    assert made.cut(4, is_quiet=False) == []
    assert made.cut(4, is_quiet=True) == [worse]


def test_what_waits_can_be_given_up() -> None:
    made = backlog(1, 1, 1)
    (running,) = made.cut(3, is_quiet=True)
    (suspect,) = made.cut(2, is_quiet=False)
    made.put_back([suspect], State.ALONE)

    given_up = {assignment.arrival.key for assignment in made.take_waiting()}

    assert given_up == {"raw/1.csv", "raw/2.csv"}
    assert len(made) == 1
    assert running.arrival.key == "raw/0.csv"


def test_a_message_is_touched_before_it_is_seen_again() -> None:
    made = backlog(1, 1)

    assert list(made.touch(60)) == []
    assert [found.id for found in made.touch(0)] == ["m0", "m1"]
