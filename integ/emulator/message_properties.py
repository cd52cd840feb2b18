"""Properties of SNS topics that ministack's CloudFormation drops."""

import json

from ministack.services import sns

from emulator.answers import Properties
from emulator.cloudformation_types import extend

#: Set as attributes of the topic, under the same names.
TOPIC_ATTRIBUTES = ("KmsMasterKeyId", "SignatureVersion", "TracingConfig", "DataProtectionPolicy")


def install() -> None:
    """Extends the topic."""
    extend("AWS::SNS::Topic", set_topic_attributes)


def set_topic_attributes(arn: str, given: Properties) -> None:
    """Sets what the template has and removes the rest."""
    attributes = sns._topics[arn]["attributes"]
    for name in TOPIC_ATTRIBUTES:
        value = given.get(name)
        if value is None:
            attributes.pop(name, None)
        else:
            attributes[name] = value if isinstance(value, str) else json.dumps(value)
