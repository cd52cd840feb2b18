"""What docs/operate.md shows of the doctor is what it prints, about three accounts: ready, not ready, spoilt later."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cli.examined import SCHEDULES, disable_schedule, examined
from emulator.client import ROOT, LocalAws
from emulator.settings import ACCOUNT
from emulator.testing.probe import GLUE_PYTHONS, Client, clients
from emulator.testing.stacks import StackFailedError, resource

from cli.doctor import BUCKET, QUEUE, command

SECTION = (ROOT / "docs" / "operate.md").read_text().split("\n## Is the account ready?\n")[1].split("\n## ")[0]
EXAMPLE = re.compile(r"```sh\nnpx modern-data-lake (doctor .*?)\n```\n\n```text\n(.*?)```", re.DOTALL)
READY, UNREADY, SPOILT = EXAMPLE.findall(SECTION)
#: Workgroups and rules that AWS gives an account.
MOST = 1000
RULE = {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"}
SMALL_QUOTAS = {
    ("s3", "L-DC2B2D3D"): 4,
    ("iam", "L-FE177D64"): 8,
    ("glue", "L-611FDDE4"): 1,
    ("events", "L-244521F2"): 3,
    ("glue", "L-08F3B322"): 10,
}


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with LocalAws(glue_python=GLUE_PYTHONS[0]) as running:
        yield running


@pytest.fixture
def client(aws: LocalAws) -> Client:
    return clients(aws)


def shows(aws: LocalAws, example: tuple[str, str], folder: Path) -> int:
    """Compares what the command of an example prints with the example. Returns its exit code."""
    arguments, output = example
    roles = [f"arn:aws:iam::{ACCOUNT}:role/supplier"]
    (folder / "customers.json").write_text(json.dumps([{"customerId": "acme", "uploaderRoleArns": roles}]))
    line = arguments.replace("\\\n", " ").replace("customers.json", str(folder / "customers.json")).split()

    done = command(*line, environment=aws.environment)

    assert steady(done.stdout) == output
    return done.returncode


def steady(text: str) -> str:
    """The text with ids that are always the same, of the same lengths."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f", text)
    return re.sub(r"-[0-9A-F]{13}\b", "-0A1B2C3D4E5F6", text)


def bootstrap(client: Client) -> None:
    client("ssm").put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="28", Type="String")


def test_an_account_that_is_ready(aws: LocalAws, client: Client, tmp_path: Path) -> None:
    bootstrap(client)
    client("iam").create_role(RoleName="supplier", AssumeRolePolicyDocument="{}")

    assert shows(aws, READY, tmp_path) == 0


def test_an_account_in_which_everything_is_wrong(aws: LocalAws, client: Client, tmp_path: Path) -> None:
    use_up(client)
    client("lakeformation").put_data_lake_settings(DataLakeSettings={})
    key = client("kms").create_key()["KeyMetadata"]["KeyId"]
    encryption = {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": key}
    settings = {"EncryptionAtRest": encryption}
    client("glue").put_data_catalog_encryption_settings(DataCatalogEncryptionSettings=settings)
    client("s3").create_bucket(Bucket=BUCKET)
    client("glue").create_database(DatabaseInput={"Name": "mycompany_acme_dev"})

    assert shows(aws, UNREADY, tmp_path) == 1


def use_up(client: Client) -> None:
    """Leaves no room for a lake."""
    quotas, trails, config = client("service-quotas"), client("cloudtrail"), client("config")
    for (service, code), value in SMALL_QUOTAS.items():
        quotas.request_service_quota_increase(ServiceCode=service, QuotaCode=code, DesiredValue=value)
    for number in range(5):
        trails.create_trail(Name=f"other-{number}", S3BucketName="trails")
    athena = client("athena")
    many(lambda number: athena.create_work_group(Name=f"other-{number}"), MOST - len(["primary"]))
    many(lambda number: config.put_config_rule(ConfigRule={"ConfigRuleName": f"other-{number}", "Source": RULE}), MOST)


def many(create: Callable[[int], object], count: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(create, range(count)))


def test_a_deployed_lake_in_which_everything_is_wrong(aws: LocalAws, client: Client, tmp_path: Path) -> None:
    bootstrap(client)
    stack = examined(client, name="Lake")
    created, failed = (stack.id_of(f"Lake{rule}00000000") for rule in ("ProcessCsvObjectCreated", "SweeperRunFailed"))
    with pytest.raises(StackFailedError):
        stack.update({**stack.resources, "Bad": resource("SQS::Queue", RedrivePolicy={"x": 1})})
    client("s3").put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={})
    client("events").disable_rule(Name=created)
    client("events").delete_rule(Name=failed)
    for schedule in SCHEDULES:
        disable_schedule(client, stack.id_of(schedule))
    client("sqs").set_queue_attributes(QueueUrl=stack.id_of(QUEUE), Attributes={"Policy": ""})
    client("kms").schedule_key_deletion(KeyId=stack.id_of("LakeEncryptionKey00000000"))
    client("cloudtrail").stop_logging(Name=stack.id_of("LakeAuditTrail00000000"))
    (subscription,) = client("sns").list_subscriptions()["Subscriptions"]
    client("sns").unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])

    assert shows(aws, SPOILT, tmp_path) == 1
