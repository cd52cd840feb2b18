"""From an object version to its outcome: claim, convert, commit. Runs on the workers."""

import os
import tempfile
import time
import traceback
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

from datalake import policy
from datalake.engine.conversion import Rejected
from datalake.engine.dataset import Dataset
from datalake.lake.arrival import Arrival, ForeignBucketError
from datalake.lake.catalog import Catalog
from datalake.lake.claims import RUN_DIED, Decision, Item, Request, Status, Verdict
from datalake.lake.contract_store import ContractStore
from datalake.lake.latest import register, replace_older
from datalake.lake.manifest import Claim, Manifest
from datalake.lake.outputs import Output, SupersededError, Written, source_metadata
from datalake.lake.sources import GoneError, Source
from datalake.lake.tags import lake_tags
from datalake.lake.tenant import Tenant
from datalake.worker.heartbeat import Heartbeat
from datalake.worker.outcome import Outcome, Result, describe, error_of
from datalake.worker.stage import Stage, Work

_REFUSALS = {
    Verdict.DONE: Result.DONE,
    Verdict.ALONE: Result.ALONE,
    Verdict.EXCLUSIVE: Result.EXCLUSIVE,
    Verdict.HELD: Result.HELD,
}


@dataclass(frozen=True)
class _Ending:
    """How an attempt ended.

    Attributes:
        facts: what the item gets to know.
        replaces: other versions of the key have been here.
    """

    status: Status
    facts: dict[str, Any]
    replaces: bool = False


