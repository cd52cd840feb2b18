"""One attempt at an object version: from the source to the output in its place, with the facts for the manifest."""

import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, BinaryIO, cast

from datalake import policy
from datalake.engine.dataset import Dataset
from datalake.lake.arrival import iso
from datalake.lake.catalog import Catalog
from datalake.lake.claims import Claim
from datalake.lake.contract_store import ContractStore, Kept
from datalake.lake.imported import dated, dated_metadata
from datalake.lake.latest import Latest
from datalake.lake.outputs import Output, Written, source_metadata
from datalake.lake.sources import Source
from datalake.lake.state import State
from datalake.lake.tags import lake_tags
from datalake.lake.tenant import Tenant
from datalake.worker.facts import FACTS, facts_of
from datalake.worker.outcome import Outcome
from datalake.worker.stage import Stage, Work


class Attempts:
    """The attempts of one stage at one customer's objects."""

    def __init__(self, stage: Stage, tenant: Tenant, latest: Latest, contracts: Kept | None) -> None:
        """Calls nothing yet."""
        self._stage, self._tenant, self._latest = stage, tenant, latest
        self._contracts = ContractStore(tenant.manifest, tenant.customer, contracts)
        self._catalog = Catalog(tenant.glue, tenant.database, tenant.bucket)

    def convert(self, claim: Claim, dataset: Dataset, check: Callable[[], None]) -> Outcome:
        """Makes the output, or finds the output of an attempt that was cut off.

        Args:
            claim: of the version.
            dataset: as it is declared.
            check: called before anything is written; its exception ends the attempt.
        """
        stage, s3 = self._stage, self._tenant.s3
        with closing(Source(s3, claim.arrival)) as source:
            arrival = dated(claim.arrival, source.metadata)
            pointer = self._latest.register(arrival)
            key = stage.output_key(arrival.key, pointer.partition)
            output = Output(s3, arrival, key)
            work = Work(self._tenant, self._contracts, self._catalog, arrival, dataset, source)
            facts = {
                **dict.fromkeys(FACTS),
                **stage.describe(work),
                "outputs": [key],
                "uploaded_at": iso(arrival.uploaded_at),
            }
            is_first = claim.is_first and not pointer.others
            seen, is_mine = (None, False) if is_first else output.look()
            written = seen if seen and is_mine else self._write(work, output, seen, facts, check)
            stage.publish(work, written.number("schema-version"))
        facts |= _figures(written)
        former = claim.former.get("output_versions")
        facts["replaced_versions"] = former if former != facts["output_versions"] else None
        return Outcome(State.SUCCEEDED, facts, replaces=bool(pointer.others) or output.was_there)

    def _write(
        self, work: Work, output: Output, seen: Written | None, facts: dict[str, Any], check: Callable[[], None]
    ) -> Written:
        """Converts into a temporary file, and puts it in the place of what was seen."""
        described = source_metadata(work.arrival) | dated_metadata(work.source.metadata)
        with _Sink(check) as temporary:
            file = cast(BinaryIO, temporary)
            done = self._stage.convert(work, file)
            described |= {
                "schema-version": str(done.schema_version),
                "rows": str(done.rows_out),
                "values-rescued": str(done.values_rescued),
                "found": json.dumps(done.found),
            }
            check()
            written = output.write(file, seen, described, lake_tags(work.arrival, output.key, done.schema_version))
        facts |= facts_of(done)
        return written


class _Sink(tempfile.SpooledTemporaryFile[bytes]):
    """The output while it is made. A conversion cannot be interrupted, but each write asks whether it may go on."""

    def __init__(self, check: Callable[[], None]) -> None:
        super().__init__(policy.MEMORY_BYTES)
        self._may_go_on = check

    def write(self, data: Any) -> int:
        self._may_go_on()
        return super().write(data)


def _figures(written: Written) -> Mapping[str, Any]:
    """What the output's own metadata says: an earlier attempt may have made it."""
    rows, found = written.number("rows"), json.loads(written.metadata["found"])
    return ({"found": found} if found else {}) | {
        "output_versions": [written.version],
        "schema_version": written.number("schema-version"),
        "rows_in": rows,
        "rows_out": rows,
        "values_rescued": written.number("values-rescued"),
    }
