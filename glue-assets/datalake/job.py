"""The whole of a job, from its arguments to its end."""

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from datalake.arguments import parse
from datalake.driver.drain import Drain
from datalake.driver.metrics import Metrics
from datalake.driver.work_queue import WorkQueue
from datalake.lake.clients import CONFIG, job_session
from datalake.log import log
from datalake.worker.stage import Stage
from datalake.worker.worker import Settings

_USAGE = 2


def main(stage: Stage, argv: Sequence[str]) -> None:
    """Runs a stage until its queue is empty.

    A run that succeeds returns: Glue may take SystemExit for a failure, whatever its code.

    Args:
        stage: what to do.
        argv: the program and its arguments.

    Raises:
        SystemExit: with code 2 and one line on stderr, if the queue cannot be used. Nothing has begun then.
    """
    arguments, started = parse(argv[1:]), time.monotonic()
    session = boto3.Session(botocore_session=job_session(arguments))
    try:
        sqs = session.client("sqs", config=CONFIG)
        queue = WorkQueue(sqs, arguments.work_queue_url, arguments.dead_letter_queue_url)
    except (BotoCoreError, ClientError, ValueError) as error:
        sys.stderr.write(f"{Path(argv[0]).name}: cannot use the queue {arguments.work_queue_url}: {error}\n")
        raise SystemExit(_USAGE) from error
    metrics = Metrics(session.client("cloudwatch", config=CONFIG), arguments, stage.name)
    drain = Drain(stage, Settings(arguments, queue.visibility_seconds), queue, metrics)
    signal.signal(signal.SIGTERM, lambda *_: drain.stop())
    about = {"run": arguments.JOB_RUN_ID, "stage": stage.name}
    log("run_started", **about)
    tally = drain.run()
    log("run_ended", **about, seconds=round(time.monotonic() - started, 1), objects=tally)
