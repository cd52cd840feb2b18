"""Dead letters are shown by reason without being consumed, and are sent back without one being lost."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cli.deployed import deploy
from cli.proxy import Proxy
from cli.rights import called, promised
from emulator.client import LocalAws, turn_clock
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack

from cli.doctor import command

LAKE = ("--organization", "letters", "--environment", "dev")
TOO_WIDE = {"ErrorType": "Rejected", "Reason": "the line has 3 fields", "Attempts": "1", "JobRunId": "jr"}
GONE = {"ErrorType": "NoDatabaseError", "Reason": "the database is gone", "Attempts": "1", "JobRunId": "jr"}
UNDELIVERED = {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "lacks permissions"}
MOVED = "SQS moved it: it was received too often, because run after run died"


@dataclass
class Queues:
    """The queues of the first stage."""

    sqs: Any
    work: str
    dead: str

    def bury(self, customer: str, key: str, reason: dict[str, str]) -> None:
        """Makes an object's message a dead letter."""
        body = {"detail": {"bucket": {"name": f"letters-{customer}-dev-datalake"}, "object": {"key": key}}}
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in reason.items()}
        group = f"letters-{customer}-dev-datalake"
        self.sqs.send_message(
            QueueUrl=self.dead, MessageBody=json.dumps(body), MessageAttributes=attributes, MessageGroupId=group
        )

    def keys(self, url: str) -> list[str]:
        """Keys of all objects in a queue, whose messages are gone then."""
        found = self.take(url)
        return sorted(json.loads(message["Body"])["detail"]["object"]["key"] for message in found)

    def take(self, url: str) -> list[dict[str, Any]]:
        """Receives all messages of a queue and deletes them."""
        found: list[dict[str, Any]] = []
        options = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "AttributeNames": ["All"]}
        while messages := self.sqs.receive_message(QueueUrl=url, **options).get("Messages"):
            for message in messages:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found += messages
        return found


@pytest.fixture(scope="module")
def stack(client: Client) -> Iterator[Stack]:
    made = deploy(client, "letters")
    yield made
    made.delete()


@pytest.fixture
def queues(stack: Stack, client: Client) -> Iterator[Queues]:
    urls = (stack.id_of(f"LakeProcessCsv{name}00000000") for name in ("WorkQueue", "DeadLetterQueue"))
    made = Queues(client("sqs"), *urls)
    yield made
    for url in (made.work, made.dead):
        made.take(url)


@pytest.fixture
def some(queues: Queues) -> Queues:
    """Four letters of two customers, for three reasons, and one that SQS moved."""
    queues.bury("acme", "raw/a.csv", TOO_WIDE)
    queues.bury("acme-2", "raw/b.csv", TOO_WIDE)
    queues.bury("acme-2", "raw/c.csv", GONE)
    queues.bury("acme", "raw/d.csv", UNDELIVERED)
    queues.bury("acme", "raw/e.csv", {})
    return queues


EVERYTHING = [f"raw/{name}.csv" for name in "abcde"]


def ask(aws: LocalAws, name: str, *options: str, **more: str) -> tuple[int, Any]:
    done = command(name, *LAKE, "--json", *options, environment={**aws.environment, **more})
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def reasons(groups: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return sorted(tuple(group.get(name) for name in ("count", "type", "reason", *names)) for group in groups)


def test_letters_are_counted_by_reason_and_stay(aws: LocalAws, some: Queues) -> None:
    code, found = ask(aws, "dead-letters")

    assert code == 1
    assert found["queues"] == [
        {"stage": "ProcessCsv", "letters": 5, "seen": 5},
        {"stage": "AnalyticsTransform", "letters": 0, "seen": 0},
    ]
    assert reasons(found["groups"]) == [
        (1, "NO_PERMISSIONS", "EventBridge could not deliver it: lacks permissions"),
        (1, "NoDatabaseError", "the database is gone"),
        (1, "ReceivedTooOften", MOVED),
        (2, "Rejected", "the line has 3 fields"),
    ]
    assert some.keys(some.dead) == EVERYTHING  # at once: none is hidden any longer


def test_letters_are_counted_by_customer_and_chosen(aws: LocalAws, some: Queues) -> None:
    _, found = ask(aws, "dead-letters", "--by-customer", "--reason", "fields")
    assert reasons(found["groups"], "customer") == [
        (1, "Rejected", "the line has 3 fields", "acme"),
        (1, "Rejected", "the line has 3 fields", "acme-2"),
    ]

    _, found = ask(aws, "dead-letters", "--customer", "acme-2")
    assert [(group["count"], group["example"]) for group in found["groups"]] == [(1, "raw/b.csv"), (1, "raw/c.csv")]

    assert ask(aws, "dead-letters", "--reason", "Rejected: nothing")[0] == 0
    assert some.keys(some.dead) == EVERYTHING


@pytest.mark.usefixtures("some")
def test_the_text_says_how_many_were_looked_at(aws: LocalAws, queues: Queues) -> None:
    for number in range(40):
        queues.bury("acme", f"raw/{number}.csv", TOO_WIDE)
    (held,) = queues.sqs.receive_message(QueueUrl=queues.dead, VisibilityTimeout=600)["Messages"]

    text = command("dead-letters", *LAKE, environment=aws.environment).stdout

    queues.sqs.delete_message(QueueUrl=queues.dead, ReceiptHandle=held["ReceiptHandle"])

    assert "ProcessCsv: 44 of about 45 dead letters were looked at; others hold the rest, or --limit is lower" in text
    assert "AnalyticsTransform: 0 of about 0 dead letters were looked at\n" in text
    assert "Rejected: the line has 3 fields" in text


def test_a_message_that_is_no_event_is_shown_too(aws: LocalAws, queues: Queues) -> None:
    queues.sqs.send_message(QueueUrl=queues.dead, MessageBody="hello")

    _, found = ask(aws, "dead-letters", "--by-customer")

    assert reasons(found["groups"], "customer", "example") == [(1, "ReceivedTooOften", MOVED, None, None)]


def test_all_letters_go_back_unchanged(aws: LocalAws, some: Queues) -> None:
    code, found = ask(aws, "redrive", "--all")

    assert (code, found["sent"], found["kept"]) == (0, 5, 0)
    assert some.keys(some.dead) == []
    sent = some.take(some.work)
    (wide,) = [message for message in sent if "raw/b.csv" in message["Body"]]
    assert {name: each["StringValue"] for name, each in wide["MessageAttributes"].items()} == TOO_WIDE
    assert wide["Attributes"]["MessageGroupId"] == "letters-acme-2-dev-datalake"
    assert len(sent) == 5


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--customer", "acme"), ["raw/a.csv", "raw/d.csv", "raw/e.csv"]),
        (("--reason", "Rejected"), ["raw/a.csv", "raw/b.csv"]),
        (("--customer", "acme-2", "--reason", "Rejected"), ["raw/b.csv"]),
        (("--all", "--dry-run"), []),
    ],
)
def test_only_what_was_chosen_goes_back(
    aws: LocalAws, some: Queues, options: tuple[str, ...], expected: list[str]
) -> None:
    code, found = ask(aws, "redrive", *options)

    assert code == 0
    assert some.keys(some.work) == expected
    assert some.keys(some.dead) == [key for key in EVERYTHING if key not in expected]
    assert found["sent"] == (5 if "--dry-run" in options else len(expected))


