"""What stacks keep when they change, fail or are deleted."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from emulator.client import LocalAws
from emulator.testing.probe import Client, Jobs, eventually
from emulator.testing.stacks import Stack, StackFailedError, resource


def table(**properties: Any) -> dict[str, Any]:
    key = {"AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}]}
    schema = {"KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    return resource("DynamoDB::Table", **key, **schema, **properties)


def test_an_update_keeps_what_the_resources_hold(client: Client) -> None:
    resources = {"Queue": resource("SQS::Queue"), "Topic": resource("SNS::Topic"), "Table": table()}
    stack = Stack(client, resources)
    ids = {name: stack.id_of(name) for name in resources}
    client("sqs").send_message(QueueUrl=ids["Queue"], MessageBody="held")
    client("dynamodb").put_item(TableName=ids["Table"], Item={"k": {"S": "held"}})
    arn = "arn:aws:sqs:us-east-1:123456789012:mail"
    client("sns").subscribe(TopicArn=ids["Topic"], Protocol="sqs", Endpoint=arn)

    recovery = {"PointInTimeRecoveryEnabled": True}
    stack.update(
        {
            "Queue": resource("SQS::Queue", VisibilityTimeout=77),
            "Topic": resource("SNS::Topic", KmsMasterKeyId="alias/k"),
            "Table": table(PointInTimeRecoverySpecification=recovery),
        }
    )

    assert {name: stack.id_of(name) for name in resources} == ids
    assert client("sqs").receive_message(QueueUrl=ids["Queue"])["Messages"][0]["Body"] == "held"
    assert client("dynamodb").scan(TableName=ids["Table"])["Items"] == [{"k": {"S": "held"}}]
    assert client("sns").list_subscriptions_by_topic(TopicArn=ids["Topic"])["Subscriptions"][0]["Endpoint"] == arn
    backups = client("dynamodb").describe_continuous_backups(TableName=ids["Table"])["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_an_update_keeps_the_runs_of_a_job(client: Client, jobs: Jobs) -> None:
    jobs.put("job.py", "")
    command = {"Name": "glueetl", "ScriptLocation": "s3://scripts/job.py"}
    stack = Stack(client, {"Job": resource("Glue::Job", Role=jobs.role, Command=command)})
    job = stack.id_of("Job")
    run_id = jobs.start(job)

    stack.update({"Job": resource("Glue::Job", Role=jobs.role, Command=command, JobRunQueuingEnabled=True)})

    assert stack.id_of("Job") == job
    assert jobs.ended(job, run_id)["JobRunState"] == "SUCCEEDED"
    assert jobs.glue.get_job(JobName=job)["Job"]["JobRunQueuingEnabled"] is True


def test_a_property_that_goes_falls_back_to_its_default(client: Client, jobs: Jobs) -> None:
    command = {"Name": "glueetl", "ScriptLocation": "s3://scripts/job.py"}
    limit = {"MaxConcurrentRuns": 5}
    job = {"Role": jobs.role, "Command": command}
    stack = Stack(client, {"Job": resource("Glue::Job", **job, ExecutionProperty=limit, JobRunQueuingEnabled=True)})

    stack.update({"Job": resource("Glue::Job", **job)})

    found = jobs.glue.get_job(JobName=stack.id_of("Job"))["Job"]
    assert (found["ExecutionProperty"], found["JobRunQueuingEnabled"]) == ({"MaxConcurrentRuns": 1}, False)


def test_what_is_retained_stays_when_the_stack_goes(client: Client) -> None:
    kept = {**resource("S3::Bucket", BucketName="kept"), "DeletionPolicy": "Retain"}
    stack = Stack(client, {"Kept": kept, "Queue": resource("SQS::Queue")})
    url = stack.id_of("Queue")
    client("s3").put_object(Bucket="kept", Key="k", Body=b"held")

    stack.delete()

    assert client("s3").get_object(Bucket="kept", Key="k")["Body"].read() == b"held"
    with pytest.raises(ClientError, match="NonExistentQueue"):
        client("sqs").get_queue_attributes(QueueUrl=url)


def test_a_bucket_that_is_not_empty_fails_the_deletion(client: Client) -> None:
    versioned = {"VersioningConfiguration": {"Status": "Enabled"}}
    stack = Stack(client, {"Bucket": resource("S3::Bucket", BucketName="full", **versioned)})
    client("s3").put_object(Bucket="full", Key="k", Body=b"")
    client("s3").delete_object(Bucket="full", Key="k")  # its versions are still there

    with pytest.raises(StackFailedError, match="BucketNotEmpty"):
        stack.delete()

    versions = client("s3").list_object_versions(Bucket="full")
    assert len(versions["Versions"]) == 1


def test_a_protected_table_fails_the_deletion(client: Client) -> None:
    stack = Stack(client, {"Table": table(DeletionProtectionEnabled=True)})

    with pytest.raises(StackFailedError):
        stack.delete()

    assert client("dynamodb").describe_table(TableName=stack.id_of("Table"))["Table"]["TableStatus"] == "ACTIVE"


def test_a_global_table_has_what_its_replica_says(client: Client) -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/k"
    replica = {
        "Region": "us-east-1",
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"KMSMasterKeyId": key},
        "DeletionProtectionEnabled": True,
    }
    properties = {
        **table(TimeToLiveSpecification={"AttributeName": "t", "Enabled": True})["Properties"],
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
        "Replicas": [replica],
    }
    stack = Stack(client, {"Table": resource("DynamoDB::GlobalTable", **properties)})
    dynamodb, name = client("dynamodb"), stack.id_of("Table")

    described = dynamodb.describe_table(TableName=name)["Table"]
    assert described["DeletionProtectionEnabled"] is True
    encryption = described["SSEDescription"]
    assert (encryption["Status"], encryption["KMSMasterKeyArn"]) == ("ENABLED", key)
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"


def failing(bucket: dict[str, Any]) -> dict[str, Any]:
    """The bucket, and a job that fails after it: there is one of its name."""
    taken = resource("Glue::Workflow", Name="taken")
    return {"Bucket": bucket, "Taken": {**taken, "DependsOn": "Bucket"}}


@pytest.mark.parametrize("policy", ["Retain", "RetainExceptOnCreate"])
def test_a_failed_creation_leaves_behind_what_is_retained_unless_it_is_new(client: Client, policy: str) -> None:
    name = f"left-by-{policy.lower()}"
    bucket = {**resource("S3::Bucket", BucketName=name), "DeletionPolicy": policy}
    client("glue").create_workflow(Name="taken")

    with pytest.raises(StackFailedError, match="taken"):
        Stack(client, failing(bucket))

    client("glue").delete_workflow(Name="taken")
    if policy == "Retain":
        client("s3").head_bucket(Bucket=name)
        with pytest.raises(StackFailedError, match="Validation failed"):
            Stack(client, failing(bucket))
    else:
        Stack(client, failing(bucket)).delete()


EXPORT = {"Url": {"Value": {"Ref": "Queue"}, "Export": {"Name": "the-url"}}}


def test_an_export_in_use_can_be_neither_removed_nor_changed(client: Client) -> None:
    queue = {"Queue": resource("SQS::Queue")}
    owner = Stack(client, queue, EXPORT)
    imported = resource("SSM::Parameter", Type="String", Value={"Fn::ImportValue": "the-url"})
    importer = Stack(client, {"Parameter": imported})
    changed = {"Url": {**EXPORT["Url"], "Value": "other"}}

    with pytest.raises(StackFailedError, match=f"Export the-url cannot be deleted as it is in use by {importer.name}"):
        owner.update(queue)
    with pytest.raises(StackFailedError, match=f"Export the-url cannot be updated as it is in use by {importer.name}"):
        owner.update(queue, changed)
    with pytest.raises(ClientError, match="Export the-url cannot be deleted as it is in use by"):
        owner.delete()

    importer.delete()
    owner.update(queue, changed)
    assert [found["Value"] for found in client("cloudformation").list_exports()["Exports"]] == ["other"]
    owner.update(queue)
    assert client("cloudformation").list_exports()["Exports"] == []


def test_a_template_in_the_request_has_51200_bytes_at_most_and_one_in_a_bucket_a_million(
    aws: LocalAws, client: Client
) -> None:
    s3, cloudformation = client("s3"), client("cloudformation")
    s3.create_bucket(Bucket="templates")
    url = f"{aws.endpoint}/templates/template.json"
    fits, exceeds = (template_of(size) for size in (1_000_000, 1_000_001))

    with pytest.raises(ClientError, match="Member must have length less than or equal to 51200"):
        cloudformation.validate_template(TemplateBody=template_of(51_201))
    s3.put_object(Bucket="templates", Key="template.json", Body=fits)
    cloudformation.validate_template(TemplateURL=url)
    s3.put_object(Bucket="templates", Key="template.json", Body=exceeds)
    with pytest.raises(ClientError, match="Template may not exceed 1000000 bytes in size"):
        cloudformation.create_stack(StackName="too-long", TemplateURL=url)


def template_of(size: int) -> str:
    """A template of so many bytes."""
    template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Metadata": {"Fill": ""}}}}
    empty = len(json.dumps(template))
    template["Resources"]["Queue"]["Metadata"] = {"Fill": "x" * (size - empty)}
    return json.dumps(template)


def test_a_type_that_is_not_known_fails(client: Client) -> None:
    with pytest.raises(ClientError, match="AWS::Glue::Registry"):
        Stack(client, {"Registry": resource("Glue::Registry", Name="r")})


def test_a_composite_alarm_follows_its_parts(client: Client) -> None:
    metric = {"Namespace": "N", "MetricName": "M", "Period": 60, "EvaluationPeriods": 1, "Statistic": "Sum"}
    test = {"Threshold": 1, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching"}
    part = resource("CloudWatch::Alarm", AlarmName="part", **metric, **test)
    whole = resource("CloudWatch::CompositeAlarm", AlarmRule='ALARM("part")', AlarmDescription="of one part")
    stack = Stack(client, {"Part": part, "Whole": {**whole, "DependsOn": "Part"}})

    @eventually
    def raised() -> dict[str, Any]:
        names, types = [stack.id_of("Whole")], ["CompositeAlarm"]
        found = client("cloudwatch").describe_alarms(AlarmNames=names, AlarmTypes=types)["CompositeAlarms"][0]
        assert found["StateValue"] == "ALARM"
        return dict(found)

    assert raised()["AlarmDescription"] == "of one part"
    stack.delete()


def test_a_config_rule(client: Client) -> None:
    source = {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"}
    stack = Stack(client, {"Rule": resource("Config::ConfigRule", Source=source, InputParameters={"a": "b"})})

    found = client("config").describe_config_rules(ConfigRuleNames=[stack.id_of("Rule")])["ConfigRules"][0]

    assert (found["Source"], json.loads(found["InputParameters"])) == (source, {"a": "b"})


def test_a_change_of_a_name_replaces(client: Client) -> None:
    stack = Stack(client, {"Flow": resource("Glue::Workflow", Name="before")})

    stack.update({"Flow": resource("Glue::Workflow", Name="after", Description="new")})

    assert stack.id_of("Flow") == "after"
    names = client("glue").get_workflow(Name="after")["Workflow"]
    assert names["Description"] == "new"
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        client("glue").get_workflow(Name="before")


def test_a_resource_tells_its_stack_until_it_has_left_it(client: Client) -> None:
    bucket = {**resource("S3::Bucket", BucketName="told"), "DeletionPolicy": "Retain"}
    stack = Stack(client, {"Bucket": bucket, "Queue": resource("SQS::Queue")})

    (found, _) = stack.cloudformation.describe_stack_resources(PhysicalResourceId="told")["StackResources"]

    assert (found["StackName"], found["LogicalResourceId"]) == (stack.name, "Bucket")
    stack.update({"Queue": resource("SQS::Queue")})
    with pytest.raises(ClientError, match="Stack for told does not exist"):
        stack.cloudformation.describe_stack_resources(PhysicalResourceId="told")
    client("s3").head_bucket(Bucket="told")


def test_a_log_group_is_named_after_its_stack_and_keeps_its_name(client: Client) -> None:
    stack = Stack(client, {"Logs": resource("Logs::LogGroup", RetentionInDays=7)})
    name = stack.id_of("Logs")
    assert name.startswith(f"{stack.name}-Logs-")

    stack.update({"Logs": resource("Logs::LogGroup", RetentionInDays=14)})

    (found,) = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert (stack.id_of("Logs"), found["logGroupName"], found["retentionInDays"]) == (name, name, 14)
