"""Metrics that AWS services publish on their own."""

import time
from collections.abc import Mapping

from ministack import app
from ministack.services import cloudwatch, sqs
from ministack.services import stepfunctions as states

from emulator.answers import Properties, Record

EXECUTION_METRICS = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
RECEIVES_LEFT_OUT = 3
GAUGES = (
    "ApproximateNumberOfMessagesVisible",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateAgeOfOldestMessage",
)


def record(namespace: str, name: str, value: float, dimensions: Mapping[str, str]) -> None:
    """Adds a value to a metric from any thread. Only the event loop may touch ministack's store."""
    app._MAIN_LOOP.call_soon_threadsafe(cloudwatch.record_metric, namespace, name, value, "Count", dict(dimensions))


def gauge_queues() -> None:
    """Records the number of messages of each queue and the age of the oldest. AWS publishes nothing for idle queues."""
    for queue in list(sqs._queues.values()):
        values, dimensions = depths(queue), {"QueueName": queue["name"]}
        key = cloudwatch._dims_key(dimensions)
        known = [cloudwatch._metrics.get(("AWS/SQS", name, key)) for name in GAUGES]
        if any(values.values()) or any(points and points[-1]["Value"] for points in known):
            for name, value in values.items():
                cloudwatch.record_metric("AWS/SQS", name, value, "Count", dimensions)


def depths(queue: Record) -> dict[str, float]:
    """The gauges of one queue."""
    now, messages = time.time(), list(queue["messages"])
    waiting = sum(message["visible_at"] <= now for message in messages)
    in_flight = sum(message["visible_at"] > now and message["receive_count"] > 0 for message in messages)
    age = max((now - since(message) for message in messages if not is_left_out(message)), default=0)
    return dict(zip(GAUGES, (waiting, in_flight, len(messages) - waiting - in_flight, age), strict=True))


def since(message: Record) -> float:
    """Start of a message's age: its arrival in this queue. Its retention starts in the first queue."""
    at: float = message.get("moved_at") or message["sent_at"]
    return at


def is_left_out(message: Record) -> bool:
    """True after three receives: the metric then ignores the message. Source: SQS's page on CloudWatch metrics."""
    received: int = message["receive_count"] - message.get("received_before", 0)
    return received >= RECEIVES_LEFT_OUT


def count_executions(execution: Record) -> None:
    """Counts an execution that has started, or ended, under its status."""
    metric = EXECUTION_METRICS.get(execution["status"])
    if metric:
        record("AWS/States", metric, 1, {"StateMachineArn": execution["stateMachineArn"]})


def count_sent(queue: str) -> None:
    """Counts a message that was sent to a queue. SQS does not count those that it moves to a dead-letter queue."""
    record("AWS/SQS", "NumberOfMessagesSent", 1, {"QueueName": queue})


def install() -> None:
    """Counts executions when ministack announces their status, and messages when they are sent."""
    send = sqs._HANDLERS["SendMessage"]

    def send_and_count(request: Properties, url: str) -> Record:
        sent: Record = send(request, url)
        count_sent(url.rsplit("/", 1)[-1])
        return sent

    sqs._HANDLERS["SendMessage"] = send_and_count
    inner = states._emit_execution_status_event

    def announce(execution: Record) -> None:
        inner(execution)
        count_executions(execution)

    states._emit_execution_status_event = announce
