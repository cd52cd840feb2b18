"""The account's clock, which tests turn: all that is in the account becomes older, and nothing else notices.

What waits for a time to pass goes on at once: S3's events of a new bucket, the retention and the visibility of
messages, schedules, state machines, the periods of alarms, the age of Glue runs. Runs that work are processes of this
machine and keep its time.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from ministack.services import cloudwatch, glue, scheduler, sqs

from emulator import queues, s3_events, state_machines
from emulator.settings import CLOCK_PATH

#: In seconds of the epoch: of a run that has ended, and of a message.
RUN_TIMES = ("StartedOn", "CompletedOn", "LastModifiedOn")
MESSAGE_TIMES = ("sent_at", "visible_at", "enqueued_at", "moved_at")

Asgi = Callable[[Mapping[str, Any], Any, Any], Awaitable[None]]


def turn(seconds: float) -> None:
    """Makes everything older; schedules that are due by then start their targets."""
    s3_events.age(seconds)
    queues.locked(age_messages)(seconds)
    for points in cloudwatch._metrics.values():
        for point in points:
            point["Timestamp"] -= seconds
    for schedule in scheduler._schedules.values():
        schedule["CreationDate"] -= seconds
    for key in scheduler._schedule_last_fired:
        scheduler._schedule_last_fired[key] -= seconds
    for run in (run for runs in glue._job_runs.values() for run in runs if "CompletedOn" in run):
        run.update({name: run[name] - seconds for name in RUN_TIMES})
    state_machines.turn(seconds)
    scheduler._tick_schedules()


def age_messages(seconds: float) -> None:
    """All messages of all queues."""
    for message in (message for queue in sqs._queues.values() for message in queue["messages"]):
        for name in MESSAGE_TIMES:
            if message.get(name) is not None:
                message[name] -= seconds


def with_clock(application: Asgi) -> Asgi:
    """The server's application, with a path that turns the clock: POST {CLOCK_PATH}?seconds=300."""

    async def serve(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != CLOCK_PATH:
            await application(scope, receive, send)
            return
        turn(float(parse_qs(scope["query_string"].decode())["seconds"][0]))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps({}).encode()})

    return serve
