"""Responses of ministack's functions: status, headers and body, as they are sent."""

import json
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import error_response_json, json_response

Answer = tuple[int, dict[str, str], bytes]
Record = dict[str, Any]
Properties = Mapping[str, Any]

FIRST_ERROR = 300


class RefusedError(Exception):
    """ministack refused a call. CloudFormation reports this as the reason why the resource failed."""


def succeeded(answer: Answer) -> Record:
    """The body of a response.

    Raises:
        RefusedError: the response is an error; the message is its body.
    """
    status, _, body = answer
    if status >= FIRST_ERROR:
        raise RefusedError(body.decode() if isinstance(body, bytes) else str(body))
    found: Record = json.loads(body or b"{}")
    return found


def answer(body: Record) -> Answer:
    """A successful response of a JSON service."""
    made: Answer = json_response(body)
    return made


def refusal(code: str, message: str) -> Answer:
    """An error response of a JSON service, with the code that the SDKs raise."""
    made: Answer = error_response_json(code, message, 400)
    return made
