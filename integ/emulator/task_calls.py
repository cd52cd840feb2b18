"""Calls of AWS by the tasks of state machines: as a client, with a session of the state machine's role.

So botocore holds the arguments against the model of the service, and a call is recorded, refused or denied like any
other client's.
"""

import datetime
import functools
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError, UnknownServiceError
from botocore.handlers import handle_copy_source_param
from botocore.model import OperationModel
from botocore.response import StreamingBody
from ministack.services import stepfunctions as states

from emulator.answers import Record
from emulator.job_environment import assume_role
from emulator.settings import REGION

#: Services whose name in the SDK for Java is not botocore's.
SERVICES = {"sfn": "stepfunctions"}
#: A task has its own Retry.
ONE_ATTEMPT = Config(retries={"total_max_attempts": 1})


class TaskCalls:
    """Calls for the tasks of all state machines."""

    def __init__(self, endpoint: str) -> None:
        """Prepares the calls; a client is made when its first task calls."""
        self._endpoint, self._session = endpoint, botocore.session.get_session()
        self._client = functools.cache(self._new_client)

    def call(self, role: str, service: str, action: str, arguments: Record | None) -> Record:
        """Calls an operation and returns its answer with the names that states see.

        Args:
            role: ARN of the state machine's role.
            service: as in the resource of a task, such as `dynamodb`.
            action: likewise, such as `query`.
            arguments: with names of the SDK for Java.

        Raises:
            states._ExecutionError: AWS refused the call, or does not know it.
        """
        try:
            client = self._client(role, service)
            operation = client.meta.service_model.operation_model(f"{action[0].upper()}{action[1:]}")
            given = states._sdk_json_param_value(arguments or {}, operation.input_shape)
            answer = client._make_api_call(operation.name, given)
        except ClientError as error:
            raise states._ExecutionError(name_of(error, operation), message_of(error, operation)) from error
        except (ParamValidationError, UnknownServiceError) as error:
            raise states._ExecutionError("States.Runtime", str(error)) from error
        answer.pop("ResponseMetadata")
        if operation.output_shape is None:  # as of PutMetricData
            return {}
        found: Record = states._sdk_json_value(plain(answer), operation.output_shape)
        return found

    def _new_client(self, role: str, service: str) -> Any:
        credentials = assume_role(role, f"states-{service}")
        client = self._session.create_client(
            SERVICES.get(service, service),
            REGION,
            endpoint_url=self._endpoint,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            config=ONE_ATTEMPT,
        )
        # The SDK for Java sends a CopySource as it is: who writes the state encodes it.
        client.meta.events.unregister("before-parameter-build.s3.CopyObject", handle_copy_source_param)
        return client


def name_of(error: ClientError, operation: OperationModel) -> str:
    """The error that a state matches: of the SDK for Java's exception, or of the service's base exception.

    Source: Step Functions' page on SDK integrations, which has S3.NoSuchBucketException and S3.S3Exception.
    """
    model: Any = operation.service_model  # the stubs lack an error's code
    found: Any = error.response["Error"]
    prefix, code = states._AWS_SDK_ERROR_PREFIX[model.service_name], found.get("QueryErrorCode", found["Code"])
    shapes = {shape.error_code: shape.name for shape in model.error_shapes}
    return f"{prefix}.{shapes.get(code, prefix).removesuffix('Exception')}Exception"


def message_of(error: ClientError, operation: OperationModel) -> str:
    """The message of the SDK for Java's exception, which ends with the status and the request's id."""
    model: Any = operation.service_model
    prefix, answer = states._AWS_SDK_ERROR_PREFIX[model.service_name], error.response["ResponseMetadata"]
    found = f"Service: {prefix}, Status Code: {answer['HTTPStatusCode']}, Request ID: {answer.get('RequestId')}"
    return f"{error.response['Error'].get('Message')} ({found})"


def plain(value: Any) -> Any:
    """An answer as JSON. Step Functions writes times as text, and decodes bodies as UTF-8."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(member) for member in value]
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, StreamingBody):
        value = value.read()
    return value.decode() if isinstance(value, bytes) else value
