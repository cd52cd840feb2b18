"""Principals of policies: KMS, S3 and IAM refuse a role or a user that is not there."""

import json
import re
from collections.abc import Iterator
from typing import Any

from ministack.services import iam

from emulator.settings import ACCOUNT

#: A role or a user of this account. What another account has, nobody here can know: it passes.
OWN_IDENTITY = re.compile(rf"arn:aws:iam::{ACCOUNT}:(role|user)/.+")
#: How AWS shows the principal of a policy once its role or user is deleted; nothing can be set to it.
UNIQUE_ID = re.compile(r"(AROA|AIDA)[A-Z0-9]{12,}")


def missing_principals(document: Any) -> list[str]:
    """Principals of a policy that do not exist."""
    return [principal for principal in principals(document) if not exists(principal)]


def principals(document: Any) -> Iterator[str]:
    """What the statements name as AWS principals, allowed or excepted."""
    parsed = json.loads(document) if isinstance(document, str) else document
    for statement in as_list(parsed.get("Statement")):
        for element in ("Principal", "NotPrincipal"):
            named = statement.get(element)
            if isinstance(named, dict):
                yield from as_list(named.get("AWS"))


def as_list(value: Any) -> list[Any]:
    """A policy writes one value without its list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def exists(principal: str) -> bool:
    """False for an identity of this account that is not there."""
    if UNIQUE_ID.fullmatch(principal):
        return False
    if not OWN_IDENTITY.fullmatch(principal):
        return True
    identities = [*iam._roles.values(), *iam._users.values()]
    return any(identity["Arn"] == principal for identity in identities)
