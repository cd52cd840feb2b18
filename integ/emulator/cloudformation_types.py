"""Adds resource types to ministack's CloudFormation, built from the API functions of the service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.services.cloudformation import provisioners

from emulator.answers import Properties

NAME_LIMIT = 128


@dataclass(frozen=True)
class ResourceType:
    """One type.

    Attributes:
        type: as in a template.
        create: makes the resource under the name.
        update: changes it in place, by physical id.
        delete: removes it, by physical id.
        attributes: what Fn::GetAtt gives, by physical id.
        name: the property with the physical name; CloudFormation makes one where it is missing.
        replacing: properties whose change makes another resource.
        physical_id: of the name and what `create` gave.
        name_limit: characters of a name that CloudFormation makes.
    """

    type: str
    create: Callable[[str, Properties], object]
    update: Callable[[str, Properties], object]
    delete: Callable[[str], object]
    attributes: Callable[[str], Mapping[str, str]] = field(default=lambda _: {})
    name: str = "Name"
    replacing: tuple[str, ...] = ()
    physical_id: Callable[[str, Any], str] = field(default=lambda name, _: name)
    name_limit: int = NAME_LIMIT


def register(resource_type: ResourceType) -> None:
    """Makes CloudFormation provision the type."""

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Mapping[str, str]]:
        generated = provisioners._physical_name(stack, logical_id, max_len=resource_type.name_limit)
        name = properties.get(resource_type.name) or generated
        physical_id = resource_type.physical_id(name, resource_type.create(name, properties))
        return physical_id, resource_type.attributes(physical_id)

    def update(physical_id: str, _old: Properties, new: Properties, _stack: str) -> tuple[str, Mapping[str, str]]:
        resource_type.update(physical_id, new)
        return physical_id, resource_type.attributes(physical_id)

    def delete(physical_id: str, _properties: Properties) -> None:
        resource_type.delete(physical_id)

    handlers: dict[str, Any] = {"create": create, "update": update, "delete": delete}
    provisioners._RESOURCE_HANDLERS[resource_type.type] = handlers
    provisioners._REPLACING_PROPERTIES[resource_type.type] = (resource_type.name, *resource_type.replacing)


def extend(
    type_: str,
    apply: Callable[[str, Properties], None],
    translate: Callable[[Properties], Properties] = lambda properties: properties,
) -> None:
    """Makes CloudFormation set properties that ministack drops.

    Args:
        type_: that ministack provisions.
        apply: sets them, by physical id, after ministack created or updated the resource.
        translate: rewrites the properties before ministack gets them.
    """
    handlers = provisioners._RESOURCE_HANDLERS[type_]
    inner_create, inner_update = handlers["create"], handlers["update"]

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Mapping[str, str]]:
        made: tuple[str, Mapping[str, str]] = inner_create(logical_id, translate(properties), stack)
        apply(made[0], properties)
        return made

    def update(physical_id: str, old: Properties, new: Properties, *rest: Any) -> tuple[str, Mapping[str, str]]:
        made: tuple[str, Mapping[str, str]] = inner_update(physical_id, translate(old), translate(new), *rest)
        apply(made[0], new)
        return made

    handlers.update(create=create, update=update)
