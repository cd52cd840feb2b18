"""Metrics that AWS services publish by themselves."""

import time
from collections.abc import Mapping

from ministack import app
from ministack.services import cloudwatch, sqs
from ministack.services import stepfunctions as states

from emulator.answers import Record

EXECUTION_METRICS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}


def record(namespace: str, name: str, value: float, dimensions: Mapping[str, str]) -> None:
    """Adds a value to a metric, from any thread: ministack's store is the event loop's alone."""
    app._MAIN_LOOP.call_soon_threadsafe(cloudwatch.record_metric, namespace, name, value, "Count", dict(dimensions))


def gauge_queues() -> None:
    """How many messages each queue holds, and how old the oldest is. AWS publishes once a minute."""
    now = time.time()
    for queue in list(sqs._queues.values()):
        messages = list(queue["messages"])
        waiting = [message for message in messages if message["visible_at"] <= now]
        in_flight = [m for m in messages if m["visible_at"] > now and m["receive_count"]]
        values = {
            "ApproximateNumberOfMessagesVisible": len(waiting),
            "ApproximateNumberOfMessagesNotVisible": len(in_flight),
            "ApproximateNumberOfMessagesDelayed": len(messages) - len(waiting) - len(in_flight),
            "ApproximateAgeOfOldestMessage": max((now - m["sent_at"] for m in (*waiting, *in_flight)), default=0),
        }
        for name, value in values.items():
            cloudwatch.record_metric("AWS/SQS", name, value, "Count", {"QueueName": queue["name"]})


def count_executions(ended: Record) -> None:
    """One more execution of a state machine that has ended, as its status says."""
    metric = EXECUTION_METRICS.get(ended["status"])
    if metric:
        record("AWS/States", metric, 1, {"StateMachineArn": ended["stateMachineArn"]})


def install() -> None:
    """Counts executions where ministack announces their status."""
    inner = states._emit_execution_status_event

    def announce(execution: Record) -> None:
        inner(execution)
        count_executions(execution)

    states._emit_execution_status_event = announce
