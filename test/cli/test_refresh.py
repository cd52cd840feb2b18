"""The command asks the stages to look for objects that no event has told of."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cli.deployed import deploy
from cli.rights import called, promised
from emulator.client import LocalAws
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack

from cli.doctor import command

LAKE = ("--organization", "refreshed", "--environment", "dev")
BUCKET = "refreshed-acme-dev-datalake"
JANUARY = ("--since", "2026-01-01T00:00Z", "--until", "2026-02-01T00:00Z")
TIMES = {"since": "2026-01-01T00:00:00.000Z", "until": "2026-02-01T00:00:00.000Z"}
#: The stages by the prefix of their input.
STAGES = {"raw/": "ProcessCsv", "processed/": "AnalyticsTransform"}


@pytest.fixture(scope="module")
def lake(client: Client) -> Iterator[Stack]:
    stack = deploy(client, "refreshed")
    client("s3").create_bucket(Bucket=BUCKET)
    yield stack
    client("s3").delete_bucket(Bucket=BUCKET)
    stack.delete()


@pytest.fixture
def asked(client: Client, lake: Stack) -> Callable[[], dict[str, list[dict[str, Any]]]]:
    """The messages in the work queues since the last call, by stage, with their groups."""
    queues = {stage: lake.id_of(f"Lake{stage}WorkQueue00000000") for stage in STAGES.values()}

    def take(stage: str) -> list[dict[str, Any]]:
        options = {"QueueUrl": queues[stage], "MaxNumberOfMessages": 10, "AttributeNames": ["MessageGroupId"]}
        found = client("sqs").receive_message(**options).get("Messages", [])
        for message in found:
            client("sqs").delete_message(QueueUrl=queues[stage], ReceiptHandle=message["ReceiptHandle"])
        return [
            {**json.loads(each["Body"]), "group": each.get("Attributes", {}).get("MessageGroupId")} for each in found
        ]

    return lambda: {stage: messages for stage in queues if (messages := take(stage))}


Asked = Callable[[], dict[str, list[dict[str, Any]]]]


def request(prefix: str, **more: object) -> dict[str, Any]:
    return {"detail-type": "Reconcile Requested", "detail": {"prefix": prefix, **TIMES, **more}}


def test_each_stage_is_asked_about_a_customer_in_its_group(aws: LocalAws, asked: Asked) -> None:
    done = command("refresh", "--customer", "acme", *JANUARY, *LAKE, environment=aws.environment)

    assert done.returncode == 0, done.stderr
    of_acme = {"bucket": {"name": BUCKET}}
    assert asked() == {stage: [request(prefix, **of_acme) | {"group": BUCKET}] for prefix, stage in STAGES.items()}


def test_all_customers_are_one_message_for_each_stage(aws: LocalAws, asked: Asked) -> None:
    assert command("refresh", "--all", *JANUARY, *LAKE, environment=aws.environment).returncode == 0

    assert asked() == {stage: [request(prefix) | {"group": None}] for prefix, stage in STAGES.items()}


def test_a_prefix_is_a_question_to_the_stage_that_reads_it(aws: LocalAws, asked: Asked) -> None:
    arguments = ("--customer", "acme", "--prefix", "processed/orders/", *JANUARY)
    assert command("refresh", *arguments, *LAKE, environment=aws.environment).returncode == 0

    ((stage, (message,)),) = asked().items()
    assert (stage, message["detail"]["prefix"]) == ("AnalyticsTransform", "processed/orders/")


def test_without_times_it_looks_as_far_back_as_the_daily_search(aws: LocalAws, asked: Asked) -> None:
    done = command("refresh", "--all", "--json", *LAKE, environment=aws.environment)

    assert set(asked()) == set(STAGES.values())
    for each in json.loads(done.stdout)["requests"]:
        ages = [(datetime.now(UTC) - datetime.fromisoformat(each[name])).total_seconds() for name in ("since", "until")]
        assert ages == pytest.approx([3 * 86_400, 3600], abs=60)


def test_a_dry_run_shows_what_it_would_ask_and_asks_nothing(aws: LocalAws, asked: Asked) -> None:
    january = ("--since", "2026-01-01", "--until", "2026-02-01")
    arguments = ("refresh", "--customer", "acme", "--dry-run", *january, *LAKE)
    text = command(*arguments, environment={**aws.environment, "TZ": "Asia/Tokyo"}).stdout
    report = json.loads(command(*arguments, "--json", environment={**aws.environment, "TZ": "UTC"}).stdout)

    assert asked() == {}
    assert "│ ProcessCsv         │ 2026-01-01 00:00:00 │ 2026-02-01 00:00:00 │" in text
    assert text.endswith("Would send 2.\n")
    assert report == {
        "dryRun": True,
        "requests": [{"stage": stage, "bucket": BUCKET, "prefix": prefix, **TIMES} for prefix, stage in STAGES.items()],
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "it must be said whose objects: write either --customer or --all"),
        (("--all", "--customer", "acme"), "it must be said whose objects: write either --customer or --all"),
        (("--customer", "acne"), "the lake has no bucket refreshed-acne-dev-datalake; check --customer"),
        (
            ("--all", "--prefix", "orders/"),
            "--prefix must begin with raw/ or processed/, which the stages read, got: orders/",
        ),
        (("--all", "--since", "1h", "--until", "2h"), "must be before --until"),
        (("--all", "--until", "soon"), "It must be 30m, 24h, 7d or a date such as 2026-01-31."),
    ],
)
def test_what_cannot_be_asked_is_said(aws: LocalAws, asked: Asked, arguments: tuple[str, ...], said: str) -> None:
    done = command("refresh", *arguments, *LAKE, environment=aws.environment)

    assert (done.returncode, asked()) == (2, {})
    assert said in done.stderr


def test_help_names_the_actions_that_are_called(
    aws: LocalAws, as_role: Callable[..., dict[str, str]], asked: Asked
) -> None:
    session = as_role()
    done = command("refresh", "--customer", "acme", *LAKE, environment={**aws.environment, **session})

    assert not done.stderr
    assert asked()
    assert promised("refresh") == called(aws, session)
