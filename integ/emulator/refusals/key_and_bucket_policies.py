"""Policies of KMS keys and S3 buckets: their size, principals that do not exist, and what is there already."""

import json
from typing import Any

from ministack.services import kms, s3

from emulator.answers import Answer, Properties
from emulator.refusals.principals import missing_principals
from emulator.refusals.refusal import RefusalError, before_provisioning, guarded

#: Bytes. Source: KMS's page on resource quotas.
KEY_POLICY_BYTES = 32_768
#: Bytes. Source: S3's page on bucket policies.
BUCKET_POLICY_BYTES = 20_480


def install_calls() -> None:
    """CreateKey, PutKeyPolicy and PutBucketPolicy."""
    kms._create_key = guarded(kms._create_key, lambda data: check_key_policy(data.get("Policy")))
    kms._put_key_policy = guarded(kms._put_key_policy, lambda data: check_key_policy(data["Policy"]))
    inner = s3._put_bucket_policy

    def put_bucket_policy(name: str, body: bytes) -> Answer:
        try:
            check_bucket_policy(body.decode())
        except RefusalError as refused:
            made: Answer = s3._error(refused.code, refused.message, refused.status)
        else:
            made = inner(name, body)
        return made

    s3._put_bucket_policy = put_bucket_policy


def install_provisioning() -> None:
    """AWS::KMS::Key and AWS::S3::BucketPolicy."""
    before_provisioning("AWS::KMS::Key", lambda new, *_: check_key_policy(new.get("KeyPolicy")))
    before_provisioning("AWS::S3::BucketPolicy", check_bucket_policy_resource)


def check_key_policy(document: Any) -> None:
    """Raises RefusalError."""
    if document and len(compact(document).encode()) > KEY_POLICY_BYTES:
        # The code is that of PutKeyPolicy's page; no source shows the words.
        message = f"The key policy exceeds the maximum size of {KEY_POLICY_BYTES} bytes."
        raise RefusalError("Kms", "LimitExceededException", message)
    if document and missing_principals(document):
        message = "Policy contains a statement with one or more invalid principals."
        raise RefusalError("Kms", "MalformedPolicyDocumentException", message)


def check_bucket_policy_resource(new: Properties, _old: Properties, physical_id: str) -> None:
    """Raises RefusalError.

    A policy that is there already is nobody else's to replace. The words are from
    https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1068.
    """
    if not physical_id and new["Bucket"] in s3._bucket_policies:
        message = f"The bucket policy already exists on bucket {new['Bucket']}."
        raise RefusalError("S3", "AlreadyExists", message)
    check_bucket_policy(new["PolicyDocument"])


def check_bucket_policy(document: Any) -> None:
    """Raises RefusalError."""
    if len(compact(document).encode()) > BUCKET_POLICY_BYTES:
        raise RefusalError("S3", "MalformedPolicy", "Policy exceeds the maximum allowed document size.")
    if missing_principals(document):
        raise RefusalError("S3", "MalformedPolicy", "Invalid principal in policy")


def compact(document: Any) -> str:
    """As CloudFormation sends it; a call's own text is as long as it is."""
    return document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))
