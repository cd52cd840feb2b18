"""The commands of the runbook work as written."""

import json
from pathlib import Path
from typing import Any

import pytest
from demo.inputs import bucket_name
from demo.journey import Upload, journeys
from demo.lake import LAYERS, Lake, Stage
from demo.local import LocalLake, quickstart_customers
from emulator.settings import REGION
from local.documented import commands, shell
from local.people import role_arn
from local.unannounced import unannounced
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

RUNBOOK = "runbook.md"


def event(upload: Upload) -> str:
    found = {"key": upload.key, "version-id": upload.version, "sequencer": "0FFF", "size": 9, "etag": "e"}
    detail = {"bucket": {"name": bucket_name(upload.customer)}, "object": found}
    return json.dumps({"detail-type": "Object Created", "source": "aws.s3", "detail": detail})


def moved_by_sqs(lake: Lake, stage: Stage) -> Upload:
    upload = unannounced(lake, "raw/redriven/moved.csv")
    lake.sqs.send_message(QueueUrl=stage.queue_url, MessageBody=event(upload))
    policy = lake.sqs.get_queue_attributes(QueueUrl=stage.queue_url, AttributeNames=["RedrivePolicy"])["Attributes"]
    for _ in range(json.loads(policy["RedrivePolicy"])["maxReceiveCount"] + 1):
        lake.sqs.receive_message(QueueUrl=stage.queue_url, VisibilityTimeout=0)
    return upload


def sent_by_the_rule(lake: Lake, stage: Stage) -> Upload:
    upload = unannounced(lake, "raw/redriven/by-rule.csv")
    names = ("RULE_ARN", "TARGET_ARN", "ERROR_CODE", "ERROR_MESSAGE", "RETRY_ATTEMPTS")
    attributes = {name: {"DataType": "String", "StringValue": "0"} for name in names}
    body = {"QueueUrl": stage.dead_letter_queue_url, "MessageBody": event(upload), "MessageAttributes": attributes}
    lake.sqs.send_message(**body)
    return upload


def sent_by_the_job(lake: Lake, stage: Stage) -> Upload:
    customer, key = quickstart_customers()[0], "raw/redriven/by-job.csv"
    upload = Upload(customer, key, lake.upload(customer, key, b"\x00\x01"))
    wait_for(lambda: bool(letters_about(lake, stage, upload)))
    return upload


def letters_about(lake: Lake, stage: Stage, upload: Upload) -> list[str]:
    found = [letter for letter in lake.dead_letters() if letter.stage == stage.name and letter.key == upload.key]
    return [letter.attributes.get("JobRunId", "") for letter in found]


@pytest.fixture
def redriven(local: LocalLake) -> tuple[Upload, Upload, Upload, str]:
    """Sends back one letter of each kind as the runbook says. Also returns the run that sent the last one."""
    lake, stage = local.lake, local.lake.stages[0]
    lake.wait_until_idle()
    by_job = sent_by_the_job(lake, stage)
    lake.wait_until_idle()
    (run,) = letters_about(lake, stage, by_job)
    moved, by_rule = moved_by_sqs(lake, stage), sent_by_the_rule(lake, stage)
    wait_for(lambda: letters_about(lake, stage, moved) == [""] and letters_about(lake, stage, by_rule) == [""])
    shell(local, commands(RUNBOOK, "## Dead-letter queue not empty", "aws sqs start-message-move-task"))
    return moved, by_rule, by_job, run


def test_each_kind_of_dead_letter_goes_back(local: LocalLake, redriven: tuple[Upload, Upload, Upload, str]) -> None:
    lake, stage = local.lake, local.lake.stages[0]
    moved, by_rule, by_job, run = redriven

    wait_for(lambda: all(journey.is_queryable for journey in journeys(lake, [moved, by_rule])))
    wait_for(lambda: len(letters_about(lake, stage, by_job)) == 1 and run not in letters_about(lake, stage, by_job))

    lake.wait_until_idle()
    assert letters_about(lake, stage, moved) == letters_about(lake, stage, by_rule) == []
    (journey,) = journeys(lake, [by_job])
    assert journey.raw
    assert journey.raw.status == "REJECTED"


