"""Claims, leases and commits, against the local AWS's DynamoDB."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from datalake.driver.arrivals import parse
from datalake.lake.arrival import Arrival
from datalake.lake.claims import Claim, Decision, Task
from datalake.lake.latest import LATEST, Latest, Pointer
from datalake.lake.manifest import Manifest, Run
from datalake.lake.state import State
from datalake.stages.csv_to_json import CSV_TO_JSON
from datalake.stages.json_to_parquet import JSON_TO_PARQUET
from lake_harness import Lake


def arrival(lake: Lake, version: str = "v1", key: str = "raw/a.csv") -> Arrival:
    found = parse(lake.event(key, version), lake.arguments(), "raw/")
    assert found
    return found


def manifest(lake: Lake, run: str = "jr_1", lease: float = 60) -> Manifest:
    return Manifest(lake.manifest, Run("job", run), lease)


def alone(arrived: Arrival) -> Task:
    """The task of a version that has the whole run to itself."""
    return Task(arrived, sent_at=0, is_alone=True, is_exclusive=True)


def claimed(made: Manifest, arrived: Arrival) -> Claim:
    claim = made.claim(alone(arrived), "orders")
    assert isinstance(claim, Claim)
    return claim


def refused(made: Manifest, arrived: Arrival) -> Decision:
    decision = made.claim(alone(arrived), "orders")
    assert isinstance(decision, Decision)
    return decision


def latest(lake: Lake) -> Latest:
    return Latest(lake.manifest, manifest(lake), lake.s3)


def stored(lake: Lake, arrived: Arrival) -> dict[str, Any]:
    item: dict[str, Any] = manifest(lake).get(arrived.identity)  # type: ignore[assignment]
    return item


def test_a_claim_describes_the_version(lake: Lake) -> None:
    arrived = arrival(lake)
    before = int(time.time())

    claimed(manifest(lake), arrived)

    item = stored(lake, arrived)
    lease_until = item.pop("lease_until")
    assert before + 59 <= lease_until <= time.time() + 60
    assert datetime.fromisoformat(item.pop("updated_at")).tzinfo == UTC
    assert len(item.pop("lease_id")) == 32
    assert item == {
        "object": "acme#raw/a.csv",
        "version": "v1",
        "customer": "acme",
        "layer": "raw",
        "dataset": "orders",
        "customer_dataset": "acme#orders",
        "file_type": "csv",
        "size_bytes": 1,
        "etag": "e",
        "sequencer": arrived.sequencer,
        "uploaded_at": arrived.uploaded_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "status": "PROCESSING",
        "customer_status": "acme#PROCESSING",
        "attempts": 0,
        "job_name": "job",
        "job_run_id": "jr_1",
    }


def test_only_an_upload_has_the_key_of_the_index_by_dataset(lake: Lake) -> None:
    made = parse(lake.event("processed/orders/a.json", "v1"), lake.arguments(), "processed/")
    assert made

    claimed(manifest(lake), made)

    assert "customer_dataset" not in stored(lake, made)


def test_only_one_has_a_version_at_a_time(lake: Lake) -> None:
    arrived = arrival(lake)
    claimed(manifest(lake), arrived)

    decision = refused(manifest(lake, "jr_2"), arrived)

    assert decision.state == State.HELD
    assert decision.until == float(stored(lake, arrived)["lease_until"])


def test_who_takes_an_ended_lease_over_locks_the_earlier_holder_out(lake: Lake) -> None:
    arrived = arrival(lake)
    zombie = claimed(manifest(lake, lease=-1), arrived)
    successor = claimed(manifest(lake, "jr_2"), arrived)

    assert not manifest(lake).renew(zombie)
    assert manifest(lake).commit(zombie, State.SUCCEEDED, {"rows_out": 1}) is None
    assert "rows_out" not in stored(lake, arrived)
    assert manifest(lake, "jr_2").commit(successor, State.SUCCEEDED, {"rows_out": 2})
    assert stored(lake, arrived)["rows_out"] == 2


def test_of_two_that_take_a_lease_over_one_wins(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    arrived = arrival(lake)
    claimed(manifest(lake, lease=-1), arrived)
    slow, put_new = manifest(lake, "jr_2"), Manifest._put_new

    def put_and_lose(self: Manifest, item: dict[str, Any]) -> Any:
        known = put_new(self, item)
        if self is slow:
            claimed(manifest(lake, "jr_3"), arrived)
        return known

    monkeypatch.setattr(Manifest, "_put_new", put_and_lose)

    assert refused(slow, arrived).state == State.HELD
    assert stored(lake, arrived)["job_run_id"] == "jr_3"


def test_a_run_that_dies_with_one_object_in_hand_is_named_by_the_next_claim(lake: Lake) -> None:
    arrived = arrival(lake)
    claimed(manifest(lake, lease=-1), arrived)
    claimed(manifest(lake, "jr_2", lease=-1), arrived)
    assert stored(lake, arrived)["is_exclusive"]

    claim = claimed(manifest(lake, "jr_3"), arrived)

    assert claim.died_with == "jr_2"
    assert not stored(lake, arrived)["is_exclusive"]


def test_a_renewed_lease_goes_on(lake: Lake) -> None:
    arrived = arrival(lake)
    claim = claimed(manifest(lake, lease=-1), arrived)

    assert manifest(lake, lease=60).renew(claim)

    assert refused(manifest(lake, "jr_2"), arrived).state == State.HELD


def test_a_commit_counts_the_attempt_and_ends_the_lease(lake: Lake) -> None:
    arrived = arrival(lake)
    made = manifest(lake)
    error = {"type": "RuntimeError", "message": "no"}

    made.commit(claimed(made, arrived), State.RETRYING, {"error": error})
    item = stored(lake, arrived)
    assert (item["status"], item["attempts"], item["error"]) == ("RETRYING", 1, error)
    assert "lease_until" not in item

    made.commit(claimed(made, arrived), State.SUCCEEDED, {})
    item = stored(lake, arrived)
    assert (item["status"], item["customer_status"], item["attempts"]) == ("SUCCEEDED", "acme#SUCCEEDED", 2)
    assert "error" not in item


def test_the_death_of_a_task_is_charged_to_its_claim_alone(lake: Lake) -> None:
    dead, done, untouched = (arrival(lake, key=f"raw/{n}.csv") for n in range(3))
    made, error = manifest(lake), {"type": "TaskDied", "message": "exited"}
    claimed(made, dead)
    made.commit(claimed(made, done), State.SUCCEEDED, {})

    charged = made.charge(dead, 4, error)

    assert charged
    assert (charged["status"], charged["attempts"], charged["error"]) == ("RETRYING", 1, error)
    assert made.charge(done, 4, error) is None
    assert stored(lake, done)["status"] == "SUCCEEDED"
    assert made.charge(untouched, 4, error) is None
    assert stored(lake, untouched) == {}


def test_the_last_death_is_the_end(lake: Lake) -> None:
    arrived, made = arrival(lake), manifest(lake)

    for _ in range(3):
        claimed(made, arrived)
        charged = made.charge(arrived, 3, {"type": "TaskDied", "message": "exited"})

    assert charged
    assert (charged["status"], charged["attempts"]) == ("FAILED", 3)


def test_a_claim_of_another_run_is_not_charged(lake: Lake) -> None:
    arrived = arrival(lake)
    claimed(manifest(lake, "jr_2"), arrived)

    assert manifest(lake).charge(arrived, 4, {"type": "TaskDied", "message": "exited"}) is None


def test_an_object_that_is_entered_again_stays_as_it_was(lake: Lake) -> None:
    identity, made = ("acme#analytics-ready/orders/a.parquet", "p1"), manifest(lake)
    made.add(identity, State.SUCCEEDED, {"dataset": "orders", "rows_out": 1})
    made.supersede(identity)
    before = made.get(identity)

    made.add(identity, State.SUCCEEDED, {"dataset": "orders", "rows_out": 1})

    assert made.get(identity) == before
    assert (before["status"], before["layer"], before["file_type"]) == ("SUPERSEDED", "analytics-ready", "parquet")


def test_what_is_not_in_the_manifest_cannot_be_superseded(lake: Lake) -> None:
    identity = ("acme#raw/a.csv", "v1")

    assert manifest(lake).supersede(identity) == {}
    assert manifest(lake).get(identity) == {}


def test_a_superseded_version_cannot_be_committed(lake: Lake) -> None:
    arrived, made = arrival(lake), manifest(lake)
    claim = claimed(made, arrived)
    made.supersede(arrived.identity)

    assert made.commit(claim, State.SUCCEEDED, {}) is None
    assert stored(lake, arrived)["status"] == "SUPERSEDED"


def test_the_first_version_to_arrive_settles_the_partition(lake: Lake) -> None:
    first = replace(arrival(lake, "v1"), uploaded_at=datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
    second = replace(arrival(lake, "v2"), uploaded_at=datetime(2026, 11, 1, tzinfo=UTC))

    assert latest(lake).register(first) == Pointer("year=2026/month=10", {})
    assert latest(lake).register(second) == Pointer("year=2026/month=10", {"v1": first.sequencer})
    assert latest(lake).register(first) == Pointer("year=2026/month=10", {"v2": second.sequencer})


def test_a_version_replaces_the_older_ones_and_what_was_made_of_them(lake: Lake) -> None:
    old, new, newest = (arrival(lake, f"v{n}") for n in range(3))
    made = manifest(lake)
    parquet = ("acme#analytics-ready/a.parquet", "p1")
    made.add(parquet, State.SUCCEEDED, {})
    facts = {"outputs": ["analytics-ready/a.parquet"], "output_versions": ["p1"]}
    made.commit(claimed(made, old), State.SUCCEEDED, facts)
    claimed(made, newest)
    for version in (old, newest):
        latest(lake).register(version)

    latest(lake).replace_older(new, CSV_TO_JSON.finish)

    assert made.get(parquet)["status"] == "SUPERSEDED"
    assert [stored(lake, version)["status"] for version in (old, newest)] == ["SUPERSEDED", "PROCESSING"]
    assert latest(lake).register(new).others == {"v2": newest.sequencer}


def test_the_pointer_is_one_item_of_the_key(lake: Lake) -> None:
    arrived = arrival(lake)
    latest(lake).register(arrived)

    item = manifest(lake).get((arrived.object, LATEST))

    assert item["versions"] == {f"{arrived.sequencer}#v1"}
    assert not isinstance(item["partition"], Decimal)


def test_what_was_made_of_a_version_is_replaced_with_it_even_if_it_is_entered_later(lake: Lake) -> None:
    entries = manifest(lake)
    key, made = "processed/year=2026/month=01/a-0123456789ab.json", "analytics-ready/year=2026/month=01/a.parquet"
    old, new = (parse(lake.event(key, version), lake.arguments(), "processed/") for version in ("v1", "v2"))
    assert old
    assert new
    latest(lake).register(old)
    claim = claimed(entries, old)
    facts = {"outputs": [made], "output_versions": ["p1"], "schema_version": 1, "rows_out": 1}
    item = entries.commit(claim, State.SUCCEEDED, facts)
    assert item
    # The newer version is faster than the worker that has yet to enter its output.
    latest(lake).replace_older(new, JSON_TO_PARQUET.finish)

    JSON_TO_PARQUET.finish(entries, item)

    entered = entries.get((f"acme#{made}", "p1"))
    assert (entered["status"], entered["source"]) == ("SUPERSEDED", f"acme#{key}#v1")
    assert (entered["customer_status"], entered["rows_out"]) == ("acme#SUPERSEDED", 1)


def test_versions_that_never_succeed_do_not_fill_the_item_of_their_key(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datalake.policy.MOST_UNREPLACED", 4)
    made = manifest(lake)
    open_or_good = [State.RETRYING, State.SUCCEEDED]
    for number, status in enumerate([*open_or_good, *[State.REJECTED, State.FAILED, State.SUPERSEDED] * 5]):
        arrived = arrival(lake, f"v{number}")
        claim = claimed(made, arrived)
        latest(lake).register(arrived)
        made.commit(claim, status, {})

        versions = {entry.split("#")[1] for entry in made.get((arrived.object, LATEST))["versions"]}
        assert len(versions) <= 5

    assert {"v0", "v1"} < versions, "their outputs have yet to be replaced"


def test_a_short_list_keeps_rejected_versions_until_one_replaces_them(lake: Lake) -> None:
    made, rejected = manifest(lake), arrival(lake, "v0")
    claim = claimed(made, rejected)
    latest(lake).register(rejected)
    made.commit(claim, State.REJECTED, {})

    latest(lake).replace_older(arrival(lake, "v1"), CSV_TO_JSON.finish)

    assert stored(lake, rejected)["status"] == "SUPERSEDED"
