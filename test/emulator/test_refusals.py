"""What AWS refuses, with its own error code: by a call, and as the reason of a failed stack."""

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack, StackFailedError, resource

ACCOUNT = "123456789012"
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
_numbers = itertools.count()


JOB = {"Role": "job-role", "Command": {"Name": "glueetl", "ScriptLocation": "s3://scripts/job.py"}}


def policy(length: int = 0, **statement: Any) -> dict[str, Any]:
    """A policy document of about so many characters."""
    resources = ["arn:aws:s3:::" + "x" * 100] * (length // 116) or ["*"]
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": resources, **statement}],
    }


def role(client: Client) -> str:
    name = f"role-{next(_numbers)}"
    client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    return name


def refused(code: str, message: str, call: Callable[[], object]) -> None:
    with pytest.raises(ClientError) as error:
        call()
    assert (error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]) == (code, message)


def fails(message: str, client: Client, resource_: dict[str, Any]) -> None:
    with pytest.raises(StackFailedError) as error:
        Stack(client, {"It": resource_})
    assert message in str(error.value)


JOB = {"Role": "job-role", "Command": {"Name": "glueetl", "ScriptLocation": "s3://scripts/job.py"}}


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ({"MaxRetries": 1}, "MaxRetries must be 0 when JobRunQueuingEnabled is true."),
        ({"ExecutionClass": "FLEX"}, "JobRunQueuingEnabled is not supported for FLEX jobs."),
    ],
)
def test_job_run_queuing_goes_with_neither_retries_nor_flex(client: Client, rest: dict[str, Any], message: str) -> None:
    glue, queued = client("glue"), {**JOB, "JobRunQueuingEnabled": True}

    refused("InvalidInputException", message, lambda: glue.create_job(Name="queued", **queued, **rest))
    glue.create_job(Name="queued", **queued, MaxRetries=0)
    refused("InvalidInputException", message, lambda: glue.update_job(JobName="queued", JobUpdate={**queued, **rest}))
    fails(message, client, resource("Glue::Job", **queued, **rest))
    glue.delete_job(JobName="queued")


def test_a_rule_that_only_a_schedule_triggers_takes_no_scope(client: Client) -> None:
    config, scope = client("config"), {"TagKey": "lake", "TagValue": "org-dev"}
    periodic, *triggered = (
        {"ConfigRuleName": name, "Source": {"Owner": "AWS", "SourceIdentifier": name}}
        for name in ("CMK_BACKING_KEY_ROTATION_ENABLED", "S3_BUCKET_VERSIONING_ENABLED", "DYNAMODB_PITR_ENABLED")
    )
    message = "Scope is not supported for the periodic rule CMK_BACKING_KEY_ROTATION_ENABLED."

    put = config.put_config_rule
    refused("InvalidParameterValueException", message, lambda: put(ConfigRule={**periodic, "Scope": scope}))
    fails(message, client, resource("Config::ConfigRule", **periodic, Scope=scope))
    config.put_config_rule(ConfigRule=periodic)
    for rule in triggered:
        config.put_config_rule(ConfigRule={**rule, "Scope": scope})


@pytest.mark.parametrize("principal", [f"arn:aws:iam::{ACCOUNT}:role/ghost", "AROAABCDEFGHIJKLMNOP"])
def test_a_policy_cannot_name_a_principal_that_does_not_exist(client: Client, principal: str) -> None:
    client("s3").create_bucket(Bucket=(bucket := f"bucket-{next(_numbers)}"))
    named = {"AWS": [ROOT["AWS"], principal]}
    key = policy(Principal=named, Action="kms:*")
    objects = policy(Principal=named, Resource=f"arn:aws:s3:::{bucket}/*")
    trust = policy(Principal=named, Action="sts:AssumeRole")
    invalid = "Policy contains a statement with one or more invalid principals."

    refused("MalformedPolicyDocumentException", invalid, lambda: client("kms").create_key(Policy=json.dumps(key)))
    fails(invalid, client, resource("KMS::Key", KeyPolicy=key))
    put = client("s3").put_bucket_policy
    refused("MalformedPolicy", "Invalid principal in policy", lambda: put(Bucket=bucket, Policy=json.dumps(objects)))
    fails("Invalid principal in policy", client, resource("S3::BucketPolicy", Bucket=bucket, PolicyDocument=objects))
    fails("Invalid principal in policy", client, resource("IAM::Role", AssumeRolePolicyDocument=trust))