def test_the_reasons_are_shown_as_the_runbook_says(local: LocalLake) -> None:
    customer, key = quickstart_customers()[0], "raw/reasons/no.csv"
    upload = Upload(customer, key, local.lake.upload(customer, key, b"\x00\x01"))
    wait_for(lambda: bool(letters_about(local.lake, local.lake.stages[0], upload)))

    shown = shell(local, commands(RUNBOOK, "## Dead-letter queue not empty", "aws sqs receive-message"))

    (line,) = [line for line in shown.splitlines() if key in line]
    bucket, shown_key, why = json.loads(line)
    assert (bucket, shown_key, why["ErrorType"]) == (bucket_name(customer), key, "Rejected")


def where_is(local: LocalLake, customer: str, key: str) -> dict[str, Any]:
    lines = commands(RUNBOOK, "## Where is a file?", "customer=").splitlines(keepends=True)
    (line,) = shell(local, "".join([f"customer={customer} key={key}\n", *lines[1:]])).splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_file_and_its_output_are_found_as_the_runbook_says(local: LocalLake) -> None:
    customer, key = quickstart_customers()[0], "raw/found/a.csv"
    upload = Upload(customer, key, local.lake.upload(customer, key, b"id,v\n1,x\n2,y\n"))
    wait_for(lambda: journeys(local.lake, [upload])[0].is_queryable)

    file = where_is(local, customer, key)
    output = where_is(local, customer, *file["outputs"])

    assert [(each["status"], each["rows"], each["error"]) for each in (file, output)] == [("SUCCEEDED", "2", None)] * 2
    assert [key.split("/")[0] for key in (*file["outputs"], *output["outputs"])] == ["processed", "analytics-ready"]


def test_a_file_that_is_deleted_with_what_was_made_of_it_does_not_come_back(local: LocalLake, tmp_path: Path) -> None:
    lake, customer, key = local.lake, quickstart_customers()[0], "raw/deleted/a.csv"
    upload = Upload(customer, key, lake.upload(customer, key, b"id,v\n1,x\n"))
    wait_for(lambda: journeys(lake, [upload])[0].is_queryable)
    assigned = f"customer={customer} bucket={bucket_name(customer)} key={key} eraser=eraser"
    (tmp_path / "config").write_text(
        f"[profile eraser]\nrole_arn = {role_arn('eraser')}\ncredential_source = Environment\nregion = {REGION}\n"
    )

    lines = commands(RUNBOOK, "## A file was deleted", "customer=").splitlines(keepends=True)
    # The CLI keeps sessions in the home directory, and would go on with one of a local AWS that is gone.
    setting = f"export HOME={tmp_path} AWS_CONFIG_FILE={tmp_path / 'config'}\n"
    shell(local, setting + "".join([assigned + "\n", *lines[1:]]))
    lake.sqs.send_message(QueueUrl=lake.stages[0].queue_url, MessageBody=event(upload))  # a late one
    lake.sweep()
    lake.wait_until_idle()

    left = [f["Key"] for layer in LAYERS for f in lake.objects(customer, f"{layer}/deleted/")]
    assert left == []
    assert journeys(lake, [upload])[0].is_queryable, "the manifest remembers"


def test_rows_stay_when_only_the_file_is_deleted(local: LocalLake) -> None:
    lake, customer, key = local.lake, quickstart_customers()[0], "raw/expired/a.csv"
    upload = Upload(customer, key, lake.upload(customer, key, b"id,v\n1,x\n"))
    wait_for(lambda: journeys(lake, [upload])[0].is_queryable)

    lake.s3.delete_object(Bucket=bucket_name(customer), Key=key)
    lake.wait_until_idle()

    left = [f["Key"].split("/")[0] for layer in LAYERS for f in lake.objects(customer, f"{layer}/expired/")]
    assert left == ["processed", "analytics-ready"]


def wait_for(is_so: object) -> None:
    assert callable(is_so)
    retry(retry=retry_if_result(lambda so: not so), wait=wait_fixed(0.5), stop=stop_after_delay(120))(is_so)()
