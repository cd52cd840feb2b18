"""Policies of roles: their sizes, how many are attached, and whom a role trusts. Source: IAM's page on quotas."""

import json
from collections.abc import Callable, Mapping, Set
from typing import Any

from ministack.services import iam

from emulator.answers import Answer, Properties
from emulator.refusals.principals import missing_principals
from emulator.refusals.refusal import RefusalError, before_provisioning

#: Characters of all inline policies of a role together, and of a managed policy; neither can be raised.
INLINE_SIZE = 10_240
MANAGED_SIZE = 6_144
#: Defaults that AWS raises on request, to 4,096 and 20.
TRUST_SIZE = 2_048
ATTACHED = 10
CONFLICT = 409

Form = Mapping[str, Any]


def install_calls() -> None:
    """The calls that set a policy of a role, or attach one."""
    checks: Mapping[str, Callable[[Form], None]] = {
        "CreateRole": lambda form: check_trust(value(form, "AssumeRolePolicyDocument")),
        "UpdateAssumeRolePolicy": lambda form: check_trust(value(form, "PolicyDocument")),
        "PutRolePolicy": lambda form: check_inline(
            value(form, "RoleName"), {value(form, "PolicyName"): value(form, "PolicyDocument")}
        ),
        "CreatePolicy": lambda form: check_managed(value(form, "PolicyDocument")),
        "CreatePolicyVersion": lambda form: check_managed(value(form, "PolicyDocument")),
        "AttachRolePolicy": lambda form: check_attached(value(form, "RoleName"), {value(form, "PolicyArn")}),
    }
    for action, check in checks.items():
        iam._IAM_HANDLERS[action] = guarded_form(iam._IAM_HANDLERS[action], check)


def install_provisioning() -> None:
    """AWS::IAM::Role, AWS::IAM::Policy and AWS::IAM::ManagedPolicy."""
    before_provisioning("AWS::IAM::Role", check_role)
    before_provisioning("AWS::IAM::Policy", check_policy)
    before_provisioning("AWS::IAM::ManagedPolicy", check_managed_policy)


def guarded_form(action: Callable[[Form], Answer], check: Callable[[Form], None]) -> Callable[[Form], Answer]:
    """An action that is checked before it does anything."""

    def inner(form: Form) -> Answer:
        try:
            check(form)
        except RefusalError as refused:
            made: Answer = iam._error(refused.status, refused.code, refused.message)
            return made
        return action(form)

    return inner


def value(form: Form, name: str) -> str:
    """A parameter of a call."""
    found: str = iam._p(form, name)
    return found


def check_role(new: Properties, old: Properties, physical_id: str) -> None:
    """Raises RefusalError."""
    check_trust(new["AssumeRolePolicyDocument"])
    check_inline(physical_id, inline_of(new), set(inline_of(old)))
    check_attached(physical_id, set(new.get("ManagedPolicyArns", [])), set(old.get("ManagedPolicyArns", [])))


def inline_of(role: Properties) -> dict[str, Any]:
    """The documents of a role's own Policies by name."""
    return {policy["PolicyName"]: policy["PolicyDocument"] for policy in role.get("Policies", [])}


def check_policy(new: Properties, old: Properties, _id: str) -> None:
    """Raises RefusalError."""
    for role in new.get("Roles", []):
        check_inline(role, {new["PolicyName"]: new["PolicyDocument"]}, {old.get("PolicyName", "")})


def check_managed_policy(new: Properties, old: Properties, physical_id: str) -> None:
    """Raises RefusalError."""
    check_managed(new["PolicyDocument"])
    for role in set(new.get("Roles", [])) - set(old.get("Roles", [])):
        check_attached(role, {physical_id or "new"})


def check_trust(document: Any) -> None:
    """Raises RefusalError: too long, or trusting an identity that does not exist."""
    if size(document) > TRUST_SIZE:
        raise limit_exceeded(f"Cannot exceed quota for ACLSizePerRole: {TRUST_SIZE}")
    for missing in missing_principals(document):
        message = f'Invalid principal in policy: "AWS":"{missing}"'
        raise RefusalError("AmazonIdentityManagement", "MalformedPolicyDocument", message)


def check_inline(role: str, documents: Mapping[str, Any], replaced: Set[str] = frozenset()) -> None:
    """Raises RefusalError if the role's inline policies are too long together, once these are among them."""
    there = (iam._roles.get(role) or {}).get("InlinePolicies", {})
    kept = {name: document for name, document in there.items() if name not in replaced}
    if sum(map(size, {**kept, **documents}.values())) > INLINE_SIZE:
        raise limit_exceeded(f"Maximum policy size of {INLINE_SIZE} bytes exceeded for role {role}")


def check_managed(document: Any) -> None:
    """Raises RefusalError."""
    if size(document) > MANAGED_SIZE:
        raise limit_exceeded(f"Cannot exceed quota for PolicySize: {MANAGED_SIZE}")


def check_attached(role: str, arns: set[str], replaced: Set[str] = frozenset()) -> None:
    """Raises RefusalError if the role would have too many managed policies."""
    there = set((iam._roles.get(role) or {}).get("AttachedPolicies", []))
    if len((there - replaced) | arns) > ATTACHED:
        raise limit_exceeded(f"Cannot exceed quota for PoliciesPerRole: {ATTACHED}")


def limit_exceeded(message: str) -> RefusalError:
    """The error of a quota."""
    return RefusalError("AmazonIdentityManagement", "LimitExceeded", message, CONFLICT)


def size(document: Any) -> int:
    """Characters, for IAM without white space."""
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return len("".join(text.split()))