def test_a_key_policy_cannot_be_put_any_more_once_its_role_is_gone(client: Client) -> None:
    kms, name = client("kms"), role(client)
    principals = {"AWS": [ROOT["AWS"], f"arn:aws:iam::{ACCOUNT}:role/{name}"]}
    document = json.dumps(policy(Principal=principals, Action="kms:*"))
    key = kms.create_key(Policy=document)["KeyMetadata"]["KeyId"]
    client("iam").delete_role(RoleName=name)

    with pytest.raises(ClientError, match="MalformedPolicyDocumentException"):
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document)


def test_identities_of_other_accounts_accounts_and_services_pass(client: Client) -> None:
    named = {"AWS": ["arn:aws:iam::444455556666:role/partner", "444455556666"], "Service": "logs.amazonaws.com"}

    Stack(client, {"Key": resource("KMS::Key", KeyPolicy=policy(Principal=named, Action="kms:*"))})


def test_a_role_has_ten_managed_policies(client: Client) -> None:
    iam, name = client("iam"), role(client)
    arns = [f"arn:aws:iam::aws:policy/Some{number}" for number in range(11)]
    message = "Cannot exceed quota for PoliciesPerRole: 10"

    for arn in arns[:10]:
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    refused("LimitExceeded", message, lambda: iam.attach_role_policy(RoleName=name, PolicyArn=arns[10]))
    iam.attach_role_policy(RoleName=name, PolicyArn=arns[0])  # it has it already
    fails(message, client, resource("IAM::Role", AssumeRolePolicyDocument=TRUST, ManagedPolicyArns=arns))
    fails(message, client, resource("IAM::ManagedPolicy", Roles=[name], PolicyDocument=policy()))


def test_policies_of_roles_have_their_sizes_without_white_space(client: Client) -> None:
    iam, name = client("iam"), role(client)
    inline = f"Maximum policy size of 10240 bytes exceeded for role {name}"
    halves = [json.dumps(policy(6000), indent=99) for _ in range(2)]

    iam.put_role_policy(RoleName=name, PolicyName="first", PolicyDocument=halves[0])
    second = {"RoleName": name, "PolicyName": "second", "PolicyDocument": halves[1]}
    refused("LimitExceeded", inline, lambda: iam.put_role_policy(**second))
    fails(inline, client, resource("IAM::Policy", Roles=[name], PolicyName="second", PolicyDocument=policy(6000)))
    replaced = {**second, "PolicyName": "first"}
    iam.put_role_policy(**replaced)


def test_a_managed_policy_and_a_trust_policy_have_their_sizes(client: Client) -> None:
    iam = client("iam")
    managed, trusting = policy(6300), policy(2200, Principal={"Service": "glue.amazonaws.com"}, Action="sts:AssumeRole")

    message = "Cannot exceed quota for PolicySize: 6144"
    refused("LimitExceeded", message, lambda: iam.create_policy(PolicyName="m", PolicyDocument=json.dumps(managed)))
    fails(message, client, resource("IAM::ManagedPolicy", PolicyDocument=managed))
    fails(
        "Cannot exceed quota for ACLSizePerRole: 2048", client, resource("IAM::Role", AssumeRolePolicyDocument=trusting)
    )


def test_key_and_bucket_policies_have_their_sizes(client: Client) -> None:
    client("s3").create_bucket(Bucket="crowded")
    message = "Policy exceeds the maximum allowed document size."
    objects, key = policy(21_000, Principal="*"), policy(33_000, Principal=ROOT, Action="kms:*")

    put = client("s3").put_bucket_policy
    refused("MalformedPolicy", message, lambda: put(Bucket="crowded", Policy=json.dumps(objects)))
    fails(message, client, resource("S3::BucketPolicy", Bucket="crowded", PolicyDocument=objects))
    with pytest.raises(ClientError, match="LimitExceededException"):
        client("kms").create_key(Policy=json.dumps(key))
    fails("The key policy exceeds", client, resource("KMS::Key", KeyPolicy=key))


