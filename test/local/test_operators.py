"""Commands about a deployed lake run in sessions of roles of their own, for the simulation in test/permissions."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from demo.arrived import Arrived, catalog_of
from demo.inputs import bucket_name
from demo.local import LocalLake
from local.people import session_of

from cli.doctor import command

LAKE = ("--organization", "mycompany", "--environment", "dev")
#: The reason of a dead letter that nobody else looks for.
REASON = "a letter for the operator"
#: Arguments that let a command make each of its calls. The simulation has erase's from the eraser of docs/security.md.
COMMANDS = {
    "status": (),
    "history": ("--customer", "acme"),
    "file": ("raw/no.csv", "--customer", "acme"),
    "lineage": ("{upload}", "--customer", "acme", "--format", "openlineage"),
    "report": ("--output", "{page}"),
    "dead-letters": (),
    "import": ("--customer", "acme", "--from", "s3://old-exports", "--since", "2999-01-01"),
    "redrive": ("--reason", REASON),
    "refresh": ("--customer", "acme", "--prefix", "processed/none/"),
    "silent": (),
    "check": ("--customer", "acme"),
}


@pytest.fixture(scope="module")
def letter(local: LocalLake) -> None:
    """A dead letter that changes nothing once it is sent back: it asks for a search of nothing."""
    detail = {
        "bucket": {"name": bucket_name("acme")},
        "prefix": "processed/none/",
        "until": datetime.now(UTC).isoformat(),
    }
    attributes = {name: {"DataType": "String", "StringValue": REASON} for name in ("Reason", "ErrorType")}
    local.lake.sqs.send_message(
        QueueUrl=local.lake.stages[1].dead_letter_queue_url,
        MessageBody=json.dumps({"detail-type": "Reconcile Requested", "detail": detail}),
        MessageAttributes=attributes,
    )


@pytest.fixture(scope="module")
def source(local: LocalLake) -> Iterator[None]:
    """A bucket with an object that is too old to be imported, so that the lake does not change."""
    place = {"Bucket": "old-exports", "Key": "orders/a.csv"}
    local.lake.s3.create_bucket(Bucket=place["Bucket"])
    local.lake.s3.put_object(**place, Body=b"id\n1\n")
    yield
    local.lake.s3.delete_object(**place)
    local.lake.s3.delete_bucket(Bucket=place["Bucket"])


@pytest.mark.usefixtures("letter", "source")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_runs_as_its_operator(local: LocalLake, arrived: Arrived, tmp_path: Path, name: str) -> None:
    upload = next(journey.upload.key for journey in arrived.journeys if journey.upload.customer == "acme")
    arguments = [word.format(upload=upload, page=tmp_path / "page.html") for word in COMMANDS[name]]

    session = session_of(local.lake, f"operator-{name}")
    done = command(name, *arguments, *LAKE, environment={**local.aws.environment, **session})

    assert done.returncode in (0, 1), done.stderr
    assert name != "redrive" or "Sent 1, " in done.stdout


def test_a_replay_makes_every_object_again_and_no_row_twice(local: LocalLake, arrived: Arrived, tmp_path: Path) -> None:
    lake = local.lake
    upload = next(found.upload for found in arrived.journeys if found.is_queryable and found.upload.key.count("/") == 2)
    dataset = upload.key.split("/")[1]
    before = rows_of(local, upload.customer, dataset, tmp_path / "before")

    session = session_of(lake, "operator-replay")
    arguments = ("--customer", upload.customer, "--dataset", dataset, "--start", *LAKE)
    done = command("replay", *arguments, environment={**local.aws.environment, **session})
    assert done.returncode == 0, done.stderr
    assert lake.wait_until_idle()

    places = [(f"{upload.customer}#{upload.key}", upload.version)]
    again = [item for item in lake.manifest_items() if (item["object"], item["version"]) in places]
    assert [(item["status"], bool(item["replay"])) for item in again] == [("SUCCEEDED", True)]
    assert rows_of(local, upload.customer, dataset, tmp_path / "after") == before


def rows_of(local: LocalLake, customer: str, dataset: str, folder: Path) -> list[tuple[object, ...]]:
    """Rows of a table by file and version."""
    catalog = catalog_of(local.lake, customer, folder)
    sql = f"SELECT _source_file, _source_version, count(*) FROM {dataset} GROUP BY ALL ORDER BY ALL"  # noqa: S608
    return list(catalog.sql(sql)[1])
