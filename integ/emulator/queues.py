"""SQS: thread-safe message lists, fair queues, and redrives."""

import functools
import heapq
import json
import operator
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from ministack.services import eventbridge, s3, sns, sqs

from emulator.answers import Properties, Record

P = ParamSpec("P")
R = TypeVar("R")
Action = Callable[[Properties, str], Record]

#: ministack replaces a queue's list when it deletes, while other threads append deliveries to the old list.
_lock = threading.RLock()


def install() -> None:
    """Protects all message lists by one lock and adds the missing actions."""
    sqs._collect_msgs = locked(fairly(sqs._collect_msgs))
    sqs._dlq_sweep = locked(noting_moves(sqs._dlq_sweep))
    sqs._expire_retained = locked(sqs._expire_retained)
    sqs._act_send_message = locked(sqs._act_send_message)
    eventbridge._dispatch_to_sqs = locked(eventbridge._dispatch_to_sqs)
    s3._deliver_event_to_sqs = locked(s3._deliver_event_to_sqs)
    sns._deliver_to_sqs = locked(sns._deliver_to_sqs)
    # ReceiveMessage waits, so it must not hold the lock. It changes lists only in the functions above.
    sqs._HANDLERS["DeleteMessageBatch"] = narrowly(sqs._HANDLERS["DeleteMessageBatch"])
    actions = {name: action for name, action in sqs._HANDLERS.items() if name != "ReceiveMessage"}
    sqs._HANDLERS.update({name: locked(action) for name, action in actions.items()})
    tasks = MoveTasks()
    sqs._HANDLERS.update(
        StartMessageMoveTask=tasks.start, ListMessageMoveTasks=tasks.list, ListDeadLetterSourceQueues=source_queues
    )


def locked(function: Callable[P, R]) -> Callable[P, R]:
    """The function, under the lock of the message lists."""

    @functools.wraps(function)
    def inner(*arguments: P.args, **options: P.kwargs) -> R:
        with _lock:
            return function(*arguments, **options)

    return inner


def noting_moves(sweep: Callable[[Record], None]) -> Callable[[Record], None]:
    """Records when a message became a dead letter and how often it had been received, for the metric of its age."""

    def inner(queue: Record) -> None:
        before = queue["messages"]
        sweep(queue)
        left = {message["id"] for message in before} - {message["id"] for message in queue["messages"]}
        policy = json.loads(queue["attributes"]["RedrivePolicy"]) if left else {}
        dead_letters = sqs._queue_by_arn(policy["deadLetterTargetArn"])["messages"] if left else []
        for message in dead_letters:
            if message["id"] in left:
                message.update(moved_at=time.time(), received_before=message["receive_count"])

    return inner


def fairly(collect: Callable[[Record, int, int], list[Record]]) -> Callable[[Record, int, int], list[Record]]:
    """Receives from a standard queue in the order of a fair queue.

    The group with the fewest messages in flight comes first. Messages about to be received count as in flight.
    """

    def inner(queue: Record, most: int, visibility: int) -> list[Record]:
        messages = queue["messages"]
        if not queue["is_fifo"] and any(message.get("group_id") for message in messages):
            queue = {**queue, "messages": fairest(messages, most)}
        return collect(queue, most, visibility)

    return inner


def fairest(messages: list[Record], most: int) -> list[Record]:
    """The next visible messages, found in one pass without sorting: queues may hold ten thousand."""
    now = time.time()
    taken, waiting = Counter[str | None](), defaultdict[str | None, list[tuple[int, Record]]](list)
    for place, message in enumerate(messages):
        group = message.get("group_id")
        if message["visible_at"] > now:
            taken[group] += message["receive_count"] > 0
        elif len(waiting[group]) < most:
            waiting[group].append((place, message))
    ranked = (
        (taken[group] + ahead, place, message)
        for group, found in waiting.items()
        for ahead, (place, message) in enumerate(found)
    )
    return [message for *_, message in heapq.nsmallest(most, ranked, key=operator.itemgetter(0, 1))]


