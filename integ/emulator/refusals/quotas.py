"""How many resources an account has. Source: the services' pages on quotas; buckets, jobs and roles can be raised.

The words are those of public reports, but for Glue's, which are formed after its words about crawlers, and Athena's,
of which only the code is known.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ministack.services import athena, config, glue, iam, s3

from emulator import service_quotas
from emulator.answers import Answer, Properties
from emulator.refusals.refusal import RefusalError, before_provisioning, guarded
from emulator.refusals.role_policies import guarded_form, limit_exceeded

SECURITY_CONFIGURATIONS = 250
ROLES_BY_DEFAULT = 1000
WORKFLOWS = TRIGGERS = WORK_GROUPS = CONFIG_RULES = 1000


@dataclass(frozen=True)
class Quota:
    """One quota.

    Attributes:
        there: the resources that are there.
        most: how many may be.
        refusal: the error, for that number.
    """

    there: Callable[[], Mapping[str, Any]]
    most: Callable[[], float]
    refusal: Callable[[int], RefusalError]

    def check(self, *_: object) -> None:
        """Raises RefusalError if there is no room for another resource."""
        most = int(self.most())
        if len(self.there()) >= most:
            raise self.refusal(most)


def too_many_of_glue(what: str) -> Callable[[int], RefusalError]:
    """The error of Glue."""
    return lambda most: RefusalError(
        "Glue",
        "ResourceNumberLimitExceededException",
        f"The number of {what} has exceeded the limit. Your account is limited to {most} {what}.",
    )


def too_many_work_groups(most: int) -> RefusalError:
    """The error of Athena."""
    message = f"The number of workgroups exceeds the quota of {most} per account and Region."
    return RefusalError("Athena", "InvalidRequestException", message)


BUCKETS = Quota(
    lambda: s3._buckets,
    lambda: service_quotas.value("s3", "L-DC2B2D3D"),
    lambda _: RefusalError("S3", "TooManyBuckets", "You have attempted to create more buckets than allowed"),
)
JOBS = Quota(lambda: glue._jobs, lambda: service_quotas.value("glue", "L-611FDDE4"), too_many_of_glue("jobs"))
ROLES = Quota(
    lambda: iam._roles,
    lambda: service_quotas.value("iam", "L-FE177D64"),
    lambda most: limit_exceeded(f"Cannot exceed quota for RolesPerAccount: {most}"),
)
CONFIGURATIONS = Quota(
    lambda: glue._security_configs,
    lambda: SECURITY_CONFIGURATIONS,
    too_many_of_glue("security configurations"),
)
#: Those that JSON services create: module of ministack, its function, and the quota.
JSON: tuple[tuple[Any, str, Quota], ...] = (
    (glue, "_create_job", JOBS),
    (glue, "_create_security_configuration", CONFIGURATIONS),
    (glue, "_create_workflow", Quota(lambda: glue._workflows, lambda: WORKFLOWS, too_many_of_glue("workflows"))),
    (glue, "_create_trigger", Quota(lambda: glue._triggers, lambda: TRIGGERS, too_many_of_glue("triggers"))),
    (athena, "_create_workgroup", Quota(lambda: athena._workgroups, lambda: WORK_GROUPS, too_many_work_groups)),
)


def check_config_rule(data: Properties) -> None:
    """Raises RefusalError. The words are in https://github.com/hashicorp/terraform-provider-aws/pull/21722."""
    name = data["ConfigRule"].get("ConfigRuleName")
    if name not in config._config_rules and len(config._config_rules) >= CONFIG_RULES:
        message = (
            f"Failed to put config rule '{name}' because the account already contains {CONFIG_RULES} config rules. "
            "Please consider deleting deactivated rules if you have any before adding new rules."
        )
        raise RefusalError("Config", "MaxNumberOfConfigRulesExceededException", message)


def install_calls() -> None:
    """The calls that create; CloudFormation's handlers make those of JSON services themselves."""
    for module, name, quota in JSON:
        setattr(module, name, guarded(getattr(module, name), quota.check))
    config._put_config_rule = guarded(config._put_config_rule, check_config_rule)
    iam._IAM_HANDLERS["CreateRole"] = guarded_form(iam._IAM_HANDLERS["CreateRole"], ROLES.check)
    summary = iam._IAM_HANDLERS["GetAccountSummary"]
    iam._IAM_HANDLERS["GetAccountSummary"] = lambda params: with_quota_of_roles(summary(params))
    inner = s3._create_bucket

    def create_bucket(name: str, *rest: Any, **options: Any) -> Answer:
        try:
            if name not in s3._buckets:
                BUCKETS.check()
        except RefusalError as refused:
            made: Answer = s3._error(refused.code, refused.message, refused.status)
        else:
            made = inner(name, *rest, **options)
        return made

    s3._create_bucket = create_bucket


def with_quota_of_roles(answer: Answer) -> Answer:
    """The summary of an account, with its own quota in place of AWS's default."""
    status, headers, body = answer
    quota = b"<key>RolesQuota</key><value>%d</value>"
    return status, headers, body.replace(quota % ROLES_BY_DEFAULT, quota % int(ROLES.most()))


def install_provisioning() -> None:
    """AWS::IAM::Role and AWS::S3::Bucket."""
    before_provisioning("AWS::IAM::Role", if_new(ROLES))
    before_provisioning("AWS::S3::Bucket", if_new(BUCKETS))


def if_new(quota: Quota) -> Callable[[Properties, Properties, str], None]:
    """Checks a resource that a stack creates, not one that it updates."""
    return lambda _new, _old, physical_id: None if physical_id else quota.check()
