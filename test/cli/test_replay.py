"""The command shows what would be processed again, and asks for just that once it is told to."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cli.deployed import deploy
from cli.rights import called, promised
from emulator.client import ROOT, LocalAws
from emulator.testing.probe import GLUE_PYTHONS, Client
from emulator.testing.stacks import Stack

from cli.doctor import command

LAKE = ("--organization", "replay", "--environment", "dev", "--customer", "acme")
BUCKET = "replay-acme-dev-datalake"
#: Prints what a job reads in a message, and the group that it gives to the messages that follow.
JOB = """
import sys
from datalake.arguments import Arguments
from datalake.driver.replay import replay_group
from datalake.driver.request import requested
from datalake.driver.work_queue import Message
body, prefix = sys.argv[1:]
lake = Arguments("job", "jr_1", "replay", "dev", "table", "queue", "dead", "role")
request = requested(Message("id", "receipt", body, 1, 0, None, False), lake, prefix)
print(request.body, replay_group(request.bucket), sep="\\n")
"""
#: Key, status, time of the upload, bytes.
ITEMS = [
    ("acme", "raw/orders/a.csv", "SUCCEEDED", "2026-01-01T00:00:00.000Z", 100),
    ("acme", "raw/orders/b.csv", "SUCCEEDED", "2026-02-01T00:00:00.000Z", 20),
    ("acme", "raw/orders/bad.csv", "REJECTED", "2026-02-01T00:00:00.000Z", 3),
    ("acme", "raw/stock/c.csv", "SUCCEEDED", "2026-03-01T00:00:00.000Z", 4),
    ("acme", "raw/stock/old.csv", "SUPERSEDED", "2026-03-01T00:00:00.000Z", 5000),
    ("acme", "processed/orders/a.json", "SUCCEEDED", "2026-01-01T00:00:01.000Z", 60_000),
    ("globex", "raw/orders/a.csv", "SUCCEEDED", "2026-01-01T00:00:00.000Z", 700_000),
]


@pytest.fixture(scope="module")
def stack(client: Client) -> Iterator[Stack]:
    made, table = deploy(client, "replay"), client("dynamodb")
    for customer, key, status, time, size in ITEMS:
        layer, dataset, _ = key.split("/")
        texts = {
            "object": f"{customer}#{key}",
            "version": "v",
            "status": status,
            "customer_status": f"{customer}#{status}",
            "updated_at": time,
            "uploaded_at": time,
            "layer": layer,
            "dataset": dataset,
        }
        item = {name: {"S": text} for name, text in texts.items()} | {"size_bytes": {"N": str(size)}}
        table.put_item(TableName=made.id_of("LakeManifestTable00000000"), Item=item)
    yield made
    made.delete()


@pytest.fixture
def asked(stack: Stack, client: Client) -> Callable[..., list[Any]]:
    """The requests in the queue of a stage, as its job reads them."""

    def read(stage: str, prefix: str) -> list[Any]:
        sqs, url = client("sqs"), stack.id_of(f"Lake{stage}WorkQueue00000000")
        found = []
        for message in sqs.receive_message(QueueUrl=url, AttributeNames=["All"]).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            program = [GLUE_PYTHONS[0], "-c", JOB, message["Body"], prefix]
            environment = {**os.environ, "PYTHONPATH": str(ROOT / "glue-assets")}
            done = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
            body, group = done.stdout.splitlines()
            assert message["Attributes"]["MessageGroupId"] == group
            found.append(json.loads(body)["detail"])
        return found

    return read


def ask(aws: LocalAws, *options: str) -> Any:
    done = command("replay", *LAKE, "--json", *options, environment=aws.environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(
    ("options", "objects", "size"),
    [
        ([], 3, 124),
        (["--dataset", "orders"], 2, 120),
        (["--since", "2026-02-01"], 2, 24),
        (["--until", "2026-02-01"], 1, 100),
        (["--status", "SUCCEEDED", "REJECTED", "--dataset", "orders"], 3, 123),
        (["--stage", "AnalyticsTransform"], 1, 60_000),
        (["--dataset", "none"], 0, 0),
    ],
)
def test_it_shows_what_would_go_through_the_stage(aws: LocalAws, options: list[str], objects: int, size: int) -> None:
    found = ask(aws, *options)

    assert (found["isStarted"], found["objects"], found["bytes"]) == (False, objects, size)


def test_without_start_it_sends_nothing(aws: LocalAws, asked: Callable[..., list[Any]]) -> None:
    ask(aws)
    ask(aws, "--start", "--dataset", "none")

    assert asked("ProcessCsv", "raw/") == []


def test_the_stage_is_asked_for_what_was_shown(aws: LocalAws, asked: Callable[..., list[Any]]) -> None:
    options = ["--dataset", "orders", "--status", "FAILED", "SUCCEEDED", "--since", "2026-01-02", "--until"]
    found = ask(aws, *options, "2026-02-02T00:00:00Z", "--start")

    assert found["isStarted"]
    assert asked("ProcessCsv", "raw/") == [
        {
            "bucket": {"name": BUCKET},
            "prefix": "raw/",
            "since": "2026-01-02T00:00:00.000Z",
            "until": "2026-02-02T00:00:00.000Z",
            "at": found["at"],
            "statuses": ["FAILED", "SUCCEEDED"],
            "dataset": "orders",
        }
    ]


def test_the_second_stage_alone_can_be_asked(aws: LocalAws, asked: Callable[..., list[Any]]) -> None:
    found = ask(aws, "--stage", "AnalyticsTransform", "--start")

    (request,) = asked("AnalyticsTransform", "processed/")
    assert (request["prefix"], request["until"], request["at"]) == ("processed/", found["at"], found["at"])
    assert (request["statuses"], request["dataset"]) == (["SUCCEEDED"], None)
    assert asked("ProcessCsv", "raw/") == []


@pytest.mark.usefixtures("stack")
def test_the_help_names_the_actions_that_are_called(
    aws: LocalAws, as_role: Callable[..., dict[str, str]], asked: Callable[..., list[Any]]
) -> None:
    session = as_role()
    assert not command("replay", *LAKE, "--start", environment={**aws.environment, **session}).stderr

    assert promised("replay") == called(aws, session)
    assert len(asked("ProcessCsv", "raw/")) == 1
