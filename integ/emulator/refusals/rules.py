"""EventBridge rules: how many a bus has, how many of them with wildcards, and how many targets one has.

Source: EventBridge's page on quotas. The number of rules can be raised on request, the others cannot.
"""

import json
from typing import Any

from ministack.services import eventbridge

from emulator import service_quotas
from emulator.answers import Properties, Record
from emulator.refusals.key_and_bucket_policies import compact
from emulator.refusals.refusal import RefusalError, before_provisioning, guarded

WILDCARD_RULES = 30
TARGETS = 5
#: Characters. Neither code nor words of the refusal are in any source.
PATTERN = 2_048


def install_calls() -> None:
    """PutRule and PutTargets."""
    eventbridge._put_rule = guarded(eventbridge._put_rule, check_rule)
    eventbridge._put_targets = guarded(eventbridge._put_targets, check_targets)


def install_provisioning() -> None:
    """AWS::Events::Rule."""
    before_provisioning("AWS::Events::Rule", check_resource)


def check_resource(new: Properties, _old: Properties, physical_id: str) -> None:
    """Raises RefusalError."""
    check_rule({**new, "Name": new.get("Name") or physical_id})
    if len(new.get("Targets", [])) > TARGETS:
        raise limit_exceeded()


def check_rule(data: Properties) -> None:
    """Raises RefusalError if the bus would have too many rules."""
    others: list[Record] = [rule for rule in eventbridge._rules.values() if is_other(rule, data)]
    patterns = [rule.get("EventPattern") for rule in [*others, data]]
    if len(compact(patterns[-1])) > PATTERN:
        raise limit_exceeded(f"The event pattern exceeds the quota of {PATTERN} characters.")
    is_too_wild = has_wildcard(patterns[-1]) and sum(map(has_wildcard, patterns)) > WILDCARD_RULES
    if is_too_wild or len(patterns) > service_quotas.value("events", "L-244521F2"):
        raise limit_exceeded()


def is_other(rule: Properties, data: Properties) -> bool:
    """True for the other rules of the same bus."""
    bus = data.get("EventBusName") or "default"
    return bool(rule["EventBusName"] == bus and rule["Name"] != data["Name"])


def has_wildcard(pattern: Any) -> bool:
    """True if a pattern uses the operator anywhere."""
    if isinstance(pattern, str):
        return has_wildcard(json.loads(pattern)) if pattern.startswith("{") else False
    if isinstance(pattern, dict):
        return "wildcard" in pattern or any(map(has_wildcard, pattern.values()))
    return isinstance(pattern, list) and any(map(has_wildcard, pattern))


def check_targets(data: Properties) -> None:
    """Raises RefusalError if the rule would have too many targets."""
    key = eventbridge._rule_key(data["Rule"], data.get("EventBusName") or "default")
    ids = {target["Id"] for target in [*(eventbridge._targets.get(key) or []), *data["Targets"]]}
    if len(ids) > TARGETS:
        raise limit_exceeded()


def limit_exceeded(message: str = "The requested resource exceeds the maximum number allowed.") -> RefusalError:
    """The error of every quota of EventBridge."""
    return RefusalError("Events", "LimitExceededException", message)
