"""Erasing removes everything of its customer and nothing of others, wherever it was interrupted."""

import json
import re
import time
from typing import Any

import boto3
import erase_customer
import pytest
from emulator.client import ROOT

from faults.small_lake import CONTENTS, Run, SmallLake

#: The smallest pages of a listing.
SMALLEST = {
    "s3.ListObjectVersions": {"MaxKeys": 2},
    "s3.ListObjectsV2": {"MaxKeys": 1},
    "s3.ListMultipartUploads": {"MaxUploads": 1},
    "glue.GetTables": {"MaxResults": 1},
    "dynamodb.Scan": {"Limit": 2},
}
#: S3's actions are named differently from its calls.
ACTIONS = {
    "HeadBucket": ("ListBucket",),
    "ListObjectsV2": ("ListBucket",),
    "ListObjectVersions": ("ListBucketVersions",),
    "ListMultipartUploads": ("ListBucketMultipartUploads",),
    "DeleteObjects": ("DeleteObject", "DeleteObjectVersion"),
}
NOTHING: dict[str, Any] = {"items": [], "results": []}


class KilledError(BaseException):
    """An exception that the program cannot catch."""


def test_without_the_word_it_changes_nothing(lake: SmallLake, run: Run) -> None:
    before = lake.state("acme")

    assert run() == (1, {"erased": {}, "left": {**CONTENTS, "buckets": 1}})
    assert lake.state("acme") == before


@pytest.mark.parametrize("pages", [{}, SMALLEST], ids=["one page", "smallest pages"])
def test_everything_of_one_customer_goes(
    lake: SmallLake, run: Run, session: boto3.Session, pages: dict[str, dict[str, int]]
) -> None:
    other = lake.state("acme-2")
    for operation, size in pages.items():
        events: Any = session.events  # a handler may give other parameters back
        events.register(f"provide-client-params.{operation}", lambda params, size=size, **_: {**params, **size})

    assert run("--erase", "acme") == (0, {"erased": {**CONTENTS, "buckets": 1}, "left": {}})
    assert lake.state("acme") == NOTHING
    assert lake.state("acme-2") == other
    assert run() == run("--erase", "acme") == (0, {"erased": {}, "left": {}})


def test_killed_after_any_call_it_goes_on_where_it_was(lake: SmallLake, run: Run, session: boto3.Session) -> None:
    calls, other = Calls(), lake.state("acme-2")
    session.events.register("after-call", calls.made)
    run("--erase", "acme")

    for last in range(1, len(calls)):
        lake.put("acme")
        calls.clear()
        calls.last = last
        with pytest.raises(KilledError):
            run("--erase", "acme")
        calls.last = None

        assert run("--erase", "acme")[0] == 0
        assert lake.state("acme") == NOTHING, calls
    assert lake.state("acme-2") == other


def test_the_document_names_the_rights_that_the_calls_need(
    lake: SmallLake,  # noqa: ARG001
    run: Run,
    session: boto3.Session,
) -> None:
    calls = Calls()
    session.events.register("after-call", calls.made)
    run("--erase", "acme")

    section = (ROOT / "docs" / "security.md").read_text().split("The rights that it needs:")[1].split("What it")[0]
    documented = re.findall(r"`\w+:(\w+)`", section)
    needed = {action for call in calls for action in ACTIONS.get(call, (call,))}
    assert set(documented) == needed | {"Decrypt"}  # of the manifest's key, by DynamoDB


class Calls(list[str]):
    """The calls of a session. The last may be fatal."""

    last: int | None = None

    def made(self, model: Any, **_: object) -> None:
        self.append(model.name)
        if len(self) == self.last:
            raise KilledError


def test_a_customer_in_a_stack_stays(
    lake: SmallLake, session: boto3.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    stacks, bucket, name = session.client("cloudformation"), lake.bucket("initech"), f"{lake.organization}-lake"
    resource = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}}
    stacks.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"Bucket": resource}}))
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 0.05})

    assert refused(lake, "initech", capsys) == (
        f"erase_customer: refused: {bucket} is in stack {name}: take initech out of customers.json and deploy\n"
    )
    lake.s3.head_bucket(Bucket=bucket)


def test_a_customer_for_whom_a_job_works_stays(lake: SmallLake, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    item = {"object": "acme#raw/b.csv", "version": "v", "customer_status": "acme#PROCESSING", "updated_at": "now"}
    lake.manifest.put_item(Item={**item, "lease_until": int(time.time()) + 60})
    before = lake.state("acme")

    assert "a job works on acme#raw/b.csv: wait until it is done" in refused(lake, "acme", capsys)

    assert lake.state("acme") == before
    lake.manifest.put_item(Item={**item, "lease_until": int(time.time()) - 1})
    assert run("--erase", "acme")[0] == 0


def test_a_job_of_something_else_is_refused(lake: SmallLake, capsys: pytest.CaptureFixture[str]) -> None:
    lake.job = f"{lake.organization}-other"
    lake.glue.create_job(Name=lake.job, Role="r", Command={"Name": "glueetl", "ScriptLocation": "s3://a/b"})

    assert f"{lake.job} is no job of a lake" in refused(lake, "acme", capsys)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--customer", "acme", "--erase", "acme-2"], "write --erase acme\n"),
        (["--customer", "a*"], "must be lower-case letters, digits and inner hyphens, got: 'a*'"),
    ],
)
def test_a_slip_of_the_pen_is_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        erase_customer.main(["--job", "j", *arguments])

    assert message in capsys.readouterr().err


def test_what_cannot_be_removed_is_an_error(session: boto3.Session, run: Run) -> None:
    def keep(parsed: dict[str, Any], **_: object) -> None:
        parsed["Errors"] = [{"Key": "raw/a.csv", "Code": "AccessDenied"}]

    session.events.register("after-call.s3.DeleteObjects", keep)

    assert run("--erase", "acme") == (1, {"erased": {}, "left": {}})


def test_an_interrupted_erasure_reports_what_it_has_removed(
    lake: SmallLake, session: boto3.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    session.events.register("before-call.glue.DeleteDatabase", interrupt)

    assert erase_customer.main(["--job", lake.job, "--customer", "acme", "--erase", "acme"]) == 1

    said = capsys.readouterr()
    assert [line.split()[:3] for line in said.out.splitlines()] == [
        ["erased", "query", "results"],
        ["erased", "tables", "2"],
    ]
    assert said.err.startswith("erase_customer: interrupted; the report has what is removed")


def test_the_report_is_a_table_with_bytes(lake: SmallLake, capsys: pytest.CaptureFixture[str]) -> None:
    assert erase_customer.main(["--job", lake.job, "--customer", "acme"]) == 1

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["left", "replaced", "versions", "under", "raw/", "4", "39", "bytes"] in lines
    assert len(lines) == len(CONTENTS) + 1


def refused(lake: SmallLake, customer: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert erase_customer.main(["--job", lake.job, "--customer", customer, "--erase", customer]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err
