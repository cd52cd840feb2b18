"""Properties of SNS topics, schedules and state machines that ministack's CloudFormation drops."""

import json
from typing import Any

from ministack.services import scheduler, sns

from emulator.answers import Properties, Record
from emulator.cloudformation_types import extend

#: Attributes of a topic that have the same names in the API.
TOPIC_ATTRIBUTES = ("KmsMasterKeyId", "SignatureVersion", "TracingConfig", "DataProtectionPolicy")
#: Fields of a schedule with their defaults.
SCHEDULE_FIELDS = {"ScheduleExpressionTimezone": "UTC", "StartDate": None, "EndDate": None, "KmsKeyArn": None}


def install() -> None:
    """Extends the types."""
    extend("AWS::SNS::Topic", set_topic_attributes)
    extend("AWS::Scheduler::Schedule", set_schedule_fields)
    extend("AWS::StepFunctions::StateMachine", lambda *_: None, with_api_logging)


def with_api_logging(given: Properties) -> Record:
    """LoggingConfiguration with the API's names, which begin with a lower-case letter. ministack keeps those given."""
    logging = given.get("LoggingConfiguration")
    return {**given, "LoggingConfiguration": uncapitalized(logging)} if logging else dict(given)


def uncapitalized(value: Any) -> Any:
    """The value with all names of its members beginning in lower case."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: uncapitalized(member) for name, member in value.items()}
    return [uncapitalized(member) for member in value] if isinstance(value, list) else value


def set_topic_attributes(arn: str, given: Properties) -> None:
    """Sets the attributes that the template has and removes the others."""
    attributes = sns._topics[arn]["attributes"]
    for name in TOPIC_ATTRIBUTES:
        value = given.get(name)
        if value is None:
            attributes.pop(name, None)
        else:
            attributes[name] = value if isinstance(value, str) else json.dumps(value)


def set_schedule_fields(name: str, given: Properties) -> None:
    """Sets the fields that the template has and resets the others."""
    schedule = scheduler._schedules[f"{given.get('GroupName', 'default')}/{name}"]
    schedule.update({field: given.get(field, default) for field, default in SCHEDULE_FIELDS.items()})
