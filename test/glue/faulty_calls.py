"""Calls to AWS that fail, before or after they have taken effect."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import botocore.client
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

_CLIENT: Any = botocore.client.BaseClient
_CALL = _CLIENT._make_api_call


class Killed(BaseException):
    """Ends the process: no handler of an exception runs."""


def throttled() -> Exception:
    error: Exception = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "Any")
    return error


def cut_off() -> Exception:
    error: Exception = ConnectionClosedError(endpoint_url="http://aws")
    return error


@contextmanager
def fault(at: int | None, *, after: bool, error: Callable[[], BaseException]) -> Iterator[list[str]]:
    """Fails one call to AWS, before or after it has taken effect; yields the names of all calls."""
    made: list[str] = []

    def call(self: Any, operation: str, params: dict[str, Any]) -> Any:
        made.append(operation)
        is_due = len(made) - 1 == at
        if is_due and not after:
            raise error()
        answer = _CALL(self, operation, params)
        if is_due:
            raise error()
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.client.BaseClient, "_make_api_call", call)
        yield made
