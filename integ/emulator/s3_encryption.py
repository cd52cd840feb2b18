"""Server-side encryption of uploads that request KMS without naming a key."""

from collections.abc import Mapping
from typing import Any

from ministack.services import s3

from emulator.settings import ACCOUNT, REGION

ALGORITHM = "x-amz-server-side-encryption"
KEY_ID = "x-amz-server-side-encryption-aws-kms-key-id"
MANAGED_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/s3"


def install() -> None:
    """Uses the AWS managed key for S3, as S3 does. The CDK CLI uploads assets this way."""
    inner = s3._resolve_sse_write_headers

    def resolve(headers: Mapping[str, str], bucket: str) -> Any:
        if headers.get(ALGORITHM) == "aws:kms" and not headers.get(KEY_ID):
            headers = {**headers, KEY_ID: MANAGED_KEY}
        return inner(headers, bucket)

    s3._resolve_sse_write_headers = resolve
