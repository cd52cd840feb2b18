"""One lake for the whole session: deployed by the real CDK CLI into a local AWS."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from demo.export import mirror
from demo.inputs import InputFile, database_name, demo_files
from demo.journey import Journey, follow
from demo.lake import Lake
from demo.local import LocalLake, local_lake, quickstart_customers
from demo.query import Catalog
from demo.run import VEGA_DATASETS, upload_all
from demo.timings import Timings


@dataclass(frozen=True)
class Arrived:
    """The demo's files after the lake is done with them."""

    files: Sequence[InputFile]
    journeys: Sequence[Journey]
    catalogs: Mapping[str, Catalog]
    notices_url: str

    def of(self, name: str) -> tuple[InputFile, Journey]:
        """File and journey by file name."""
        return next(pair for pair in zip(self.files, self.journeys, strict=True) if pair[0].key.endswith(f"/{name}"))


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalLake]:
    timings = Timings()
    with local_lake(tmp_path_factory.mktemp("lake"), timings) as running:
        print(f"deployed: {timings.steps}")
        yield running


@pytest.fixture(scope="session")
def lake(local: LocalLake) -> Lake:
    return local.lake


@pytest.fixture(scope="session")
def arrived(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Arrived:
    customers = quickstart_customers()
    notices_url = subscribe(lake)
    files = demo_files(VEGA_DATASETS, customers, tmp_path_factory.mktemp("input"))
    journeys = follow(lake, upload_all(lake, files))
    folder = tmp_path_factory.mktemp("mirror")
    return Arrived(files, journeys, {name: catalog(lake, name, folder / name) for name in customers}, notices_url)


def catalog(lake: Lake, customer: str, folder: Path) -> Catalog:
    """The customer's tables as they are now."""
    mirror(lake, customer, folder)
    return Catalog(database_name(customer), lake.tables(customer), folder)


def subscribe(lake: Lake) -> str:
    """A queue that gets what the lake's alarms say, as somebody's mailbox would."""
    url: str = lake.sqs.create_queue(QueueName="notices")["QueueUrl"]
    attributes: dict[str, Any] = lake.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    topic = lake.outputs["AlarmTopicArn"]
    lake.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"])
    return url
