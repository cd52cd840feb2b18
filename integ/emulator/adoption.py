"""Stacks that take in what is there, by ImportExistingResources: databases too, and buckets at all.

ministack validates names before it deploys, and takes the name of a bucket that it is to import for taken.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from ministack.services import glue
from ministack.services.cloudformation import changesets, provisioners, stacks

#: Logical ids that the current deployment imports.
_imported: ContextVar[frozenset[str]] = ContextVar("imported", default=frozenset())


def install() -> None:
    """Extends change sets."""
    provisioners._RESOURCE_HANDLERS["AWS::Glue::Database"]["import"] = lambda given: (given["DatabaseName"], {})
    changesets._IMPORT_LOOKUPS["AWS::Glue::Database"] = (("DatabaseName",), import_problem)
    inner_deploy, inner_errors = stacks._deploy_stack_async, stacks._validation_errors

    async def deploy(*arguments: Any, imports: Mapping[str, Any] | None = None, **options: Any) -> Any:
        _imported.set(frozenset(imports or {}))
        return await inner_deploy(*arguments, imports=imports, **options)

    def errors(*arguments: Any) -> list[Any]:
        return [error for error in inner_errors(*arguments) if error[0] not in _imported.get()]

    changesets._deploy_stack_async, stacks._validation_errors = deploy, errors


def import_problem(name: str) -> str | None:
    """Why CloudFormation cannot import a database. These are the words for types without a message of their own."""
    if name in glue._databases:
        return None
    found: str = changesets._IMPORT_NOT_FOUND.format(type="AWS::Glue::Database", value=name)
    return found
