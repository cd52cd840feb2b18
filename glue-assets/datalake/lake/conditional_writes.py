"""Conditional writes to S3 with any botocore.

S3 accepts If-Match and If-None-Match on PutObject and CompleteMultipartUpload. The botocore of Glue 5.0 (1.34) refuses
these parameters, so they are removed before it validates the call, and added as headers afterwards.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_HEADERS = {"IfMatch": "If-Match", "IfNoneMatch": "If-None-Match"}
_OPERATIONS = ("PutObject", "CompleteMultipartUpload")


def enable(client: "S3Client") -> None:
    """Makes a client's writes accept `IfMatch` and `IfNoneMatch`."""
    for operation in _OPERATIONS:
        shape: Any = client.meta.service_model.operation_model(operation).input_shape
        events: Any = client.meta.events
        if not shape.members.keys() >= _HEADERS.keys():
            events.register(f"provide-client-params.s3.{operation}", _take)
            events.register(f"before-call.s3.{operation}", _give)


def _take(params: dict[str, Any], context: dict[str, Any], **_: Any) -> dict[str, Any]:
    context["conditions"] = {_HEADERS[name]: params[name] for name in _HEADERS if name in params}
    return {name: value for name, value in params.items() if name not in _HEADERS}


def _give(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    params["headers"].update(context.get("conditions", {}))
