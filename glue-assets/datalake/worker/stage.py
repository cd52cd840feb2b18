"""The interface of a stage: what the two jobs do differently."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from datalake.engine import Conversion
from datalake.engine.dataset import Dataset
from datalake.lake.arrival import Arrival
from datalake.lake.catalog import Catalog
from datalake.lake.contract_store import ContractStore
from datalake.lake.manifest import Manifest
from datalake.lake.sources import Source
from datalake.lake.tenant import Tenant


@dataclass(frozen=True)
class Work:
    """One object version in work, with everything that a stage needs for it."""

    tenant: Tenant
    contracts: ContractStore
    catalog: Catalog
    arrival: Arrival
    dataset: Dataset
    source: Source


@dataclass(frozen=True)
class Stage:
    """One of the two jobs. Its functions are module-level, so that Spark can send them to its workers.

    Attributes:
        name: the value of the metric dimension Stage.
        prefix: prefix of the keys that are its input.
        declarations_seconds: greatest age of a customer's declarations.
        dataset_of: returns the dataset of an input's key.
        output_key: returns the output's key for an input's key and its partition; raises Rejected if there is none.
        convert: converts the source into the sink.
        describe: returns attributes for the input's item, such as the `source` that it was made of.
        publish: called when the output of a schema version is in place, before the item says SUCCEEDED.
        finish: called with the item after SUCCEEDED is written, again on every redelivery, and when a newer version
            supersedes this one.
    """

    name: str
    prefix: str
    declarations_seconds: float
    dataset_of: Callable[[str], str]
    output_key: Callable[[str, str], str]
    convert: Callable[[Work, BinaryIO], Conversion]
    describe: Callable[[Work], Mapping[str, Any]]
    publish: Callable[[Work, int], None]
    finish: Callable[[Manifest, Mapping[str, Any]], None]
