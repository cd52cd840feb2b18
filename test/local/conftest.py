"""One lake for the whole session: deployed by the real CDK CLI into a local AWS."""

import json
from collections.abc import Iterator

import pytest
from demo.arrived import Arrived, catalog_of
from demo.inputs import demo_files
from demo.journey import follow
from demo.lake import Lake
from demo.local import LocalLake, local_lake, quickstart_customers
from demo.run import VEGA_DATASETS, upload_all
from demo.timings import Timings
from local.people import APP, RECORDING, declared_customers, record_policies


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalLake]:
    """Also records the lake's policies and all calls of its roles for the simulation in test/permissions."""
    timings = Timings()
    RECORDING.mkdir(parents=True, exist_ok=True)
    folder = tmp_path_factory.mktemp("lake")
    customers = folder / "customers.json"
    customers.write_text(json.dumps(declared_customers()))
    with local_lake(folder, timings, customers, app=APP, calls=RECORDING / "calls.jsonl") as running:
        print(f"deployed: {timings.steps}")
        record_policies(running.lake)
        yield running


@pytest.fixture(scope="session")
def lake(local: LocalLake) -> Lake:
    return local.lake


@pytest.fixture(scope="session")
def notices_url(lake: Lake) -> str:
    """A queue subscribed to the lake's alarms, in place of a mailbox."""
    url: str = lake.sqs.create_queue(QueueName="notices")["QueueUrl"]
    arn = lake.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    lake.client("sns").subscribe(TopicArn=lake.outputs["AlarmTopicArn"], Protocol="sqs", Endpoint=arn)
    return url


@pytest.fixture(scope="session")
def arrived(lake: Lake, notices_url: str, tmp_path_factory: pytest.TempPathFactory) -> Arrived:  # noqa: ARG001
    """The demo's own files, processed. The mailbox exists before the first alarm."""
    customers = quickstart_customers()
    files = demo_files(VEGA_DATASETS, customers, tmp_path_factory.mktemp("input"))
    journeys = follow(lake, upload_all(lake, files))
    folder = tmp_path_factory.mktemp("mirror")
    catalogs = {name: catalog_of(lake, name, folder / name) for name in customers}
    return Arrived(files, journeys, lake.dead_letters(), catalogs)
