"""One refusal, and the two places where it happens: a call of the service, and a resource of a stack."""

from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import provisioners

from emulator.answers import Answer, Properties, refusal

#: Properties to be set, those that are there, and the physical id; the last two are empty for a new resource.
Check = Callable[[Properties, Properties, str], None]
BAD_REQUEST = 400


class RefusalError(Exception):
    """AWS says no.

    Attributes:
        service: as CloudFormation names it in the reason of a failed resource.
        code: the error code that the SDKs raise.
        message: AWS's own words.
        status: of HTTP.
    """

    def __init__(self, service: str, code: str, message: str, status: int = BAD_REQUEST) -> None:
        """Takes the error."""
        super().__init__(f"{message} (Service: {service}; Status Code: {status}; Error Code: {code})")
        self.service, self.code, self.message, self.status = service, code, message, status


def guarded(action: Callable[[Any], Answer], check: Callable[[Properties], None]) -> Callable[[Any], Answer]:
    """An action of a JSON service that is checked before it does anything."""

    def inner(data: Any) -> Answer:
        try:
            check(data)
        except RefusalError as refused:
            return refusal(refused.code, refused.message)
        return action(data)

    return inner


def before_provisioning(type_: str, check: Check) -> None:
    """Checks a resource of a stack before its handler creates or updates it."""
    handlers = provisioners._RESOURCE_HANDLERS[type_]
    inner_create, inner_update = handlers["create"], handlers["update"]

    def create(logical_id: str, properties: Properties, *rest: Any, **options: Any) -> Any:
        check(properties, {}, "")
        return inner_create(logical_id, properties, *rest, **options)

    def update(physical_id: str, old: Properties, new: Properties, *rest: Any, **options: Any) -> Any:
        check(new, old, physical_id)
        return inner_update(physical_id, old, new, *rest, **options)

    handlers.update(create=create, update=update)
