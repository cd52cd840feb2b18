"""Log groups of a template get the names that CloudFormation makes: the stack, the logical id, a random end."""

from collections.abc import Mapping

from ministack.services.cloudformation import provisioners

from emulator.answers import Properties

#: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
NAME_LIMIT = 512
Made = tuple[str, Mapping[str, str]]


def install() -> None:
    """Replaces ministack's own form of name, `/aws/cloudformation/...`, which policies for AWS's form do not match."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Logs::LogGroup"]
    inner_create, inner_update = handlers["create"], handlers["update"]

    def create(logical_id: str, given: Properties, stack: str) -> Made:
        name = provisioners._physical_name(stack, logical_id, max_len=NAME_LIMIT)
        made: Made = inner_create(logical_id, {"LogGroupName": name, **given}, stack)
        return made

    def update(physical_id: str, old: Properties, new: Properties, *rest: object) -> Made:
        old, new = ({"LogGroupName": physical_id, **given} for given in (old, new))
        made: Made = inner_update(physical_id, old, new, *rest)
        return made

    handlers.update(create=create, update=update)
