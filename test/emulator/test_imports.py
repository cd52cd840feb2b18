"""A stack takes in what is there: the conditions of AWS for ImportExistingResources, and what it does not take in."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError
from emulator.testing.probe import Client
from emulator.testing.stacks import WAITER, Stack, StackFailedError, resource


def retained(type_: str, **properties: Any) -> dict[str, Any]:
    return {**resource(type_, **properties), "DeletionPolicy": "RetainExceptOnCreate"}


def database(name: str, **properties: Any) -> dict[str, Any]:
    return retained("Glue::Database", CatalogId="123456789012", DatabaseInput={"Name": name}, **properties)


ACCOUNT_MAY_ALL = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}
    ],
}


def encrypted_with(key: object) -> dict[str, Any]:
    """Encryption of a bucket."""
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    return {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": default}]}


def adopt(client: Client, stack: str, resources: dict[str, Any]) -> dict[str, str]:
    """Creates a stack by a change set that imports. Returns each resource's action, or the reason of the failure."""
    cloudformation = client("cloudformation")
    names = {"StackName": stack, "ChangeSetName": "adopt"}
    body = json.dumps({"Resources": resources})
    cloudformation.create_change_set(**names, ChangeSetType="CREATE", TemplateBody=body, ImportExistingResources=True)
    found = cloudformation.describe_change_set(**names)
    if found["Status"] == "FAILED":
        return {"failed": found["StatusReason"]}
    changes = [change["ResourceChange"] for change in found["Changes"]]
    cloudformation.execute_change_set(**names)
    try:
        cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=WAITER)
    except WaiterError as error:
        events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        raise StackFailedError("\n".join(event.get("ResourceStatusReason", "") for event in events)) from error
    return {change["LogicalResourceId"]: change["Action"] for change in changes}


def test_a_bucket_and_a_database_by_their_names_are_taken_in_with_what_they_hold(client: Client) -> None:
    client("s3").create_bucket(Bucket="left")
    client("s3").put_object(Bucket="left", Key="k", Body=b"held")
    client("glue").create_database(DatabaseInput={"Name": "left"})
    client("glue").create_table(DatabaseName="left", TableInput={"Name": "held"})
    resources = {
        "Bucket": retained("S3::Bucket", BucketName="left"),
        "Database": database("left", DatabaseName="left"),
        "New": database("new", DatabaseName="new"),
    }

    actions = adopt(client, "adopter", resources)

    assert actions == {"Bucket": "Import", "Database": "Import", "New": "Add"}
    assert client("s3").get_object(Bucket="left", Key="k")["Body"].read() == b"held"
    assert [table["Name"] for table in client("glue").get_tables(DatabaseName="left")["TableList"]] == ["held"]
    (owner,) = client("cloudformation").describe_stack_resources(PhysicalResourceId="left")["StackResources"][:1]
    assert owner["StackName"] == "adopter"


def test_what_would_be_deleted_with_the_stack_is_not_taken_in(client: Client) -> None:
    client("s3").create_bucket(Bucket="unretained")

    actions = adopt(client, "deleter", {"Bucket": resource("S3::Bucket", BucketName="unretained")})

    assert "must have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate'" in actions["failed"]


def test_what_another_stack_has_is_not_taken_in(client: Client) -> None:
    bucket = {"Bucket": retained("S3::Bucket", BucketName="owned")}
    owner = Stack(client, bucket)

    assert "owned already exists in stack" in adopt(client, "thief", bucket)["failed"]
    owner.delete()


def test_a_database_named_in_its_input_alone_is_not_taken_in(client: Client) -> None:
    client("glue").create_database(DatabaseInput={"Name": "nameless"})

    with pytest.raises(StackFailedError, match="nameless"):
        adopt(client, "nameless", {"Database": database("nameless")})


def policy(bucket: str, action: str = "s3:PutObject") -> dict[str, Any]:
    """A resource: a policy that denies everybody something."""
    denied = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{bucket}/*"}
    return resource("S3::BucketPolicy", Bucket=bucket, PolicyDocument={"Version": "2012-10-17", "Statement": [denied]})


def test_a_bucket_policy_that_is_there_is_not_replaced(client: Client) -> None:
    name, s3 = "with-a-policy", client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy(name)["Properties"]["PolicyDocument"]))

    with pytest.raises(StackFailedError, match=f"The bucket policy already exists on bucket {name}"):
        Stack(client, {"Policy": policy(name)})

    s3.delete_bucket_policy(Bucket=name)
    Stack(client, {"Policy": policy(name)}).update({"Policy": policy(name, "s3:GetObject")})
    assert "s3:GetObject" in s3.get_bucket_policy(Bucket=name)["Policy"]


def take_in(client: Client, stack: str, resources: dict[str, Any], **names: dict[str, str]) -> None:
    """Creates a stack by a change set of type IMPORT, of resources with these names."""
    cloudformation, given = client("cloudformation"), {"StackName": stack, "ChangeSetName": "import"}
    imported = [
        {"ResourceType": resources[logical_id]["Type"], "LogicalResourceId": logical_id, "ResourceIdentifier": name}
        for logical_id, name in names.items()
    ]
    body = json.dumps({"Resources": resources})
    cloudformation.create_change_set(**given, ChangeSetType="IMPORT", TemplateBody=body, ResourcesToImport=imported)
    cloudformation.execute_change_set(**given)
    cloudformation.get_waiter("stack_import_complete").wait(StackName=stack, WaiterConfig=WAITER)


def test_what_a_deleted_stack_has_left_is_listed_and_imported_as_it_is(client: Client) -> None:
    key = retained("KMS::Key", KeyPolicy=ACCOUNT_MAY_ALL)
    logs = retained("S3::Bucket", BucketEncryption=encrypted_with({"Fn::GetAtt": ["Key", "Arn"]}))
    first = Stack(client, {"Key": key, "Logs": logs, "Topic": resource("SNS::Topic")})
    name, key_id, id_ = first.id_of("Logs"), first.id_of("Key"), first.id
    first.delete()

    found = client("cloudformation").list_stack_resources(StackName=id_)["StackResourceSummaries"]
    left = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found if is_left(each)}
    assert left == {"Key": key_id, "Logs": name}

    take_in(client, "heir", {"Key": key, "Logs": logs}, Key={"KeyId": key_id}, Logs={"BucketName": name})
    (owner,) = client("cloudformation").describe_stack_resources(PhysicalResourceId=key_id)["StackResources"][:1]
    assert owner["StackName"] == "heir"


def is_left(summary: dict[str, str]) -> bool:
    return summary["ResourceStatus"] == "DELETE_SKIPPED"


@pytest.mark.parametrize(
    "bucket",
    [
        {"DependsOn": ["Gone"]},
        {"Properties": {"LoggingConfiguration": {"DestinationBucketName": {"Ref": "Gone"}}}},
        {"Properties": {"LoggingConfiguration": {"DestinationBucketName": {"Fn::GetAtt": ["Gone", "Name"]}}}},
    ],
)
def test_an_import_cannot_refer_to_what_is_not_imported(client: Client, bucket: dict[str, Any]) -> None:
    client("s3").create_bucket(Bucket="dependent")
    declared = {"Bucket": {**retained("S3::Bucket"), **bucket}}

    with pytest.raises(ClientError, match=r"Unresolved resource dependencies \[Gone\] in the Resources block"):
        take_in(client, "dependent", declared, Bucket={"BucketName": "dependent"})
