"""Resources of a template that refer to, or depend on, what the template does not have.

An import is where that matters: its template has nothing but what is in the stack and what comes in. The words are
those of public reports, for names under DependsOn too. References in Fn::Sub are not looked at.
"""

from collections.abc import Iterator
from typing import Any

from ministack.services.cloudformation import changesets, handlers

PSEUDO_PARAMETERS = "AWS::"


def install_provisioning() -> None:
    """Checks every template that ministack checks."""
    inner = handlers.validate_template_support

    def validate(template: dict[str, Any], *arguments: Any, **options: Any) -> Any:
        check(template)
        return inner(template, *arguments, **options)

    handlers.validate_template_support = changesets.validate_template_support = validate


def check(template: dict[str, Any]) -> None:
    """Raises ValueError, whose message is AWS's."""
    known = {*template["Resources"], *template.get("Parameters", {})}
    wanted = {name for resource in template["Resources"].values() for name in references(resource)}
    unresolved = sorted(name for name in wanted - known if not name.startswith(PSEUDO_PARAMETERS))
    if unresolved:
        names = ", ".join(unresolved)
        raise ValueError(
            f"Template format error: Unresolved resource dependencies [{names}] in the Resources block of the template"
        )


def references(resource: dict[str, Any]) -> Iterator[str]:
    """Logical ids and parameters that a resource names."""
    depends_on = resource.get("DependsOn", ())
    yield from (depends_on,) if isinstance(depends_on, str) else depends_on
    yield from within(resource.get("Properties", {}))


def within(value: Any) -> Iterator[str]:
    """The same of a part of its properties."""
    if isinstance(value, list):
        for each in value:
            yield from within(each)
    if isinstance(value, dict):
        match list(value.items()):
            case [("Ref", str(name))]:
                yield name
            case [("Fn::GetAtt", str(name) | [str(name), *_])]:
                yield name.split(".")[0]
            case items:
                for _, each in items:
                    yield from within(each)
