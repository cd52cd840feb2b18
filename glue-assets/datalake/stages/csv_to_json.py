"""The first stage: CSV files under raw/ become JSON lines under processed/."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO

from datalake import policy
from datalake.engine import Conversion, convert_csv
from datalake.engine.contract import Contract
from datalake.engine.dataset import Column
from datalake.engine.parallel import threads_for
from datalake.lake import keys
from datalake.lake.manifest import Manifest
from datalake.lake.tags import lake_tags, tag_version
from datalake.worker.stage import Stage, Work


def _convert(work: Work, sink: BinaryIO) -> Conversion:
    name = work.dataset.name

    def agree(observed: Sequence[Column]) -> Contract:
        return work.contracts.agree(name, work.dataset.columns, observed, work.arrival.reference)

    known, threads = work.contracts.latest(name), threads_for(work.arrival.size)
    key, now = work.arrival.key, datetime.now(UTC)
    return convert_csv(work.source.open, sink, work.dataset, agree, now, known, threads, key)


def _describe(_: Work) -> Mapping[str, Any]:
    return {}


def _publish(work: Work, schema_version: int) -> None:
    ours = lake_tags(work.arrival, work.arrival.key, schema_version)
    tag_version(work.tenant.s3, work.arrival, ours)


def _finish(_: Manifest, __: Mapping[str, Any]) -> None:
    pass


CSV_TO_JSON = Stage(
    name="process-csv",
    prefix=keys.RAW,
    declarations_seconds=policy.DECLARATIONS_SECONDS,
    dataset_of=keys.dataset_of_raw,
    output_key=keys.processed_key,
    convert=_convert,
    describe=_describe,
    publish=_publish,
    finish=_finish,
)
