"""What docs/operate.md shows is what the command prints, in an account of its own."""

import json
import re
from collections.abc import Iterator

import pytest
from boto3.dynamodb.types import TypeSerializer
from cli.rights import promised
from cli.small_lake import SmallLake
from emulator.client import ROOT, LocalAws
from emulator.testing.probe import GLUE_PYTHONS, Client, clients, eventually
from emulator.testing.stacks import Stack

from cli.doctor import command

QUICKSTART = ROOT / "examples" / "quickstart"
#: An IAM action in a document.
ACTION = re.compile(r"`(\w+:\w+)`")
DOCUMENT = (ROOT / "docs" / "operate.md").read_text()


@pytest.fixture(scope="module")
def account() -> Iterator[LocalAws]:
    """A new one."""
    with LocalAws(glue_python=GLUE_PYTHONS[0]) as aws:
        yield aws


@pytest.fixture(scope="module")
def lake(account: LocalAws) -> SmallLake:
    """A lake with dead letters of two customers, and objects that the manifest does not know."""
    client = clients(account)
    made = SmallLake(client, "mycompany")
    queue = made.stack.id_of("LakeProcessCsvDeadLetterQueue00000000")
    stray = "line 3 has 4 fields, and the header has 3"
    for customer, key, type_, reason in (
        ("acme", "raw/orders/june.csv", "Rejected", stray),
        ("acme-2", "raw/orders/july.csv", "Rejected", stray),
        ("acme-2", "raw/items.csv", "NoDatabaseError", "mycompany_acme_2_dev does not exist"),
    ):
        body = {"detail": {"bucket": {"name": made.bucket(customer)}, "object": {"key": key}}}
        why = {"Reason": reason, "ErrorType": type_}
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in why.items()}
        client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(body), MessageAttributes=attributes)
    put_history(client, made.stack)
    fail_a_run(client, made.stack)
    return made


def put_history(client: Client, stack: Stack) -> None:
    """Objects of a customer whose next upload is late."""
    common = {"layer": "raw", "dataset": "orders", "version": "3sL4kqtJlcpXroDTDmJ", "schema_version": 1}
    june = {"key": "june.csv", "status": "SUCCEEDED", "day": 30, "rows_out": 1204, "values_rescued": 2, "rows_short": 1}
    reason = "line 3 has 4 fields, and the header has 3"
    july = {"key": "july.csv", "status": "REJECTED", "day": 31, "error": {"type": "Rejected", "message": reason}}
    to_dynamodb = TypeSerializer().serialize
    for facts in (june, july):
        key, status, day = (facts.pop(name) for name in ("key", "status", "day"))
        item = {
            **common,
            **facts,
            "object": f"globex#raw/orders/{key}",
            "status": status,
            "customer_status": f"globex#{status}",
            "customer_dataset": "globex#orders",
            "uploaded_at": f"2026-01-{day}T08:00:00.000Z",
            "updated_at": f"2026-01-{day}T08:00:41.200Z",
            "attempts": 1,
            "job_run_id": "jr_5f0c",
            "size_bytes": 30_211,
        }
        table = stack.id_of("LakeManifestTable00000000")
        client("dynamodb").put_item(TableName=table, Item={name: to_dynamodb(value) for name, value in item.items()})
    expected = json.dumps({"orders": 24 * 60})
    client("ssm").put_parameter(Name="/modern-data-lake/mycompany-dev/feeds/globex", Type="String", Value=expected)


def fail_a_run(client: Client, stack: Stack) -> None:
    """Starts a job without a script, and waits for its end and for the alarm."""
    job, glue = stack.id_of("LakeProcessCsvJob00000000"), client("glue")
    run = glue.start_job_run(JobName=job)["JobRunId"]

    @eventually
    def wait() -> None:
        assert glue.get_job_run(JobName=job, RunId=run)["JobRun"]["JobRunState"] == "FAILED"
        assert client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"]

    wait()


@pytest.mark.usefixtures("lake")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("dead-letters", 1),
        ("redrive", 0),
        ("check", 1),
        ("erase", 1),
        ("refresh", 0),
        ("replay", 0),
        ("status", 1),
        ("history", 0),
        ("file", 0),
        ("silent", 1),
    ],
)
def test_the_output_about_a_lake_is_what_the_command_prints(account: LocalAws, name: str, code: int) -> None:
    example = re.search(rf"```sh\nnpx modern-data-lake ({name} [^\n]*)\n```\n\n```text\n(.*?)```", DOCUMENT, re.DOTALL)
    assert example

    done = command(*example[1].split(" #")[0].split(), environment={**account.environment, "TZ": "UTC"})

    assert steady(done.stdout) == steady(example[2])
    assert done.returncode == code


def steady(text: str) -> str:
    """The text without ages, what has one, ids of versions, runs and stacks, and what their lengths change."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?=\(\d+ second)|jr_[0-9a-f]{8,}|stack-\d+", "~", text)
    text = re.sub(r"\d+ (second|minute)s? ago|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}", "~", text)
    return re.sub(r"[ ─]+", " ", text)


def test_the_rights_are_those_of_the_help() -> None:
    section = DOCUMENT.split("## IAM actions per command\n")[1].split("\n## ")[0]
    introduction, *_ = section.split("\n| ")
    rows = {row[0]: row[1] for row in re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", section, re.MULTILINE)}
    help_text = command("--help", environment={}).stdout.split("Commands:\n")[1]
    # The doctor is about no lake that is there, and completion and help call nothing.
    names = set(re.findall(r"^  ([a-z-]+) ", help_text, re.MULTILINE)) - {"doctor", "completion", "help"}

    assert set(rows) == names
    for name in names:
        actions = {*ACTION.findall(introduction), *ACTION.findall(rows[name])}
        key = re.search(
            r"^Needed on the lake's key: (.*)$", command(name, "--help", environment={}).stdout, re.MULTILINE
        )
        assert key
        assert actions == {*promised(name), *key[1].replace("nothing", "").split(", ")} - {""}


def test_the_exit_codes_are_those_of_the_help() -> None:
    help_text = command("doctor", "--help", environment={}).stdout
    codes = re.findall(r"^  (\d)  (.*)$", help_text, re.MULTILINE)
    assert codes == re.findall(r"^\| (\d) \| (.*) \|$", DOCUMENT, re.MULTILINE)
