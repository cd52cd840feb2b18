"""From an object version to its outcome: claim, convert, commit. Runs on the workers."""

import math
import os
import time
import traceback
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from datalake import policy
from datalake.engine.conversion import Rejected
from datalake.engine.dataset import Dataset
from datalake.lake.arrival import Arrival
from datalake.lake.claims import RUN_DIED, Claim, Decision, Item, Task
from datalake.lake.contract_store import Kept
from datalake.lake.latest import Latest, made_of
from datalake.lake.manifest import Manifest
from datalake.lake.outputs import SupersededError
from datalake.lake.sources import GoneError
from datalake.lake.state import State
from datalake.lake.tenant import NoDatabaseError, Tenant
from datalake.worker.attempt import Attempts
from datalake.worker.heartbeat import Heartbeat, LostLeaseError
from datalake.worker.outcome import TOLD, Outcome, describe, error_of, failed
from datalake.worker.stage import Stage


class Processor:
    """One customer's objects on one worker, with everything that the worker remembers between objects."""

    def __init__(self, stage: Stage, tenant: Tenant, manifest: Manifest, contracts: Kept | None = None) -> None:
        """Calls nothing yet; `contracts` is memory that other customers may share."""
        self._stage, self._tenant, self._manifest = stage, tenant, manifest
        self._latest = Latest(tenant.manifest, manifest, tenant.s3)
        self._attempts = Attempts(stage, tenant, self._latest, contracts)

    def process(self, task: Task) -> Outcome:
        """Converts an object version, unless somebody else does or has done so. Never raises."""
        try:
            name = self._stage.dataset_of(task.arrival.key)
            dataset = self._tenant.datasets(self._most_seconds(task)).get(name) or Dataset(name)
            claimed = self._manifest.claim(task, name)
            if isinstance(claimed, Decision):
                return self._refused(task, claimed)
            if made_of(claimed.former):
                # Whoever made the former output may not have come to its end.
                self._stage.finish(self._manifest, {**claimed.former, "status": State.SUCCEEDED})
            return self._commit(claimed, self._attempt(claimed, dataset))
        except NoDatabaseError as error:
            return failed(error_of(error))
        except Exception as error:
            # Whatever it is, the other objects of the task must not suffer from it.
            traceback.print_exc()
            return failed(error_of(error), State.UNRECORDED)

    def charge(self, arrival: Arrival, error: Mapping[str, str]) -> Outcome | None:
        """Counts the death of a task that had no other object as a failed attempt of this one.

        Returns:
            None if the task had not claimed the version, or had committed it.
        """
        item = self._manifest.charge(arrival, policy.MOST_ATTEMPTS, error)
        return replace(failed(error, State(item["status"])), attempts=int(item["attempts"])) if item else None

    def _most_seconds(self, task: Task) -> float:
        """Greatest age of the declarations. A redrive often follows a corrected one, and so does a replay."""
        if task.is_redriven:
            return 0
        age = _seconds_since(task.arrival.replay) if task.arrival.replay else math.inf
        return min(self._stage.declarations_seconds, age)

    def _refused(self, task: Task, decision: Decision) -> Outcome:
        """The outcome of a version that cannot be claimed; one that was cut off after its commit is finished."""
        item = decision.item or {}
        if decision.state.is_given_up:
            return replace(failed(item["error"], decision.state), attempts=decision.attempts)
        if item.get("status") == State.SUCCEEDED:
            self._finish(task.arrival, item, replaces=True)
            if task.is_repeated and item["job_run_id"] == self._manifest.run.job_run_id:
                return _success(task.arrival, item)
        return Outcome(decision.state, until=decision.until)

    def _attempt(self, claim: Claim, dataset: Dataset) -> Outcome:
        if claim.died_with:
            reason = f"the run {claim.died_with} died while it worked on nothing but this object"
            return _failure(claim, describe(RUN_DIED, reason))
        started = time.monotonic()
        try:
            seconds = self._manifest.lease_seconds / policy.BEATS_PER_LEASE
            with Heartbeat(seconds, lambda: self._beat(claim, started)) as heartbeat:
                return self._attempts.convert(claim, dataset, heartbeat.check)
        except LostLeaseError:
            return Outcome(State.HELD)
        except Rejected as error:
            return failed(error_of(error), State.REJECTED)
        except GoneError as error:
            # Of a version that was processed before, the rows stay.
            return failed(error_of(error), State.DONE if made_of(claim.former) else State.SUPERSEDED)
        except SupersededError as error:
            return failed(error_of(error), State.SUPERSEDED)
        except Exception as error:
            traceback.print_exc()
            return _failure(claim, error_of(error))

    def _beat(self, claim: Claim, started: float) -> bool:
        """Renews the lease; False if it is lost.

        An object that takes too long ends its process: nothing else can end its work.
        """
        if time.monotonic() - started < policy.OBJECT_SECONDS:
            return self._manifest.renew(claim)
        ending = _failure(claim, describe("TimedOut", f"not done after {policy.OBJECT_SECONDS // 60} minutes"))
        self._manifest.commit(claim, ending.state, ending.facts)
        os._exit(1)

    def _commit(self, claim: Claim, outcome: Outcome) -> Outcome:
        is_lost = outcome.state == State.HELD
        status = State.SUCCEEDED if outcome.state == State.DONE else outcome.state
        item = None if is_lost else self._manifest.commit(claim, status, outcome.facts)
        if item is None:
            return Outcome(State.HELD, until=datetime.now(UTC).timestamp() + self._manifest.lease_seconds)
        if outcome.state != State.SUCCEEDED:
            return replace(outcome, attempts=claim.attempts + 1)
        self._finish(claim.arrival, item, replaces=outcome.replaces)
        return _success(claim.arrival, item)

    def _finish(self, arrival: Arrival, item: Item, *, replaces: bool) -> None:
        """What follows from a commit. The message stays until it is done; doing it again changes nothing."""
        if replaces:
            self._latest.replace_older(arrival, self._stage.finish)
        self._stage.finish(self._manifest, item)


def _failure(claim: Claim, error: Mapping[str, str]) -> Outcome:
    is_last = claim.attempts + 1 >= policy.MOST_ATTEMPTS
    return failed(error, State.FAILED if is_last else State.RETRYING)


def _success(arrival: Arrival, item: Item) -> Outcome:
    told = {name: item[name] for name in TOLD if name in item}
    is_first = not item.get("replay")
    seconds = (datetime.fromisoformat(item["updated_at"]) - arrival.uploaded_at).total_seconds() if is_first else 0
    return Outcome(State.SUCCEEDED, told, int(item["attempts"]), seconds=seconds)


def _seconds_since(time: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(time)).total_seconds()
