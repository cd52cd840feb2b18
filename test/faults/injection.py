"""Faults at calls to AWS, injected from outside of the product, by event handlers of every botocore session."""

import io
import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.handlers
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session
from botocore.response import StreamingBody

#: Errors of the services as botocore raises them when its own retries are used up: code and HTTP status.
ERRORS: dict[str, dict[str, int]] = {
    "s3": {"SlowDown": 503, "InternalError": 500, "AccessDenied": 403, "ExpiredToken": 400},
    "dynamodb": {
        "ThrottlingException": 400,
        "ProvisionedThroughputExceededException": 400,
        "InternalServerError": 500,
        "AccessDeniedException": 400,
        "ExpiredTokenException": 400,
    },
    "sqs": {"ThrottlingException": 400, "InternalError": 500, "AccessDenied": 403, "ExpiredToken": 403},
    "sts": {"Throttling": 400, "ServiceUnavailable": 503, "AccessDenied": 403, "ExpiredToken": 403},
    "glue": {
        "ThrottlingException": 400,
        "InternalServiceException": 500,
        "OperationTimeoutException": 400,
        "AccessDeniedException": 400,
        "ExpiredTokenException": 400,
    },
    "cloudwatch": {"Throttling": 400, "InternalFailure": 500, "AccessDenied": 403, "ExpiredToken": 403},
}
#: Errors of single calls, besides those of their service.
MORE_ERRORS: dict[str, dict[str, int]] = {
    "dynamodb.TransactWriteItems": {"TransactionCanceledException": 400, "TransactionInProgressException": 400},
    "dynamodb.UpdateItem": {"TransactionConflictException": 400},
    "dynamodb.PutItem": {"TransactionConflictException": 400},
    "glue.UpdateTable": {"ConcurrentModificationException": 400},
    "s3.PutObject": {"ConditionalRequestConflict": 409},
}
LOST_BEFORE, LOST_AFTER, RETRIED = "connection lost before", "connection lost after", "first answer lost"
KILLED_BEFORE, KILLED_AFTER, CUT = "killed before", "killed after", "body cut off"
#: The process is frozen until somebody wakes it.
FROZEN_AFTER = "frozen after"
_SIGNALS = {
    KILLED_BEFORE: signal.SIGKILL,
    KILLED_AFTER: signal.SIGKILL,
    FROZEN_AFTER: signal.SIGSTOP,
}
#: Calls that change something on AWS. Receiving hides messages, and opening a session is recorded.
CHANGES = frozenset(
    f"{service}.{operation}"
    for service, operations in {
        "sqs": ("ReceiveMessage", "DeleteMessageBatch", "ChangeMessageVisibilityBatch", "SendMessage"),
        "sts": ("AssumeRole",),
        "s3": ("PutObject", "PutObjectTagging"),
        "dynamodb": ("PutItem", "UpdateItem", "TransactWriteItems"),
        "glue": ("CreateTable", "UpdateTable"),
        "cloudwatch": ("PutMetricData",),
    }.items()
    for operation in operations
)


@dataclass(frozen=True)
class Fault:
    """The fault at one call.

    Attributes:
        stage: whose job.
        call: service and operation.
        number: of the call among those of this kind that the processes of the stage make, from 1.
        kind: one of the constants above, or the code of an error.
    """

    stage: str
    call: str
    number: int
    kind: str

    def __str__(self) -> str:
        return f"{self.stage}: {self.call} {self.number}: {self.kind}"


def kinds(call: str) -> list[str]:
    """All kinds of faults at a call."""
    errors = [*ERRORS[call.split(".")[0]], *MORE_ERRORS.get(call, ())]
    found = [*errors, LOST_BEFORE]
    if call in CHANGES:
        found += [LOST_AFTER, RETRIED, KILLED_BEFORE, KILLED_AFTER]
    return found + ([CUT] if call == "s3.GetObject" else [])


class Injection:
    """The fault of a process, and a record of the calls that it makes."""

    def __init__(self, stage: str, fault: Fault | None, folder: Path) -> None:
        """Hooks into all sessions that are created from now on.

        Args:
            stage: whose job this process is.
            fault: to inject, once over all processes.
            folder: takes the record, and the mark of what has been injected.
        """
        self._fault = fault if fault and fault.stage == stage else None
        self._mark, self._record = folder / "injected", folder / f"calls-{stage}"
        self._here = threading.local()
        handlers = [("before-call", self._before), ("before-send", self._send), ("after-call", self._after)]
        botocore.handlers.BUILTIN_HANDLERS += handlers

    def _before(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        call = f"{model.service_model.service_name}.{model.name}"
        fault = self._fault
        number = self._number(call)
        if not fault or (fault.call, fault.number) != (call, number):
            return None
        self._mark.touch()
        if fault.kind == RETRIED:
            self._here.lost = model.name
            return None
        if fault.kind in (LOST_AFTER, KILLED_AFTER, FROZEN_AFTER, CUT):
            context["fault"] = fault.kind
            return None
        if fault.kind in _SIGNALS:
            os.kill(os.getpid(), _SIGNALS[fault.kind])
            return None
        if fault.kind == LOST_BEFORE:
            raise EndpointConnectionError(endpoint_url="http://aws")
        status = {**ERRORS[call.split(".")[0]], **MORE_ERRORS.get(call, {})}[fault.kind]
        return SimpleNamespace(status_code=status), _answer(fault.kind)

    def _send(self, event_name: str, request: Any, **_: Any) -> None:
        """Loses the first answer after the call has taken effect; botocore then sends the request again."""
        if event_name.rsplit(".", 1)[-1] == getattr(self._here, "lost", None):
            self._here.lost = None
            URLLib3Session().send(request)
            raise ConnectionClosedError(endpoint_url=request.url)

    def _after(self, context: dict[str, Any], parsed: dict[str, Any], **_: Any) -> None:
        kind = context.pop("fault", None)
        if kind in _SIGNALS:
            os.kill(os.getpid(), _SIGNALS[kind])
        if kind == LOST_AFTER:
            raise ReadTimeoutError(endpoint_url="http://aws")
        if kind == CUT and "Body" in parsed:
            content = parsed["Body"].read()
            parsed["Body"] = StreamingBody(io.BytesIO(content[: len(content) // 2]), len(content))

    def _number(self, call: str) -> int:
        """Records a call; returns its number among the calls of its kind in all processes."""
        with self._record.open("ab+", buffering=0) as record:
            record.write(f"{call}\n".encode())  # at the end, whoever else writes; no lock that a frozen process holds
            return os.pread(record.fileno(), record.tell(), 0).decode().split().count(call)


def _answer(code: str) -> dict[str, Any]:
    found: dict[str, Any] = {"Error": {"Code": code, "Message": "injected"}, "ResponseMetadata": {}}
    if code == "TransactionCanceledException":
        found["CancellationReasons"] = [{"Code": "TransactionConflict"}, {"Code": "None"}]
    return found
