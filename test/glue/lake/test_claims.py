"""What becomes of a version that somebody has had before."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from datalake.lake.claims import RUN_DIED, Request, Status, Verdict, decide
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINE, OTHER = "jr_mine", "jr_other"
ALONE = Request(sent_at=NOW.timestamp(), is_alone=True)
EXCLUSIVE = Request(sent_at=NOW.timestamp(), is_alone=True, is_exclusive=True)
IN_GROUP = Request(sent_at=NOW.timestamp())


def item(status: Status, run: str = OTHER, lease: int = -1, attempts: int = 1, updated: int = -60) -> dict[str, Any]:
    return {
        "status": status.value,
        "job_run_id": run,
        "lease_until": int(NOW.timestamp()) + lease,
        "attempts": attempts,
        "updated_at": (NOW + timedelta(seconds=updated)).isoformat(),
    }


def verdict(known: dict[str, Any], request: Request) -> Verdict:
    return decide(known, request, MINE, NOW.timestamp()).verdict


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.SUPERSEDED])
@pytest.mark.parametrize("request_", [ALONE, IN_GROUP, Request(sent_at=2**40, is_redriven=True)])
def test_what_is_over_stays_over(status: Status, request_: Request) -> None:
    assert verdict(item(status), request_) == Verdict.DONE


def test_a_live_lease_of_another_run_is_respected_until_it_ends() -> None:
    found = decide(item(Status.PROCESSING, lease=7), ALONE, MINE, NOW.timestamp())

    assert (found.verdict, found.until) == (Verdict.HELD, NOW.timestamp() + 7)


@pytest.mark.parametrize("lease", [-1, 60])
def test_a_version_whose_task_died_goes_on_alone(lease: int) -> None:
    known = item(Status.PROCESSING, run=MINE, lease=lease)

    assert verdict(known, IN_GROUP) == Verdict.ALONE
    assert verdict(known, ALONE) == Verdict.TAKE


def test_a_version_whose_run_died_goes_on_when_no_other_task_runs() -> None:
    known = item(Status.PROCESSING)

    assert verdict(known, IN_GROUP) == verdict(known, ALONE) == Verdict.EXCLUSIVE
    assert verdict(known, EXCLUSIVE) == Verdict.TAKE


@given(st.integers(0, 10), st.booleans())
def test_an_interruption_is_no_attempt(attempts: int, is_mine: bool) -> None:
    known = item(Status.PROCESSING, run=MINE if is_mine else OTHER, attempts=attempts)
    found = decide(known, EXCLUSIVE, MINE, NOW.timestamp())

    assert (found.attempts, found.died_with) == (attempts, "")


@pytest.mark.parametrize("request_", [EXCLUSIVE, ALONE, IN_GROUP])
def test_a_version_that_was_the_only_one_when_its_run_died_is_charged(request_: Request) -> None:
    known = item(Status.PROCESSING, attempts=2) | {"is_exclusive": True}
    found = decide(known, request_, MINE, NOW.timestamp())

    assert (found.verdict, found.attempts, found.died_with) == (Verdict.TAKE, 2, OTHER)


@pytest.mark.parametrize("status", [Status.RETRYING, Status.FAILED])
def test_what_has_killed_a_run_goes_on_when_no_other_task_runs(status: Status) -> None:
    known = item(status) | {"error": {"type": RUN_DIED, "message": "died"}}

    assert verdict(known, IN_GROUP) == verdict(known, ALONE) == Verdict.EXCLUSIVE
    assert verdict(known, EXCLUSIVE) == Verdict.TAKE


def test_a_version_that_has_failed_goes_on_alone_with_its_attempts() -> None:
    assert verdict(item(Status.RETRYING), IN_GROUP) == Verdict.ALONE
    assert decide(item(Status.RETRYING, attempts=3), ALONE, MINE, NOW.timestamp()).attempts == 3


@pytest.mark.parametrize("status", [Status.FAILED, Status.REJECTED])
@pytest.mark.parametrize(
    "again", [ALONE, Request(sent_at=0, is_redriven=True, is_alone=True)], ids=["sent after it", "once a dead letter"]
)
def test_a_version_that_was_given_up_starts_anew_when_it_is_asked_for_again(status: Status, again: Request) -> None:
    found = decide(item(status, attempts=4), again, MINE, NOW.timestamp())

    assert (found.verdict, found.attempts) == (Verdict.TAKE, 0)


@pytest.mark.parametrize("status", [Status.FAILED, Status.REJECTED])
def test_a_message_that_is_older_than_the_verdict_gets_the_same(status: Status) -> None:
    older = Request(sent_at=NOW.timestamp() - 61, is_alone=True)

    assert verdict(item(status), older) == Verdict.STANDS


def test_only_what_may_kill_its_neighbours_is_kept_from_them() -> None:
    assert verdict(item(Status.REJECTED), IN_GROUP) == Verdict.TAKE
    assert verdict(item(Status.FAILED), IN_GROUP) == Verdict.ALONE
