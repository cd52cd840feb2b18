"""Refuses calls that the policy of a role's session denies.

Nothing else of IAM is enforced here: who may do what is proved by a simulation of the deployed policies. A session
policy is how a caller gives up rights, and how a test makes AWS refuse a call.
"""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from ministack import app
from ministack.core import iam_actions, router
from ministack.services import sts

from emulator import trails

#: Services that ministack does not know, by their names in actions.
ADDED = ("lakeformation", "servicequotas")


def install() -> None:
    """Puts the check before every service."""
    iam_actions.SERVICE_TO_IAM_NAMESPACE.update({name: name for name in ADDED})
    iam_actions._BOTOCORE_SERVICE_MAP.update({name: [name] for name in ADDED})
    for service, handler in list(app.SERVICE_HANDLERS.items()):
        app.SERVICE_HANDLERS[service] = checked(service, handler)


def checked(service: str, handler: Any) -> Any:
    """The handler of a service, which answers AccessDenied where a session policy denies the action."""

    async def handle(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> Any:
        session = sts._sessions.get(router.extract_access_key_id(headers, query)) or {}
        policy = (session.get("SessionPolicies") or {}).get("Policy")
        if policy:
            action = str(iam_actions.extract_iam_action(service, method, path, headers, body, query))
            if service == "sqs":
                action = action.removesuffix("Batch")  # a batch needs the action of its entries
            if any(fnmatchcase(action.lower(), pattern.lower()) for pattern in denied(policy)):
                if service == "s3":
                    trails.tell_of_denial(session, action, path)
                return iam_actions.access_denied_response(
                    service, action, session["Arn"], "local", headers=headers, explicit_deny=True
                )
        return await handler(method, path, headers, body, query)

    return handle


def denied(policy: str) -> Iterator[str]:
    """Actions of the statements that deny, whatever their resources and conditions."""
    statements = json.loads(policy)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        actions = statement["Action"] if statement["Effect"] == "Deny" else []
        yield from [actions] if isinstance(actions, str) else actions
