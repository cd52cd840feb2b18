"""A record of the calls that roles and services of the account make: what their policies must allow, and no more."""

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
    """Records from now on, one line of JSON for each call; without this nothing is recorded."""
    global _log
    _log = path.open("w", buffering=1)


def note(principal: str, action: str, resource: str, context: Context | None = None) -> None:
    """Records a call.

    Args:
        principal: ARN of a role's session or of the role itself, or the name of a service that acts by itself.
        action: as a policy names it.
        resource: its ARN; `*` where the action knows none.
        context: condition keys that this call has, the tags of the session among them.
    """
    if _log is None:
        return
    line = json.dumps({"principal": principal, "action": action, "resource": resource, "context": dict(context or {})})
    with _lock:
        _log.write(line + "\n")


def note_service(service: str, action: str, resource: str, source_arn: str) -> None:
    """Records what a service does by itself, for one of the account's resources.

    Args:
        service: such as events.amazonaws.com.
        action: as a policy names it.
        resource: its ARN.
        source_arn: of the resource for which the service acts.
    """
    note(service, action, resource, {"aws:SourceArn": source_arn, "aws:SourceAccount": ACCOUNT})
