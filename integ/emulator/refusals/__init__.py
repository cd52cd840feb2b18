"""What AWS refuses and ministack accepts: each rule with AWS's own error code, at the call and at the deployment.

A rule that is stricter than AWS stops good templates; a rule that is laxer lets a bad one through to the first real
account. So each module names its source, and says which words are ours because no source shows AWS's.
"""

from emulator.refusals import (
    config_rules,
    exports,
    glue_jobs,
    key_and_bucket_policies,
    parameters,
    queue_and_topic_policies,
    quotas,
    references,
    role_policies,
    rules,
    trails,
)

#: Each has `install_calls`, `install_provisioning` or both.
MODULES = (
    config_rules,
    exports,
    glue_jobs,
    key_and_bucket_policies,
    parameters,
    queue_and_topic_policies,
    quotas,
    references,
    role_policies,
    rules,
    trails,
)


def install_calls() -> None:
    """Makes the services' own API refuse."""
    for module in MODULES:
        if hasattr(module, "install_calls"):
            module.install_calls()


def install_provisioning() -> None:
    """Makes CloudFormation refuse, where its handlers write without calling the service's API."""
    for module in MODULES:
        if hasattr(module, "install_provisioning"):
            module.install_provisioning()
