"""What the doctor says of a lake that is deployed, with each fault that can come later."""

import json
from collections.abc import Callable

import pytest
from cli.examined import disable_schedule
from emulator.client import LocalAws
from emulator.settings import ACCOUNT
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack, StackFailedError, resource

from cli.doctor import BUCKET, QUEUE, Customers, Doctor, command


def test_a_deployed_lake_in_which_nothing_is_wrong(doctor: Doctor, deployed: Stack) -> None:
    found = doctor()

    assert (found.bad, found.report["stack"]) == ([], deployed.name)
    assert found.of("bucket-names") == [("ok", "1 are free, 2 are the lake's")]
    assert found.of("quota-buckets") == [("ok", "2 of 10000 are used, the lake needs 4 more")]


def test_a_first_deployment_that_failed_has_left_nothing(doctor: Doctor, client: Client) -> None:
    results = resource("S3::Bucket", BucketName="mycompany-dev-query-results")
    with pytest.raises(StackFailedError):
        Stack(client, {"LakeQueryResults00000000": results, "Bad": resource("SQS::Queue", RedrivePolicy={"x": 1})})

    found = doctor()

    assert (found.bad, found.report.get("stack")) == ([], None)
    assert found.of("bucket-names") == [("ok", "3 are free, 0 are the lake's")]


@pytest.mark.usefixtures("deployed")
def test_a_bucket_sends_no_events(doctor: Doctor, client: Client) -> None:
    client("s3").put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={})

    found = doctor()

    text = f"{BUCKET} sends no events to EventBridge: no file in it is processed"
    assert (found.code, found.bad) == (1, [("notifications", "failure", text)])


def test_a_rule_is_disabled(doctor: Doctor, client: Client, deployed: Stack) -> None:
    rule = deployed.id_of("LakeProcessCsvObjectCreated00000000")
    client("events").disable_rule(Name=rule)

    assert doctor().bad == [("rules", "failure", f"the rule {rule} is DISABLED")]


@pytest.mark.parametrize(
    ("logical_id", "check", "consequence"),
    [
        ("LakeSweeperSchedule00000000", "schedule", "work without a wake-up waits"),
        ("LakeProcessCsvReconcile00000000", "searches", "objects that no event has told of are not found"),
        ("LakeObserveFeedsSchedule00000000", "feeds", "nobody learns that uploads have stopped"),
    ],
)
def test_a_schedule_is_disabled(
    doctor: Doctor, client: Client, deployed: Stack, logical_id: str, check: str, consequence: str
) -> None:
    name = deployed.id_of(logical_id)
    disable_schedule(client, name)

    assert doctor().bad == [(check, "failure", f"the schedule {name} is DISABLED: {consequence}")]


def test_a_rule_is_gone(doctor: Doctor, client: Client, deployed: Stack) -> None:
    rule = deployed.id_of("LakeProcessCsvObjectCreated00000000")
    client("events").delete_rule(Name=rule)

    text = f"{rule} is gone, which {deployed.name} has as its AWS::Events::Rule"
    assert doctor().bad == [("rules", "failure", text)]


def test_a_key_is_going_to_be_deleted(doctor: Doctor, client: Client, deployed: Stack) -> None:
    key = deployed.id_of("LakeEncryptionKey00000000")
    client("kms").schedule_key_deletion(KeyId=key)

    text = f"the key {key} is PendingDeletion: nobody reads or writes what it encrypts"
    assert doctor().bad == [("created-keys", "failure", text)]


def test_the_last_deployment_was_rolled_back(doctor: Doctor, deployed: Stack) -> None:
    bucket = resource("S3::Bucket", BucketName="mycompany-dev-query-results")
    with pytest.raises(StackFailedError):
        deployed.update({"LakeQueryResults00000000": bucket, "Bad": resource("SQS::Queue", RedrivePolicy={"x": 1})})

    text = f"{deployed.name} is UPDATE_ROLLBACK_COMPLETE: the last operation did not succeed"
    assert ("stacks", "warning", text) in doctor().bad


def test_a_queue_keeps_eventbridge_out(doctor: Doctor, client: Client, deployed: Stack) -> None:
    url = deployed.id_of(QUEUE)
    client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})

    name = url.rpartition("/")[2]
    assert doctor().bad == [("queues", "failure", f"the queue {name} does not let EventBridge in: events are lost")]


def test_the_trail_is_stopped(doctor: Doctor, client: Client, deployed: Stack) -> None:
    trail = deployed.id_of("LakeAuditTrail00000000")
    client("cloudtrail").stop_logging(Name=trail)

    assert doctor().bad == [("trail", "failure", f"the trail {trail} is stopped")]


def test_nobody_receives_the_alarms(doctor: Doctor, client: Client, deployed: Stack) -> None:
    sns, topic = client("sns"), deployed.id_of("LakeObserveAlarmTopic00000000")
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])

    found = doctor()

    text = "the alarm topic has no subscription: nobody receives the alarms"
    assert (found.code, found.bad) == (0, [("subscriptions", "warning", text)])


@pytest.mark.usefixtures("deployed")
def test_help_names_the_actions_that_are_called(
    aws: LocalAws, client: Client, doctor: Doctor, customers: Customers, as_role: Callable[..., dict[str, str]]
) -> None:
    customers[0]["uploaderRoleArns"] = [f"arn:aws:iam::{ACCOUNT}:role/gone"]
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    session = as_role()
    doctor("--encryption-key", key, "--config-audit", "RULES", **session)

    text = command("doctor", "--help", environment={}).stdout
    promised = [line.strip() for line in text.split("IAM actions")[1].split("\n\n")[0].splitlines()[1:]]

    lines = [json.loads(line) for line in (aws.directory / "calls.jsonl").read_text().splitlines()]
    called = {line["action"] for line in lines if line["principal"].endswith(f"/{session['session']}")}
    assert promised == sorted(called - {"sts:GetCallerIdentity"})  # which every caller may call
