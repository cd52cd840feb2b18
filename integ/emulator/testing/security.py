"""Reads resources through IAM and KMS, under the property names of CloudFormation."""

import json
from collections.abc import Mapping
from typing import Any

from emulator.testing.probe import Client

Found = dict[str, Any]


def read_policy(client: Client, _id: str, given: Mapping[str, Any]) -> Found:
    """AWS::IAM::Policy: has no API of its own, but is an inline policy of each of its roles."""
    name = given["PolicyName"]
    found = [client("iam").get_role_policy(RoleName=role, PolicyName=name) for role in given["Roles"]]
    documents = [policy["PolicyDocument"] for policy in found]
    document = documents[0] if all(other == documents[0] for other in documents) else None
    return {"PolicyName": name, "PolicyDocument": document, "Roles": [policy["RoleName"] for policy in found]}


def read_role(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::IAM::Role."""
    iam = client("iam")
    names = iam.list_role_policies(RoleName=id_)["PolicyNames"]
    policies = [iam.get_role_policy(RoleName=id_, PolicyName=name) for name in names]
    attached = iam.list_attached_role_policies(RoleName=id_)["AttachedPolicies"]
    return {
        **iam.get_role(RoleName=id_)["Role"],
        "Policies": policies,
        "ManagedPolicyArns": [policy["PolicyArn"] for policy in attached],
        "Tags": iam.list_role_tags(RoleName=id_)["Tags"],
    }


def read_key(client: Client, id_: str, _given: Mapping[str, Any]) -> Found:
    """AWS::KMS::Key."""
    kms = client("kms")
    tags = kms.list_resource_tags(KeyId=id_)["Tags"]
    return {
        **kms.describe_key(KeyId=id_)["KeyMetadata"],
        "KeyPolicy": json.loads(kms.get_key_policy(KeyId=id_, PolicyName="default")["Policy"]),
        "EnableKeyRotation": kms.get_key_rotation_status(KeyId=id_)["KeyRotationEnabled"],
        "Tags": [{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in tags],
    }