@pytest.mark.parametrize("arguments", [("dead-letters",), ("redrive", "--reason", "Rejected")])
@pytest.mark.usefixtures("some")
def test_help_names_the_actions_on_letters(
    aws: LocalAws, as_role: Callable[..., dict[str, str]], arguments: tuple[str, ...]
) -> None:
    session = as_role()

    assert not command(*arguments, *LAKE, environment={**aws.environment, **session}).stderr

    assert promised(arguments[0]) == called(aws, session)


def test_without_a_choice_nothing_goes_back(aws: LocalAws, some: Queues) -> None:
    done = command("redrive", *LAKE, environment=aws.environment)

    assert (done.returncode, done.stdout) == (2, "")
    assert "write --customer, --reason or --all" in done.stderr
    assert some.keys(some.dead) == EVERYTHING


def test_killed_between_sending_and_deleting_it_loses_none(aws: LocalAws, some: Queues) -> None:
    with Proxy(aws, kill_after="SendMessageBatch") as proxy:
        done = proxy.run("redrive", *LAKE, "--all")

    assert done.returncode < 0
    assert "DeleteMessageBatch" not in proxy.calls
    assert some.keys(some.work) == EVERYTHING
    assert some.keys(some.dead) == []  # hidden for five minutes
    turn_clock(aws.endpoint, 301)
    assert ask(aws, "redrive", "--all")[0] == 0
    assert (some.keys(some.work), some.keys(some.dead)) == (EVERYTHING, [])


def test_a_letter_that_comes_back_meanwhile_is_not_sent_again(aws: LocalAws, queues: Queues) -> None:
    for _ in range(2):
        queues.bury("acme", "raw/a.csv", TOO_WIDE)

    _, found = ask(aws, "redrive", "--all")

    assert (found["sent"], found["kept"]) == (1, 1)
    assert (queues.keys(queues.work), queues.keys(queues.dead)) == (["raw/a.csv"], ["raw/a.csv"])


@pytest.mark.parametrize(
    ("denied", "in_work", "in_dead"),
    [("sqs:SendMessage", [], EVERYTHING), ("sqs:DeleteMessage", EVERYTHING, None)],
)
def test_a_refused_call_loses_none(
    aws: LocalAws,
    some: Queues,
    as_role: Callable[..., dict[str, str]],
    denied: str,
    in_work: list[str],
    in_dead: list[str] | None,
) -> None:
    done = command("redrive", *LAKE, "--all", environment={**aws.environment, **as_role(denied)})

    assert done.returncode == 2
    assert done.stderr.startswith(f"error: AWS refused {denied}: ")
    assert some.keys(some.work) == in_work
    if in_dead is not None:
        assert some.keys(some.dead) == in_dead


@pytest.mark.parametrize(
    ("operation", "said", "in_work"),
    [
        ("SendMessageBatch", "SQS did not take 1: they are dead letters still.", EVERYTHING[1:]),
        ("DeleteMessageBatch", "SQS did not delete 1: another redrive sends them again.", EVERYTHING),
    ],
)
def test_what_sqs_does_not_take_is_said(
    aws: LocalAws, queues: Queues, operation: str, said: str, in_work: list[str]
) -> None:
    for key in EVERYTHING:
        queues.bury("acme", key, TOO_WIDE)

    def refuse_one(request: dict[str, Any]) -> dict[str, Any]:
        kept = [each for each in request["Entries"] if each is not request["Entries"][0]]
        return {**request, "Entries": kept}

    def say_so(answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]}

    with Proxy(aws, requests={operation: refuse_one}, answers={operation: say_so}) as proxy:
        done = proxy.run("redrive", *LAKE, "--all")

    assert (done.returncode, done.stderr) == (1, "")
    assert said in done.stdout
    assert len(queues.keys(queues.work)) == len(in_work)