class Processor:
    """One customer's objects on one worker, with all that is known from one object to the next."""

    def __init__(self, stage: Stage, tenant: Tenant, manifest: Manifest) -> None:
        """Calls nothing yet."""
        self._stage, self._tenant, self._manifest = stage, tenant, manifest
        self._contracts = ContractStore(tenant.manifest, tenant.customer)
        self._catalog = Catalog(tenant.glue, tenant.database, tenant.bucket)

    def process(self, arrival: Arrival, request: Request) -> Outcome:
        """Converts an object version, unless somebody else does or has done so. Never raises."""
        try:
            name = self._stage.dataset_of(arrival.key)
            # What was wrong with a redriven object may have been a declaration, and that is mended.
            most_seconds = 0 if request.is_redriven else self._stage.declarations_seconds
            dataset = self._tenant.datasets(most_seconds).get(name) or Dataset(name)
            claimed = self._manifest.claim(arrival, name, request)
            if isinstance(claimed, Decision):
                return self._refused(arrival, claimed, request)
            return self._commit(claimed, self._attempt(claimed, dataset))
        except ForeignBucketError as error:
            return Outcome(Result.FOREIGN, error_of(error))
        except Exception as error:
            # Whatever it is, its neighbours in the task must not suffer from it.
            traceback.print_exc()
            return Outcome(Result.UNRECORDED, error_of(error))

    def charge(self, arrival: Arrival, error: Mapping[str, str]) -> Outcome | None:
        """Counts the death of a task that had no other object as a failed attempt of this one.

        Returns:
            None if the task had not claimed the version, or had come to its end.
        """
        item = self._manifest.charge(arrival, policy.MOST_ATTEMPTS, error)
        return Outcome(Result(item["status"]), error, int(item["attempts"])) if item else None

    def _refused(self, arrival: Arrival, decision: Decision, request: Request) -> Outcome:
        """The outcome of a version that cannot be claimed; one that was cut off after its commit is finished."""
        item = decision.item or {}
        if decision.verdict == Verdict.STANDS:
            return Outcome(Result(item["status"]), item["error"], decision.attempts)
        if item.get("status") == Status.SUCCEEDED:
            self._finish(arrival, item, replaces=True)
            if request.is_repeated and item["job_run_id"] == self._manifest.run.job_run_id:
                return _success(arrival, item)
        return Outcome(_REFUSALS[decision.verdict], until=decision.until)

    def _attempt(self, claim: Claim, dataset: Dataset) -> _Ending:
        if claim.died_with:
            reason = f"the run {claim.died_with} died while it worked on nothing but this object"
            return _failed(claim, describe(RUN_DIED, reason))
        started = time.monotonic()
        try:
            with Heartbeat(self._manifest.lease_seconds / policy.BEATS_PER_LEASE, lambda: self._beat(claim, started)):
                return self._convert(claim, dataset)
        except Rejected as error:
            return _Ending(Status.REJECTED, {"error": error_of(error)})
        except (GoneError, SupersededError) as error:
            return _Ending(Status.SUPERSEDED, {"error": error_of(error)})
        except Exception as error:
            traceback.print_exc()
            return _failed(claim, error_of(error))

    def _beat(self, claim: Claim, started: float) -> None:
        """Renews the lease; the process of an object that takes too long is ended, since nothing else ends its work."""
        if time.monotonic() - started < policy.OBJECT_SECONDS:
            self._manifest.renew(claim)
            return
        ending = _failed(claim, describe("TimedOut", f"not done after {policy.OBJECT_SECONDS // 60} minutes"))
        self._manifest.commit(claim, ending.status, ending.facts)
        os._exit(1)

    def _convert(self, claim: Claim, dataset: Dataset) -> _Ending:
        """Makes the output, or finds it made by an attempt that was cut off."""
        arrival, stage, s3 = claim.arrival, self._stage, self._tenant.s3
        pointer = register(self._tenant.manifest, arrival)
        key = stage.output_key(arrival.key, pointer.partition)
        output = Output(s3, arrival, key)
        with closing(Source(s3, arrival)) as source:
            work = Work(self._tenant, self._contracts, self._catalog, arrival, dataset, source)
            facts = {**stage.describe(work), "outputs": [key]}
            is_first = claim.is_first and not pointer.others
            seen, is_mine = (None, False) if is_first else output.look()
            written = seen if seen and is_mine else self._write(work, output, seen, facts)
            stage.publish(work, written.number("schema-version"))
        rows = written.number("rows")
        facts |= {
            "output_versions": [written.version],
            "schema_version": written.number("schema-version"),
            "rows_in": rows,
            "rows_out": rows,
            "values_rescued": written.number("values-rescued"),
        }
        return _Ending(Status.SUCCEEDED, facts, replaces=bool(pointer.others) or output.was_there)

    def _write(self, work: Work, output: Output, seen: Written | None, facts: dict[str, Any]) -> Written:
        """Converts into a temporary file, and puts that in the place of what was seen."""
        described = source_metadata(work.arrival)
        with tempfile.SpooledTemporaryFile(policy.MEMORY_BYTES) as temporary:
            file = cast(BinaryIO, temporary)
            done = self._stage.convert(work, file)
            described |= {
                "schema-version": str(done.schema_version),
                "rows": str(done.rows_out),
                "values-rescued": str(done.values_rescued),
            }
            written = output.write(file, seen, described, lake_tags(work.arrival, output.key, done.schema_version))
        for name in ("rescued_by_column", "required_nulls", "advice"):
            if getattr(done, name):
                facts[name] = getattr(done, name)
        return written

    def _commit(self, claim: Claim, ending: _Ending) -> Outcome:
        item = self._manifest.commit(claim, ending.status, ending.facts)
        if item is None:
            return Outcome(Result.HELD, until=datetime.now(UTC).timestamp() + self._manifest.lease_seconds)
        if ending.status != Status.SUCCEEDED:
            return Outcome(Result(ending.status), ending.facts["error"], claim.attempts + 1)
        self._finish(claim.arrival, item, replaces=ending.replaces)
        return _success(claim.arrival, item)

    def _finish(self, arrival: Arrival, item: Item, *, replaces: bool) -> None:
        """What follows from a commit. The message stays until it is done, and doing it again changes nothing."""
        if replaces:
            table = self._tenant.manifest
            replace_older(table, self._manifest, arrival, register(table, arrival), self._stage.finish)
        self._stage.finish(self._manifest, item)


def _failed(claim: Claim, error: Mapping[str, str]) -> _Ending:
    is_last = claim.attempts + 1 >= policy.MOST_ATTEMPTS
    return _Ending(Status.FAILED if is_last else Status.RETRYING, {"error": error})


def _success(arrival: Arrival, item: Item) -> Outcome:
    figures = {name: int(item[name]) for name in ("rows_in", "rows_out", "values_rescued")}
    figures["bytes_in"] = arrival.size
    seconds = (datetime.fromisoformat(item["updated_at"]) - arrival.uploaded_at).total_seconds()
    advice = tuple(item.get("advice", ()))
    return Outcome(Result.SUCCEEDED, attempts=int(item["attempts"]), figures=figures, advice=advice, seconds=seconds)
