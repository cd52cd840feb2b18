"""AWS Config rules that only a schedule triggers: they take no scope.

Source: cloud-custodian pull request 10008, which has the code of the error but not AWS's words.
"""

from ministack.services import config

from emulator.answers import Properties
from emulator.refusals.refusal import RefusalError, guarded

#: Managed rules of which AWS's list says "Trigger type: Periodic" and nothing else. A rule that is not here passes.
PERIODIC = frozenset(
    {
        "ACCESS_KEYS_ROTATED",
        "CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED",
        "CLOUD_TRAIL_ENABLED",
        "CLOUD_TRAIL_ENCRYPTION_ENABLED",
        "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED",
        "CLOUDTRAIL_S3_DATAEVENTS_ENABLED",
        "CMK_BACKING_KEY_ROTATION_ENABLED",
        "MULTI_REGION_CLOUD_TRAIL_ENABLED",
    }
)


def install_calls() -> None:
    """PutConfigRule; CloudFormation's handler makes the same call."""
    config._put_config_rule = guarded(config._put_config_rule, lambda data: check(data["ConfigRule"]))


def check(rule: Properties) -> None:
    """Raises RefusalError."""
    identifier = rule["Source"].get("SourceIdentifier")
    if rule.get("Scope") and identifier in PERIODIC:
        message = f"Scope is not supported for the periodic rule {identifier}."
        raise RefusalError("Config", "InvalidParameterValueException", message)
