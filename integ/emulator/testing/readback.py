"""Reads resources through the account's APIs, under the property names of CloudFormation."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from emulator.testing.probe import Client
from emulator.testing.security import read_key, read_policy, read_role
from emulator.testing.storage import read_bucket, read_bucket_policy, read_table

Found = dict[str, Any]
Reader = Callable[[Client, str, Mapping[str, Any]], Found]


def read_named_query(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::Athena::NamedQuery."""
    found: Found = client("athena").get_named_query(NamedQueryId=id_)["NamedQuery"]
    return found


def read_work_group(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::Athena::WorkGroup."""
    athena = client("athena")
    found = athena.get_work_group(WorkGroup=id_)["WorkGroup"]
    arn = f"arn:aws:athena:us-east-1:123456789012:workgroup/{id_}"
    tags = athena.list_tags_for_resource(ResourceARN=arn)["Tags"]
    return {**found, "WorkGroupConfiguration": found["Configuration"], "Tags": tags}


def read_trail(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::CloudTrail::Trail."""
    trails = client("cloudtrail")
    found = trails.describe_trails(trailNameList=[id_])["trailList"][0]
    tags = trails.list_tags(ResourceIdList=[found["TrailARN"]])["ResourceTagList"][0]["TagsList"]
    selectors = trails.get_event_selectors(TrailName=id_)
    return {
        **found,
        "IsLogging": trails.get_trail_status(Name=id_)["IsLogging"],
        "KMSKeyId": found.get("KmsKeyId"),
        "EnableLogFileValidation": found["LogFileValidationEnabled"],
        "AdvancedEventSelectors": selectors.get("AdvancedEventSelectors", []),
        "EventSelectors": selectors.get("EventSelectors", []),
        "Tags": tags,
    }


def read_alarm(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::CloudWatch::Alarm and CompositeAlarm."""
    watch = client("cloudwatch")
    answer = watch.describe_alarms(AlarmNames=[id_], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    found = [*answer["MetricAlarms"], *answer["CompositeAlarms"]][0]
    return {**found, "Tags": watch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]}


def read_rule(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::Events::Rule."""
    events = client("events")
    found = events.describe_rule(Name=id_)
    return {
        **found,
        "EventPattern": json.loads(found["EventPattern"]),
        "Targets": events.list_targets_by_rule(Rule=id_)["Targets"],
        "Tags": events.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"],
    }


def read_database(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::Glue::Database."""
    found = client("glue").get_database(Name=id_)["Database"]
    return {"CatalogId": found["CatalogId"], "DatabaseInput": found}


def read_job(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::Glue::Job."""
    return {**client("glue").get_job(JobName=id_)["Job"], "Tags": glue_tags(client, "job", id_)}


def read_trigger(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::Glue::Trigger."""
    return {**client("glue").get_trigger(Name=id_)["Trigger"], "Tags": glue_tags(client, "trigger", id_)}


def read_workflow(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::Glue::Workflow."""
    return {**client("glue").get_workflow(Name=id_)["Workflow"], "Tags": glue_tags(client, "workflow", id_)}


def glue_tags(client: Client, kind: str, name: str) -> Found:
    """Tags of a Glue resource: a map, as in templates."""
    arn = f"arn:aws:glue:us-east-1:123456789012:{kind}/{name}"
    found: Found = client("glue").get_tags(ResourceArn=arn)["Tags"]
    return found


def read_security_configuration(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::Glue::SecurityConfiguration."""
    found = client("glue").get_security_configuration(Name=id_)["SecurityConfiguration"]
    encryption = found["EncryptionConfiguration"]
    return {
        "Name": found["Name"],
        "EncryptionConfiguration": {**encryption, "S3Encryptions": encryption["S3Encryption"]},
    }


def read_topic(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::SNS::Topic."""
    sns = client("sns")
    tags = sns.list_tags_for_resource(ResourceArn=id_)["Tags"]
    return {**sns.get_topic_attributes(TopicArn=id_)["Attributes"], "Tags": tags}


def read_topic_policy(client: Client, _id: str, given: Mapping[str, Any]) -> Found:
    """AWS::SNS::TopicPolicy."""
    found = [client("sns").get_topic_attributes(TopicArn=arn)["Attributes"] for arn in given["Topics"]]
    return {"PolicyDocument": json.loads(found[0]["Policy"]), "Topics": [topic["TopicArn"] for topic in found]}


def read_queue(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::SQS::Queue."""
    sqs = client("sqs")
    found = sqs.get_queue_attributes(QueueUrl=id_, AttributeNames=["All"])["Attributes"]
    tags = sqs.list_queue_tags(QueueUrl=id_).get("Tags", {})
    tag_list = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {**found, "RedrivePolicy": json.loads(found.get("RedrivePolicy", "null")), "Tags": tag_list}


def read_queue_policy(client: Client, _id: str, given: Mapping[str, Any]) -> Found:
    """AWS::SQS::QueuePolicy."""
    url = given["Queues"][0]
    found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    return {"PolicyDocument": json.loads(found["Policy"]), "Queues": given["Queues"]}


def read_schedule(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::Scheduler::Schedule."""
    found: Found = client("scheduler").get_schedule(Name=id_)
    return found


def read_state_machine(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::StepFunctions::StateMachine."""
    states = client("stepfunctions")
    found = states.describe_state_machine(stateMachineArn=id_)
    tags = states.list_tags_for_resource(resourceArn=id_)["tags"]
    return {
        "DefinitionString": found["definition"],
        "RoleArn": found["roleArn"],
        "StateMachineType": found["type"],
        "LoggingConfiguration": in_template_case(found.get("loggingConfiguration")),
        "Tags": [{"Key": tag["key"], "Value": tag["value"]} for tag in tags],
    }


def in_template_case(value: Any) -> Any:
    """Capitalizes names, which the API of Step Functions writes in lower case."""
    if isinstance(value, Mapping):
        return {name[0].upper() + name[1:]: in_template_case(member) for name, member in value.items()}
    return [in_template_case(member) for member in value] if isinstance(value, list) else value


def read_log_group(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::Logs::LogGroup."""
    logs = client("logs")
    found = logs.describe_log_groups(logGroupNamePrefix=id_)["logGroups"][0]
    tags = logs.list_tags_log_group(logGroupName=id_)["tags"]
    return {
        "LogGroupName": found["logGroupName"],
        "RetentionInDays": found.get("retentionInDays"),
        "KmsKeyId": found.get("kmsKeyId"),
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


def read_dashboard(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::CloudWatch::Dashboard."""
    return {"DashboardBody": client("cloudwatch").get_dashboard(DashboardName=id_)["DashboardBody"]}


def read_query_definition(client: Client, id_: str, given: Mapping[str, Any]) -> Found:
    """AWS::Logs::QueryDefinition."""
    found = client("logs").describe_query_definitions(queryDefinitionNamePrefix=given["Name"])["queryDefinitions"]
    (saved,) = [each for each in found if each["queryDefinitionId"] == id_]
    return {"Name": saved["name"], "QueryString": saved["queryString"], "LogGroupNames": saved["logGroupNames"]}


READERS: Mapping[str, Reader] = {
    "AWS::Athena::NamedQuery": read_named_query,
    "AWS::Athena::WorkGroup": read_work_group,
    "AWS::CloudTrail::Trail": read_trail,
    "AWS::CloudWatch::Alarm": read_alarm,
    "AWS::CloudWatch::CompositeAlarm": read_alarm,
    "AWS::CloudWatch::Dashboard": read_dashboard,
    "AWS::DynamoDB::Table": read_table,
    "AWS::Events::Rule": read_rule,
    "AWS::Glue::Database": read_database,
    "AWS::Glue::Job": read_job,
    "AWS::Glue::SecurityConfiguration": read_security_configuration,
    "AWS::Glue::Trigger": read_trigger,
    "AWS::Glue::Workflow": read_workflow,
    "AWS::IAM::Policy": read_policy,
    "AWS::IAM::Role": read_role,
    "AWS::KMS::Key": read_key,
    "AWS::Logs::LogGroup": read_log_group,
    "AWS::Logs::QueryDefinition": read_query_definition,
    "AWS::S3::Bucket": read_bucket,
    "AWS::S3::BucketPolicy": read_bucket_policy,
    "AWS::SNS::Topic": read_topic,
    "AWS::SNS::TopicPolicy": read_topic_policy,
    "AWS::SQS::Queue": read_queue,
    "AWS::SQS::QueuePolicy": read_queue_policy,
    "AWS::Scheduler::Schedule": read_schedule,
    "AWS::StepFunctions::StateMachine": read_state_machine,
}
