"""Faults do not lose, duplicate or damage anything."""

import json
import os
import signal
from pathlib import Path

import psutil
from demo.arrived import Arrived, catalog_of
from demo.inputs import bucket_name
from demo.journey import Upload, follow, journeys
from demo.lake import Lake, Stage
from demo.local import LocalLake, quickstart_customers
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

FILES = 40
ROWS = 2_000


def job_processes(local: LocalLake, stage: Stage) -> list[psutil.Process]:
    """The drivers of a stage's running jobs."""
    children = psutil.Process(local.aws.pid).children()
    return [child for child in children if any(stage.job_name in word for word in child.cmdline())]


def test_a_run_that_dies_half_way_is_made_good(local: LocalLake, tmp_path: Path) -> None:
    lake, customer, stage = local.lake, quickstart_customers()[0], local.lake.stages[0]
    before = len(lake.runs(stage))
    body = "".join(f"{{file}}{row:05},x\n" for row in range(ROWS))
    uploads = [
        Upload(customer, key, lake.upload(customer, key, ("id,v\n" + body.replace("{file}", f"{n}")).encode()))
        for n in range(1, FILES + 1)
        for key in [f"raw/victims/{n}.csv"]
    ]

    @retry(retry=retry_if_result(lambda hit: not hit), wait=wait_fixed(0.05), stop=stop_after_delay(60))
    def half_way() -> bool:
        done = sum(bool(journey.raw and journey.raw.is_final) for journey in journeys(lake, uploads))
        assert done < FILES, "the run was over before it could be killed"
        return done > 0

    half_way()
    for process in job_processes(local, stage):
        os.killpg(process.pid, signal.SIGKILL)

    assert all(journey.is_queryable for journey in follow(lake, uploads))
    states = [run["JobRunState"] for run in lake.runs(stage)[before:]]
    assert "FAILED" in states
    _, rows = catalog_of(lake, customer, tmp_path).sql("SELECT count(*), count(DISTINCT id) FROM victims")
    assert rows == [(FILES * ROWS, FILES * ROWS)]


def event(upload: Upload, sequencer: str, size: int, etag: str) -> dict[str, object]:
    """The S3 event of an object version, as EventBridge delivers it."""
    found = {"key": upload.key, "size": size, "etag": etag, "version-id": upload.version, "sequencer": sequencer}
    return {
        "version": "0",
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": bucket_name(upload.customer)}, "object": found},
    }


def test_an_event_that_comes_twice_changes_nothing(arrived: Arrived, lake: Lake) -> None:
    _, journey = arrived.of("airports.csv")
    assert journey.raw is not None
    known = journey.raw.attributes
    body = event(journey.upload, known["sequencer"], int(known["size_bytes"]), known["etag"])

    for _ in range(3):
        lake.sqs.send_message(
            QueueUrl=lake.stages[0].queue_url,
            MessageBody=json.dumps(body),
            MessageGroupId=bucket_name(journey.upload.customer),
        )
    lake.sweep()
    lake.wait_until_idle()

    assert journeys(lake, [journey.upload]) == [journey]
    bucket = bucket_name(journey.upload.customer)
    for key in (journey.raw.outputs[0], journey.processed.outputs[0]) if journey.processed else ():
        versions = lake.s3.list_object_versions(Bucket=bucket, Prefix=key)["Versions"]
        assert len(versions) == 1
