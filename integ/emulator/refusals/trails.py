"""CloudTrail: how many trails a Region has, and how many values the selectors of one. Source: CloudTrail's quotas."""

from typing import Any

from ministack.services import cloudtrail

from emulator.answers import Properties
from emulator.refusals.refusal import RefusalError, guarded
from emulator.settings import ACCOUNT, REGION

TRAILS = 5
#: Of all conditions of a trail's advanced selectors together.
VALUES = 500
OPERATORS = ("Equals", "NotEquals", "StartsWith", "NotStartsWith", "EndsWith", "NotEndsWith")


def install_calls() -> None:
    """CreateTrail and PutEventSelectors; CloudFormation's handlers make the same calls."""
    cloudtrail._create_trail = guarded(cloudtrail._create_trail, check_number)
    cloudtrail._put_event_selectors = guarded(cloudtrail._put_event_selectors, check_values)
    cloudtrail._DISPATCH.update(CreateTrail=cloudtrail._create_trail, PutEventSelectors=cloudtrail._put_event_selectors)


def check_number(_data: Any) -> None:
    """Raises RefusalError."""
    if len(cloudtrail._trails) >= TRAILS:
        message = f"User: {ACCOUNT} already has {TRAILS} trails in {REGION}."
        raise RefusalError("CloudTrail", "MaximumNumberOfTrailsExceededException", message)


def check_values(data: Properties) -> None:
    """Raises RefusalError; the code is that of PutEventSelectors's page, no source shows the words."""
    fields = [field for selector in data.get("AdvancedEventSelectors", []) for field in selector["FieldSelectors"]]
    values = sum(len(field.get(operator, [])) for field in fields for operator in OPERATORS)
    if values > VALUES:
        message = f"The total number of values for all conditions exceeds {VALUES}: {values}."
        raise RefusalError("CloudTrail", "InvalidEventSelectorsException", message)
