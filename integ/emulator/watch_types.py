"""CloudFormation types of CloudTrail, Config, Athena and CloudWatch that ministack lacks."""

import json
from typing import Any

from ministack.services import athena, cloudtrail, cloudwatch, config

from emulator.answers import Properties, Record, succeeded
from emulator.cloudformation_types import ResourceType, register
from emulator.settings import ACCOUNT, REGION

TRAIL_STATE = ("AdvancedEventSelectors", "EventSelectors", "InsightSelectors", "IsLogging", "Tags")


def trail_arn(name: str) -> str:
    """ARN of a trail of this account."""
    return f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{name}"


def create_trail(name: str, given: Properties) -> None:
    """Creates the trail and sets its selectors and its logging."""
    succeeded(cloudtrail._create_trail({"Name": name, "S3BucketName": given["S3BucketName"]}))
    set_trail(name, given)


def set_trail(name: str, given: Properties) -> None:
    """Sets everything but the name. KMSKeyId in templates is KmsKeyId in the API."""
    request: Record = {key: value for key, value in given.items() if key not in (*TRAIL_STATE, "TrailName")}
    request["KmsKeyId"] = request.pop("KMSKeyId", "")
    succeeded(cloudtrail._update_trail({**request, "Name": name}))
    for kind in ("AdvancedEventSelectors", "EventSelectors"):
        if given.get(kind):
            succeeded(cloudtrail._put_event_selectors({"TrailName": name, kind: given[kind]}))
    switch = cloudtrail._start_logging if given["IsLogging"] else cloudtrail._stop_logging
    succeeded(switch({"Name": name}))
    cloudtrail._trail_tags[trail_arn(name)] = {tag["Key"]: tag["Value"] for tag in given.get("Tags", [])}


def put_rule(name: str, given: Properties) -> None:
    """Creates or changes a Config rule. InputParameters are an object in templates and JSON text in the API."""
    rule: Record = {**given, "ConfigRuleName": name}
    if isinstance(rule.get("InputParameters"), dict):
        rule["InputParameters"] = json.dumps(rule["InputParameters"])
    succeeded(config._put_config_rule({"ConfigRule": rule}))


def rule_attributes(name: str) -> dict[str, Any]:
    """Values for Fn::GetAtt."""
    rule = config._config_rules[name]
    return {"Arn": rule["ConfigRuleArn"], "ConfigRuleId": rule["ConfigRuleId"], "Compliance.Type": "INSUFFICIENT_DATA"}


def put_composite_alarm(name: str, given: Properties) -> None:
    """Creates or changes a composite alarm."""
    request = {**given, "AlarmName": name}
    tags = {tag["Key"]: tag["Value"] for tag in request.pop("Tags", [])}
    succeeded(cloudwatch._put_composite_alarm({}, request, is_cbor=False, is_json=True))
    cloudwatch._resource_tags[cloudwatch._composite_alarms[name]["AlarmArn"]] = tags


def delete_composite_alarm(name: str) -> None:
    """Deletes it. Refused while another composite alarm refers to it."""
    succeeded(cloudwatch._delete_alarms({}, {"AlarmNames": [name]}, is_cbor=False, is_json=True))


TYPES = (
    ResourceType(
        type="AWS::CloudTrail::Trail",
        name="TrailName",
        create=create_trail,
        update=set_trail,
        delete=lambda name: succeeded(cloudtrail._delete_trail({"Name": name})),
        attributes=lambda name: {"Arn": trail_arn(name), "SnsTopicArn": ""},
    ),
    ResourceType(
        type="AWS::Config::ConfigRule",
        name="ConfigRuleName",
        create=put_rule,
        update=put_rule,
        delete=lambda name: succeeded(config._delete_config_rule({"ConfigRuleName": name})),
        attributes=rule_attributes,
    ),
    ResourceType(
        type="AWS::Athena::NamedQuery",
        create=lambda name, given: succeeded(athena._create_named_query({**given, "Name": name})),
        physical_id=lambda _, created: str(created["NamedQueryId"]),
        update=lambda *_: None,  # every property is replacing
        delete=lambda query_id: succeeded(athena._delete_named_query({"NamedQueryId": query_id})),
        attributes=lambda query_id: {"NamedQueryId": query_id},
        replacing=("Database", "Description", "QueryString", "WorkGroup"),
    ),
    ResourceType(
        type="AWS::CloudWatch::CompositeAlarm",
        name="AlarmName",
        create=put_composite_alarm,
        update=put_composite_alarm,
        delete=delete_composite_alarm,
        attributes=lambda name: {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]},
        name_limit=255,
    ),
)


def install() -> None:
    """Registers the types."""
    for resource_type in TYPES:
        register(resource_type)