def selectors(values: int) -> list[dict[str, Any]]:
    """Data events of so many buckets, with the two values that the other fields take."""
    fields = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": [f"arn:aws:s3:::bucket-{n}/" for n in range(values - 2)]},
    ]
    return [{"Name": "objects", "FieldSelectors": fields}]


def test_a_region_has_five_trails_and_the_selectors_of_one_have_500_values(client: Client) -> None:
    trails = client("cloudtrail")
    for number in range(5):
        trails.create_trail(Name=f"trail-{number}", S3BucketName="logs")
    message = f"User: {ACCOUNT} already has 5 trails in us-east-1."
    create = trails.create_trail
    refused("MaximumNumberOfTrailsExceededException", message, lambda: create(Name="sixth", S3BucketName="logs"))
    fails(message, client, resource("CloudTrail::Trail", S3BucketName="logs", IsLogging=True))

    trails.put_event_selectors(TrailName="trail-0", AdvancedEventSelectors=selectors(500))
    with pytest.raises(ClientError, match="InvalidEventSelectorsException"):
        trails.put_event_selectors(TrailName="trail-0", AdvancedEventSelectors=selectors(501))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (resource("Glue::Workflow", MaxConcurrentRuns="many"), "Invalid type for parameter MaxConcurrentRuns"),
        (resource("Glue::Job", Role="r"), 'Missing required parameter in input: "Command"'),
        (resource("Glue::Job", **JOB, ExecutionClass="FAST"), "ExecutionClass, value: FAST, type"),
        (resource("Athena::NamedQuery", Database="d", QueryString="SELECT 1", Workgroup="w"), '"Workgroup", must be'),
    ],
)
def test_what_cloudformation_calls_with_is_held_against_the_model(
    client: Client, wrong: dict[str, Any], message: str
) -> None:
    fails(message, client, wrong)


def test_a_rule_has_five_targets_and_a_bus_thirty_rules_with_wildcards(client: Client) -> None:
    events = client("events")
    message = "The requested resource exceeds the maximum number allowed."
    pattern = json.dumps({"source": ["test"], "detail": {"bucket": {"name": [{"wildcard": "org-*-datalake"}]}}})
    plain = json.dumps({"source": ["wildcard"]})
    targets = [{"Id": str(number), "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:queue-{number}"} for number in range(6)]

    for number in range(30):
        events.put_rule(Name=f"rule-{number}", EventPattern=pattern)
    events.put_rule(Name="rule-0", EventPattern=pattern)  # one of them again
    refused("LimitExceededException", message, lambda: events.put_rule(Name="rule-30", EventPattern=pattern))
    fails(message, client, resource("Events::Rule", EventPattern=json.loads(pattern), State="ENABLED"))
    events.put_rule(Name="rule-30", EventPattern=plain)
    fails(message, client, resource("Events::Rule", EventPattern=json.loads(plain), Targets=targets))

    events.put_targets(Rule="rule-0", Targets=targets[:5])
    events.put_targets(Rule="rule-0", Targets=targets[:1])  # one of them again
    refused("LimitExceededException", message, lambda: events.put_targets(Rule="rule-0", Targets=targets[5:]))


def test_an_event_pattern_has_2048_characters(client: Client) -> None:
    message = "The event pattern exceeds the quota of 2048 characters."
    long = {"source": ["x" * (2049 - len('{"source":[""]}'))]}
    put, as_text = client("events").put_rule, json.dumps(long, separators=(",", ":"))

    refused("LimitExceededException", message, lambda: put(Name="long", EventPattern=as_text))
    fails(message, client, resource("Events::Rule", EventPattern=long, State="ENABLED"))
    put(Name="long", EventPattern=as_text.replace("xx", "x", 1))


@pytest.fixture
def lowered(client: Client) -> Iterator[Callable[[str, str, int], None]]:
    """Sets a quota until the test ends."""
    quotas, before = client("service-quotas"), []

    def lower(service: str, code: str, value: int) -> None:
        key = {"ServiceCode": service, "QuotaCode": code}
        before.append({**key, "DesiredValue": quotas.get_service_quota(**key)["Quota"]["Value"]})
        quotas.request_service_quota_increase(**key, DesiredValue=value)

    yield lower
    for given in before:
        quotas.request_service_quota_increase(**given)


