"""What ministack's functions answer: status, headers and body, as they go over the wire."""

import json
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import error_response_json, json_response

Answer = tuple[int, dict[str, str], bytes]
Record = dict[str, Any]
Properties = Mapping[str, Any]

FIRST_ERROR = 300


class RefusedError(Exception):
    """ministack refused a call; CloudFormation reports it as the resource's failure."""


def succeeded(answer: Answer) -> Record:
    """The answer's body.

    Raises:
        RefusedError: with the body, if it is an error.
    """
    status, _, body = answer
    if status >= FIRST_ERROR:
        raise RefusedError(body.decode() if isinstance(body, bytes) else str(body))
    found: Record = json.loads(body or b"{}")
    return found


def answer(body: Record) -> Answer:
    """A good answer of a JSON service."""
    made: Answer = json_response(body)
    return made


def refusal(code: str, message: str) -> Answer:
    """An error of a JSON service, by the name that the SDKs raise."""
    made: Answer = error_response_json(code, message, 400)
    return made
