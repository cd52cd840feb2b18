"""What the two jobs do differently."""

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
    """One object version in a worker's hands."""

    tenant: Tenant
    contracts: ContractStore
    catalog: Catalog
    arrival: Arrival
    dataset: Dataset
    source: Source


@dataclass(frozen=True)
class Stage:
    """One of the two jobs. Its functions are named, not written here, so that Spark can send them to its workers.

    Attributes:
        name: a dimension of its metrics.
        prefix: of the keys that are its input.
        declarations_seconds: how old a customer's declarations may be.
        dataset_of: the dataset of an input's key.
        output_key: the output's key for an input's key and its partition; raises Rejected if there is none.
        convert: from the source into the sink.
        describe: attributes for the input's item, from its source: `source` if it was made of another object.
        publish: done once the output of a schema version is in place: everything that must hold before the item says
            SUCCEEDED.
        finish: done once it does, whenever the message comes again, and once a newer version has replaced it: takes the
            item, of whichever of the two statuses.
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
