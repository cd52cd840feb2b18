"""The second stage: JSON lines under processed/ become Parquet under analytics-ready/, and a table of the catalog."""

import math
from collections.abc import Mapping
from typing import Any, BinaryIO
from urllib.parse import unquote

from datalake.engine import Conversion, convert_json
from datalake.engine.contract import Contract
from datalake.engine.conversion import Rejected
from datalake.engine.parallel import threads_for
from datalake.lake import keys
from datalake.lake.latest import made_of, replaced_by
from datalake.lake.manifest import Manifest
from datalake.lake.state import State
from datalake.worker.stage import Stage, Work


def _convert(work: Work, sink: BinaryIO) -> Conversion:
    source_key, source_version = _source(work)
    contract = _contract(work, int(work.source.metadata["schema-version"]))
    threads = threads_for(work.arrival.size)
    return convert_json(work.source.open, sink, contract, source_key, source_version, threads)


def _describe(work: Work) -> Mapping[str, Any]:
    source_key, source_version = _source(work)
    return {"source": f"{work.arrival.customer}#{source_key}#{source_version}"}


def _publish(work: Work, schema_version: int) -> None:
    """Creates or widens the table after the data is in place, so that no query meets a row that is not there yet."""
    work.catalog.ensure(work.dataset.name, _contract(work, schema_version), keys.year_of(work.arrival.key))


def _finish(manifest: Manifest, item: Mapping[str, Any]) -> None:
    """Enters the Parquet object into the manifest. No job reads it, so nobody else does."""
    made = made_of(item)
    if not made:
        return
    facts = {name: item[name] for name in ("dataset", "schema_version", "rows_out", "uploaded_at")}
    facts["source"] = f"{item['object']}#{item['version']}"
    for identity in made:
        manifest.add(identity, State(item["status"]), facts)
    for identity in replaced_by(item):
        manifest.supersede(identity)


def _source(work: Work) -> tuple[str, str]:
    """Key and version of the CSV file."""
    metadata = work.source.metadata
    if not {"source-key", "source-version", "schema-version"} <= metadata.keys():
        raise Rejected(f"the object is not an output of process_csv: upload a CSV file under {keys.RAW}")
    return unquote(metadata["source-key"]), metadata["source-version"]


def _contract(work: Work, version: int) -> Contract:
    return work.contracts.version(work.dataset.name, version)


JSON_TO_PARQUET = Stage(
    name="analytics-transform",
    prefix=keys.PROCESSED,
    declarations_seconds=math.inf,  # only the database has to exist: the contract has what was declared
    dataset_of=keys.dataset_of_processed,
    output_key=keys.analytics_key,
    convert=_convert,
    describe=_describe,
    publish=_publish,
    finish=_finish,
)
