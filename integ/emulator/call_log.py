"""Records the calls of the account's roles and services: exactly what their policies must allow."""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from emulator.settings import ACCOUNT

Context = Mapping[str, str | list[str]]

_lock = threading.Lock()
_log: TextIO | None = None


def record_to(path: Path) -> None:
    """Starts recording, one line of JSON per call. Nothing is recorded before."""
    global _log
    _log = path.open("w", buffering=1)


def note(principal: str, action: str, resource: str, context: Context | None = None) -> None:
    """Records a call.

    Args:
        principal: ARN of a role or its session, or the name of a service that acts on its own.
        action: as written in a policy.
        resource: its ARN; `*` for an action without resources.
        context: condition keys of this call, including the tags of the session.
    """
    if _log is None:
        return
    line = json.dumps({"principal": principal, "action": action, "resource": resource, "context": dict(context or {})})
    with _lock:
        _log.write(line + "\n")


def note_service(service: str, action: str, resource: str, source_arn: str) -> None:
    """Records what a service does on its own for one of the account's resources.

    Args:
        service: such as events.amazonaws.com.
        action: as written in a policy.
        resource: its ARN.
        source_arn: ARN of the resource for which the service acts.
    """
    note(service, action, resource, {"aws:SourceArn": source_arn, "aws:SourceAccount": ACCOUNT})
