"""Exports of stacks: one that another stack imports stays as it is, and one that is taken out is gone."""

from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, helpers, stacks


def install_provisioning() -> None:
    """Updates and deletions of stacks."""
    inner_resolve, inner_delete = stacks._resolve_stack_outputs, handlers._ACTION_HANDLERS["DeleteStack"]

    def resolve(*arguments: Any) -> Any:
        outputs, exports = inner_resolve(*arguments)
        replace_exports(str(arguments[-1]), exports)
        return outputs, exports

    def delete(params: Any) -> Any:
        stack = cloudformation._stacks.get(helpers._p(params, "StackName")) or {}
        for name in exports_of(stack.get("StackId", "")):
            importer = importer_of(name)
            if importer:
                message = f"Export {name} cannot be deleted as it is in use by {importer}"
                return helpers._error("ValidationError", message)
        return inner_delete(params)

    stacks._resolve_stack_outputs, handlers._ACTION_HANDLERS["DeleteStack"] = resolve, delete


def replace_exports(stack_id: str, new: dict[str, Any]) -> None:
    """Takes out the exports that a stack no longer has.

    Raises:
        ValueError: another stack imports one that is gone or has another value; the update is rolled back with that.
    """
    old = exports_of(stack_id)
    for name, export in old.items():
        importer = importer_of(name)
        if importer and name not in new:
            raise ValueError(f"Export {name} cannot be deleted as it is in use by {importer}")
        if importer and new[name]["Value"] != export["Value"]:
            raise ValueError(f"Export {name} cannot be updated as it is in use by {importer}")
    for name in set(old) - set(new):
        del cloudformation._exports[name]


def exports_of(stack_id: str) -> dict[str, Any]:
    """A stack's exports by name."""
    return {name: export for name, export in cloudformation._exports.items() if export["StackId"] == stack_id}


def importer_of(export: str) -> str | None:
    """The first stack that imports it."""
    for name, stack in cloudformation._stacks.items():
        if stack["StackStatus"] != "DELETE_COMPLETE" and export in handlers._imported_export_names(stack, name):
            return str(name)
    return None