def narrowly(delete: Action) -> Action:
    """Shows the deletion only the messages concerned: ministack scans all messages for each receipt."""

    def inner(data: Properties, url: str) -> Record:
        queue = sqs._get_q(data.get("QueueUrl") or url)
        receipts = {entry.get("ReceiptHandle") for entry in data.get("Entries", ())}
        others = [message for message in queue["messages"] if message["receipt_handle"] not in receipts]
        queue["messages"] = [message for message in queue["messages"] if message["receipt_handle"] in receipts]
        try:
            return delete(data, url)
        finally:
            queue["messages"] = others + queue["messages"]

    return inner


class MoveTasks:
    """Redrives: StartMessageMoveTask and ListMessageMoveTasks."""

    def __init__(self) -> None:
        """Starts without tasks."""
        self._tasks: list[Record] = []

    def start(self, data: Properties, _url: str) -> Record:
        """Moves all messages of a dead-letter queue to the destination, by default to their source queues."""
        source = sqs._queue_by_arn(data["SourceArn"])
        if source is None:
            raise sqs._Err("ResourceNotFoundException", "The resource that you specified doesn't exist.")
        if not sources_of(data["SourceArn"]):
            raise sqs._Err("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
        task: Record = {
            "TaskHandle": str(uuid.uuid4()),
            "Status": "RUNNING",
            "StartedTimestamp": int(time.time() * 1000),
            "ApproximateNumberOfMessagesMoved": 0,
            "ApproximateNumberOfMessagesToMove": len(source["messages"]),
            **{name: data[name] for name in ("SourceArn", "DestinationArn") if data.get(name)},
        }
        self._tasks.insert(0, task)
        threading.Thread(target=move, args=(task, source), daemon=True).start()
        return {"TaskHandle": task["TaskHandle"]}

    def list(self, data: Properties, _url: str) -> Record:
        """The newest tasks of a source queue. A task shows its handle only while it can be cancelled."""
        found = [task for task in self._tasks if task["SourceArn"] == data["SourceArn"]]
        return {
            "Results": [
                {name: value for name, value in task.items() if name != "TaskHandle" or task["Status"] == "RUNNING"}
                for task in found[: int(data.get("MaxResults") or 1)]
            ]
        }


@locked
def move(task: Record, source: Record) -> None:
    """Performs a redrive. Messages in flight stay. Without a destination, a message that was sent directly fails it."""
    now = time.time()
    for message in [message for message in source["messages"] if message["visible_at"] <= now]:
        origin = message.get("sys", {}).get("DeadLetterQueueSourceArn")
        target = sqs._queue_by_arn(task.get("DestinationArn") or origin or "")
        if target is None:
            task.update(Status="FAILED", FailureReason="CouldNotDetermineMessageSource")
            return
        source["messages"].remove(message)
        system = {**message["sys"], "SentTimestamp": str(int(now * 1000))}
        system.pop("DeadLetterQueueSourceArn", None)
        fresh: Record = {"id": str(uuid.uuid4()), "sent_at": now, "visible_at": now, "receive_count": 0, "sys": system}
        gone = dict.fromkeys(("receipt_handle", "first_receive_at", "moved_at"))
        target["messages"].append({**message, **gone, **fresh, "received_before": 0})
        task["ApproximateNumberOfMessagesMoved"] += 1
    task["Status"] = "COMPLETED"


def sources_of(dead_letter_arn: str) -> list[Record]:
    """Queues whose redrive policy names the dead-letter queue."""
    queues: list[Any] = list(sqs._queues.values())
    return [queue for queue in queues if f'"{dead_letter_arn}"' in (queue["attributes"].get("RedrivePolicy") or "")]


def source_queues(data: Properties, url: str) -> Record:
    """ListDeadLetterSourceQueues."""
    arn = sqs._get_q(data.get("QueueUrl") or url)["attributes"]["QueueArn"]
    return {"queueUrls": [queue["url"] for queue in sources_of(arn)]}