def test_an_account_has_so_many_buckets(client: Client, lowered: Callable[[str, str, int], None]) -> None:
    s3, message = client("s3"), "You have attempted to create more buckets than allowed"
    s3.create_bucket(Bucket=(last := f"bucket-{next(_numbers)}"))
    lowered("s3", "L-DC2B2D3D", len(s3.list_buckets()["Buckets"]))

    refused("TooManyBuckets", message, lambda: s3.create_bucket(Bucket=f"bucket-{next(_numbers)}"))
    fails(message, client, resource("S3::Bucket", BucketName=f"bucket-{next(_numbers)}"))
    s3.create_bucket(Bucket=last)  # it has it already


def test_an_account_has_so_many_roles(client: Client, lowered: Callable[[str, str, int], None]) -> None:
    role(client)
    most = len(client("iam").list_roles(MaxItems=1000)["Roles"])
    lowered("iam", "L-FE177D64", most)
    message = f"Cannot exceed quota for RolesPerAccount: {most}"

    refused("LimitExceeded", message, lambda: role(client))
    fails(message, client, resource("IAM::Role", AssumeRolePolicyDocument=TRUST))


def test_a_stack_that_is_there_can_change_when_a_quota_is_used_up(
    client: Client, lowered: Callable[[str, str, int], None]
) -> None:
    made = {"Role": resource("IAM::Role", AssumeRolePolicyDocument=TRUST, Description="before")}
    stack = Stack(client, made)
    lowered("iam", "L-FE177D64", 1)

    made["Role"]["Properties"]["Description"] = "after"
    stack.update(made)


def test_an_account_has_so_many_jobs_and_security_configurations(
    client: Client, lowered: Callable[[str, str, int], None]
) -> None:
    glue, code = client("glue"), "ResourceNumberLimitExceededException"
    glue.create_job(Name=f"job-{next(_numbers)}", **JOB)
    most = len(glue.get_jobs()["Jobs"])
    lowered("glue", "L-611FDDE4", most)
    message = f"The number of jobs has exceeded the limit. Your account is limited to {most} jobs."
    refused(code, message, lambda: glue.create_job(Name=f"job-{next(_numbers)}", **JOB))
    fails(message, client, resource("Glue::Job", **JOB))

    encryption: dict[str, Any] = {"EncryptionConfiguration": {}}
    for number in range(250):
        glue.create_security_configuration(Name=f"configuration-{number}", **encryption)
    message = "Your account is limited to 250 security configurations."
    with pytest.raises(ClientError, match=message) as error:
        glue.create_security_configuration(Name="one-more", **encryption)
    assert error.value.response["Error"]["Code"] == code
    fails(message, client, resource("Glue::SecurityConfiguration", Name="one-more", **encryption))


@pytest.mark.parametrize("principal", [f"arn:aws:iam::{ACCOUNT}:role/ghost", "AROAABCDEFGHIJKLMNOP"])
def test_policies_of_queues_and_topics_cannot_name_a_principal_that_does_not_exist(
    client: Client, principal: str
) -> None:
    sqs, sns = client("sqs"), client("sns")
    url = sqs.create_queue(QueueName=f"queue-{next(_numbers)}")["QueueUrl"]
    topic = sns.create_topic(Name=f"topic-{next(_numbers)}")["TopicArn"]
    named = policy(Principal={"AWS": [ROOT["AWS"], principal]}, Action="*")
    text = json.dumps(named)
    of_queue, of_topic = "Invalid value for the parameter Policy.", "Invalid parameter: Policy Error: PrincipalNotFound"

    attributes = {"Policy": text}
    refused("InvalidAttributeValue", of_queue, lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes))
    refused("InvalidAttributeValue", of_queue, lambda: sqs.create_queue(QueueName="new", Attributes=attributes))
    fails(of_queue, client, resource("SQS::QueuePolicy", Queues=[url], PolicyDocument=named))
    put = sns.set_topic_attributes
    given = {"TopicArn": topic, "AttributeName": "Policy"}
    refused("InvalidParameter", of_topic, lambda: put(**given, AttributeValue=text))
    fails(of_topic, client, resource("SNS::TopicPolicy", Topics=[topic], PolicyDocument=named))
    put(**given, AttributeValue=json.dumps(policy(Principal=ROOT, Action="sns:Publish", Resource=topic)))
