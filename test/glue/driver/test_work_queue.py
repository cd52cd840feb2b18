"""Messages in and out, ten at a time."""

from collections import Counter

import boto3
import pytest
from botocore.exceptions import ClientError
from datalake.driver.work_queue import Message, WorkQueue
from lake_harness import Lake


@pytest.fixture
def calls() -> Counter[str]:
    return Counter()


@pytest.fixture
def queue(lake: Lake, calls: Counter[str]) -> WorkQueue:
    sqs = boto3.client("sqs")
    made = WorkQueue(sqs, lake.work, lake.dead)
    sqs.meta.events.register("before-call.sqs", lambda model, **_: calls.update([model.name]))
    return made


def receive_all(queue: WorkQueue) -> list[Message]:
    found: list[Message] = []
    while messages := queue.receive(0):
        found += messages
    return found


def test_the_queue_says_how_long_a_message_is_hidden_and_how_often_it_comes(lake: Lake) -> None:
    lake.sqs.set_queue_attributes(QueueUrl=lake.work, Attributes={"VisibilityTimeout": "45"})

    made = WorkQueue(lake.sqs, lake.work, lake.dead)

    assert (made.visibility_seconds, made.most_receives) == (45, 10)


def test_the_queue_says_whether_messages_are_in_flight(lake: Lake) -> None:
    assert not WorkQueue(lake.sqs, lake.work, lake.dead).has_hidden

    lake.send("hidden")
    assert not WorkQueue(lake.sqs, lake.work, lake.dead).has_hidden
    lake.sqs.receive_message(QueueUrl=lake.work)

    assert WorkQueue(lake.sqs, lake.work, lake.dead).has_hidden


def test_a_queue_without_a_dead_letter_queue_keeps_its_messages(lake: Lake) -> None:
    assert WorkQueue(lake.sqs, lake.dead, lake.dead).most_receives is None


def test_an_unknown_queue_is_an_error_at_once(lake: Lake) -> None:
    with pytest.raises(ClientError, match="NonExistentQueue"):
        WorkQueue(lake.sqs, lake.work + "x", lake.dead)


def test_ten_messages_cost_one_call(lake: Lake, queue: WorkQueue, calls: Counter[str]) -> None:
    lake.send(*(f"m{n}" for n in range(25)))
    messages = receive_all(queue)
    assert Counter(message.body for message in messages) == Counter(f"m{n}" for n in range(25))
    calls.clear()

    queue.hide(messages, 60)
    queue.delete(messages)

    assert calls == {"ChangeMessageVisibilityBatch": 3, "DeleteMessageBatch": 3}
    assert lake.backlog() == 0


def test_messages_that_are_sent_belong_to_a_group_so_that_no_other_waits_for_them(
    queue: WorkQueue, calls: Counter[str]
) -> None:
    bodies = [f"m{n}" for n in range(11)]

    queue.send(bodies, "bucket")

    assert calls == {"SendMessageBatch": 2}
    messages = receive_all(queue)
    assert sorted(message.body for message in messages) == sorted(bodies)
    assert {message.group for message in messages} == {"bucket"}


def test_a_message_that_is_given_back_comes_at_once_and_has_been_received_twice(lake: Lake, queue: WorkQueue) -> None:
    lake.send("m")
    (first,) = queue.receive(0)
    assert queue.receive(0) == []

    queue.hide([first], 0)

    (second,) = queue.receive(0)
    assert (first.id, first.receives, second.id, second.receives) == (first.id, 1, first.id, 2)
    assert first.sent_at == second.sent_at > 1.7e9


def test_a_receipt_that_has_run_out_is_no_error(
    lake: Lake, queue: WorkQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    lake.send("m")
    (message,) = queue.receive(0)
    queue.delete([message])

    queue.hide([message], 10)

    assert message.id in capsys.readouterr().out


def test_a_dead_letter_keeps_body_and_group_and_gets_the_reason(lake: Lake, queue: WorkQueue) -> None:
    for _ in range(2):
        lake.sqs.send_message(QueueUrl=lake.work, MessageBody="body", MessageGroupId="bucket")
    messages = receive_all(queue)

    queue.bury(messages, {"Reason": "no", "ErrorType": "", "Attempts": "4", "JobRunId": "jr_1"})

    (letter,) = lake.dead_letters()
    assert letter.pop("receipt")
    assert letter == {
        "body": "body",
        "group": "bucket",
        "Reason": "no",
        "ErrorType": "-",
        "Attempts": "4",
        "JobRunId": "jr_1",
    }
    assert lake.backlog() == 0


def test_a_dead_letter_that_comes_back_is_known_by_its_reason(lake: Lake, queue: WorkQueue) -> None:
    lake.send("m")
    (message,) = queue.receive(0)
    assert not message.is_redriven
    queue.bury([message], {"Reason": "no"})

    lake.redrive(lake.dead_letters())

    (message,) = queue.receive(0)
    assert message.is_redriven
