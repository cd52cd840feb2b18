"""Decisions about versions that have an item already."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from datalake.lake.arrival import Arrival
from datalake.lake.claims import RUN_DIED, Task, decide
from datalake.lake.state import State
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINE, OTHER = "jr_mine", "jr_other"
ARRIVAL = Arrival("acme", "db", "bucket", "raw/a.csv", "v1", "e", 1, "0", NOW)
ALONE = Task(ARRIVAL, sent_at=NOW.timestamp(), is_alone=True)
EXCLUSIVE = Task(ARRIVAL, sent_at=NOW.timestamp(), is_alone=True, is_exclusive=True)
IN_GROUP = Task(ARRIVAL, sent_at=NOW.timestamp())


def item(status: State, run: str = OTHER, lease: int = -1, attempts: int = 1, updated: int = -60) -> dict[str, Any]:
    return {
        "status": status.value,
        "job_run_id": run,
        "lease_until": int(NOW.timestamp()) + lease,
        "attempts": attempts,
        "updated_at": (NOW + timedelta(seconds=updated)).isoformat(),
    }


def state(known: dict[str, Any], task: Task) -> State:
    return decide(known, task, MINE, NOW.timestamp()).state


@pytest.mark.parametrize("status", [State.SUCCEEDED, State.SUPERSEDED])
@pytest.mark.parametrize("task", [ALONE, IN_GROUP, Task(ARRIVAL, sent_at=2**40, is_redriven=True)])
def test_what_is_over_stays_over(status: State, task: Task) -> None:
    known = item(status)
    found = decide(known, task, MINE, NOW.timestamp())

    assert (found.state, found.item) == (State.DONE, known)


def test_a_live_lease_of_another_run_is_respected_until_it_ends() -> None:
    found = decide(item(State.PROCESSING, lease=7), ALONE, MINE, NOW.timestamp())

    assert (found.state, found.until) == (State.HELD, NOW.timestamp() + 7)


@pytest.mark.parametrize("lease", [-1, 60])
def test_a_version_whose_task_died_goes_on_alone(lease: int) -> None:
    known = item(State.PROCESSING, run=MINE, lease=lease)

    assert state(known, IN_GROUP) == State.ALONE
    assert state(known, ALONE) == State.PROCESSING


@pytest.mark.parametrize("lease", [-1, 0])
def test_a_version_whose_run_died_goes_on_when_no_other_task_runs(lease: int) -> None:
    known = item(State.PROCESSING, lease=lease)

    assert state(known, IN_GROUP) == state(known, ALONE) == State.EXCLUSIVE
    assert state(known, EXCLUSIVE) == State.PROCESSING


@given(st.integers(0, 10), st.booleans())
def test_an_interruption_is_no_attempt(attempts: int, is_mine: bool) -> None:
    known = item(State.PROCESSING, run=MINE if is_mine else OTHER, attempts=attempts)
    found = decide(known, EXCLUSIVE, MINE, NOW.timestamp())

    assert (found.attempts, found.died_with) == (attempts, "")


@pytest.mark.parametrize("task", [EXCLUSIVE, ALONE, IN_GROUP])
def test_a_version_that_was_the_only_one_when_its_run_died_is_charged(task: Task) -> None:
    known = item(State.PROCESSING, attempts=2) | {"is_exclusive": True}
    found = decide(known, task, MINE, NOW.timestamp())

    assert (found.state, found.attempts, found.died_with) == (State.PROCESSING, 2, OTHER)


@pytest.mark.parametrize("status", [State.RETRYING, State.FAILED])
def test_what_has_killed_a_run_goes_on_when_no_other_task_runs(status: State) -> None:
    known = item(status) | {"error": {"type": RUN_DIED, "message": "died"}}

    assert state(known, IN_GROUP) == state(known, ALONE) == State.EXCLUSIVE
    assert state(known, EXCLUSIVE) == State.PROCESSING


def test_a_version_that_has_failed_goes_on_alone_with_its_attempts() -> None:
    assert state(item(State.RETRYING), IN_GROUP) == State.ALONE
    assert decide(item(State.RETRYING, attempts=3), ALONE, MINE, NOW.timestamp()).attempts == 3


@pytest.mark.parametrize("status", [State.FAILED, State.REJECTED])
@pytest.mark.parametrize(
    "again",
    [ALONE, Task(ARRIVAL, sent_at=0, is_redriven=True, is_alone=True)],
    ids=["sent after it", "once a dead letter"],
)
def test_a_version_that_was_given_up_starts_anew_when_it_is_asked_for_again(status: State, again: Task) -> None:
    found = decide(item(status, attempts=4), again, MINE, NOW.timestamp())

    assert (found.state, found.attempts) == (State.PROCESSING, 0)


@pytest.mark.parametrize("status", [State.FAILED, State.REJECTED])
def test_a_message_that_is_older_than_the_verdict_gets_the_same(status: State) -> None:
    older = Task(ARRIVAL, sent_at=NOW.timestamp() - 61, is_alone=True)

    known = item(status, attempts=3)
    found = decide(known, older, MINE, NOW.timestamp())

    assert (found.state, found.attempts, found.item) == (status, 3, known)


@pytest.mark.parametrize(
    ("done", "asked", "expected"),
    [("", "", State.DONE), ("", "1", State.PROCESSING), ("1", "1", State.DONE), ("1", "2", State.PROCESSING)],
)
def test_a_success_is_processed_again_for_a_later_request(done: str, asked: str, expected: State) -> None:
    known = item(State.SUCCEEDED, attempts=3) | ({"replay": done} if done else {})
    found = decide(known, replace(IN_GROUP, arrival=replace(ARRIVAL, replay=asked)), MINE, NOW.timestamp())

    assert (found.state, found.attempts) == (expected, 0 if expected == State.PROCESSING else 3)


def test_only_what_may_kill_its_neighbours_is_kept_from_them() -> None:
    assert state(item(State.REJECTED), IN_GROUP) == State.PROCESSING
    assert state(item(State.FAILED), IN_GROUP) == State.ALONE
