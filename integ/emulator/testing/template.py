"""A deployed template with its intrinsic functions resolved."""

import re
from collections.abc import Mapping
from typing import Any

from emulator.settings import ACCOUNT, REGION

PSEUDO_PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
}
#: Values of Fn::GetAtt by type and attribute. {} stands for the physical id.
ATTRIBUTES = {
    ("AWS::CloudWatch::Alarm", "Arn"): f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{{}}",
    ("AWS::CloudWatch::CompositeAlarm", "Arn"): f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{{}}",
    ("AWS::DynamoDB::Table", "Arn"): f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{}}",
    ("AWS::Events::Rule", "Arn"): f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{{}}",
    ("AWS::IAM::Role", "Arn"): f"arn:aws:iam::{ACCOUNT}:role/{{}}",
    ("AWS::KMS::Key", "Arn"): f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{{}}",
    ("AWS::Logs::LogGroup", "Arn"): f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{}}:*",
    ("AWS::S3::Bucket", "Arn"): "arn:aws:s3:::{}",
    ("AWS::SQS::Queue", "Arn"): f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{}}",
    ("AWS::SQS::Queue", "QueueName"): "{}",
    ("AWS::StepFunctions::StateMachine", "Arn"): "{}",
}
VARIABLE = re.compile(r"\$\{([^}]+)\}")


class Template:
    """One stack's template.

    Attributes:
        resources: by logical id, with their properties.
    """

    def __init__(self, template: Mapping[str, Any], physical_ids: Mapping[str, str]) -> None:
        """Resolves a synthesized template.

        Args:
            template: parsed.
            physical_ids: by logical id.
        """
        self.resources: Mapping[str, Mapping[str, Any]] = template["Resources"]
        self.physical_ids = physical_ids

    def properties(self, logical_id: str) -> dict[str, Any]:
        """Resolved properties of one resource."""
        found: dict[str, Any] = self.resolve(self.resources[logical_id].get("Properties", {}))
        return found

    def resolve(self, value: Any) -> Any:
        """Resolves intrinsic functions.

        Raises:
            KeyError: the function is unknown here.
        """
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(name, argument)
        return {name: self.resolve(item) for name, item in value.items()}

    def _call(self, name: str, argument: Any) -> Any:
        if name == "Ref":
            return PSEUDO_PARAMETERS.get(argument) or self.physical_ids[argument]
        if name == "Fn::Join":
            return argument[0].join(map(str, self.resolve(argument[1])))
        if name == "Fn::Split":
            return str(self.resolve(argument[1])).split(argument[0])
        if name == "Fn::Select":
            return self.resolve(argument[1])[int(argument[0])]
        if name == "Fn::Sub":
            return VARIABLE.sub(lambda match: self._call("Ref", match[1]), argument)
        if name == "Fn::GetAtt":
            logical_id, attribute = argument
            type_, physical_id = self.resources[logical_id]["Type"], self.physical_ids[logical_id]
            if type_ == "AWS::SQS::Queue":
                physical_id = physical_id.rsplit("/", 1)[-1]  # it is the URL
            return ATTRIBUTES[type_, attribute].format(physical_id)
        raise KeyError(name)
