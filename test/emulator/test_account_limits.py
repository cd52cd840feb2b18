"""How many resources an account has, where only AWS itself could raise the number. Each test uses its number up."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack, StackFailedError, resource

MOST = 1000
RULE = {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"}


def use_up(create: Callable[[str], object], there: int = 0) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(create, (f"n{number}" for number in range(there, MOST))))


def refused(create: Callable[[str], object], code: str, message: str) -> None:
    with pytest.raises(ClientError) as error:
        create("one-more")
    assert (error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]) == (code, message)


@pytest.mark.parametrize("what", ["workflow", "trigger"])
def test_glue_has_so_many_workflows_and_triggers(client: Client, what: str) -> None:
    glue = client("glue")
    rest = {"workflow": {}, "trigger": {"Type": "ON_DEMAND", "Actions": []}}[what]

    def create(name: str) -> None:
        getattr(glue, f"create_{what}")(Name=name, **rest)

    use_up(create)

    message = f"The number of {what}s has exceeded the limit. Your account is limited to {MOST} {what}s."
    refused(create, "ResourceNumberLimitExceededException", message)
    with pytest.raises(StackFailedError, match=message):
        Stack(client, {"It": resource(f"Glue::{what.title()}", Name="one-more", **rest)})
    getattr(glue, f"delete_{what}")(Name="n1")
    create("n1")


def test_athena_has_so_many_workgroups(client: Client) -> None:
    athena = client("athena")

    def create(name: str) -> None:
        athena.create_work_group(Name=name)

    use_up(create, there=len(["primary"]))

    message = f"The number of workgroups exceeds the quota of {MOST} per account and Region."
    refused(create, "InvalidRequestException", message)
    with pytest.raises(StackFailedError, match=message):
        Stack(client, {"It": resource("Athena::WorkGroup", Name="one-more")})


def test_config_has_so_many_rules(client: Client) -> None:
    config = client("config")

    def create(name: str) -> None:
        config.put_config_rule(ConfigRule={"ConfigRuleName": name, "Source": RULE})

    use_up(create)

    message = (
        f"Failed to put config rule 'one-more' because the account already contains {MOST} config rules. "
        "Please consider deleting deactivated rules if you have any before adding new rules."
    )
    refused(create, "MaxNumberOfConfigRulesExceededException", message)
    with pytest.raises(StackFailedError, match=message):
        Stack(client, {"It": resource("Config::ConfigRule", ConfigRuleName="one-more", Source=RULE)})
    create("n1")  # it is there already
