"""Parameters of the calls that CloudFormation makes, held against botocore's models of the services.

A client holds its own calls against the model before it sends them. CloudFormation's handlers call ministack directly,
which takes anything: a name that does not exist, a text for a number, a missing member, a word that is no choice. What
a handler writes without a call is not looked at: buckets, roles, rules, topics, queues, alarms.
"""

import importlib
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import Shape, StringShape
from botocore.validate import ParamValidator, ValidationErrors
from ministack.services.cloudformation import provisioners

from emulator.refusals.refusal import RefusalError

#: ministack's module by botocore's name of the service: those whose functions take the parameters of a call.
SERVICES = {
    "athena": "athena",
    "budgets": "budgets",
    "cloudtrail": "cloudtrail",
    "config": "config",
    "dynamodb": "dynamodb",
    "glue": "glue",
    "kms": "kms",
    "logs": "cloudwatch_logs",
    "stepfunctions": "stepfunctions",
}
Call = Callable[[Any], Any]

_is_provisioning: ContextVar[bool] = ContextVar("a handler of CloudFormation is at work", default=False)


class Validator(ParamValidator):
    """botocore's, which leaves the choices of a text to the service."""

    def _validate_string(self, param: Any, shape: StringShape, errors: ValidationErrors, name: str) -> None:
        super()._validate_string(param, shape, errors, name)  # type: ignore[misc] # not in the stubs
        if isinstance(param, str) and shape.enum and param not in shape.enum:
            valid_types = [f"one of {', '.join(shape.enum)}"]
            errors.report(name, "invalid type", param=param, valid_types=valid_types)


def install_provisioning() -> None:
    """Looks at every call that a handler makes."""
    session = botocore.session.get_session()
    for service, module_name in SERVICES.items():
        module, model = importlib.import_module(f"ministack.services.{module_name}"), session.get_service_model(service)
        for operation in model.operation_names:
            name = f"_{xform_name(operation)}"
            shape = model.operation_model(operation).input_shape
            if shape and hasattr(module, name):
                setattr(module, name, validated(getattr(module, name), shape, service, operation))
    for handlers in provisioners._RESOURCE_HANDLERS.values():
        for name in {"create", "update"} & set(handlers):
            handlers[name] = marked(handlers[name])


def marked(handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler during which calls are looked at."""

    def inner(*arguments: Any, **options: Any) -> Any:
        token = _is_provisioning.set(True)
        try:
            return handler(*arguments, **options)
        finally:
            _is_provisioning.reset(token)

    return inner


def validated(action: Call, shape: Shape, service: str, operation: str) -> Call:
    """An action that is refused if the model does not allow what a handler gives."""

    def inner(data: Any) -> Any:
        if _is_provisioning.get():
            report = Validator().validate(without_none(data), shape)
            if report.has_errors():
                message = f"{operation}: {report.generate_report()}"
                raise RefusalError(service, "ValidationException", message)
        return action(data)

    return inner


def without_none(value: Any) -> Any:
    """The handlers write None for what is not given."""
    if isinstance(value, dict):
        return {name: without_none(member) for name, member in value.items() if member is not None}
    return [without_none(member) for member in value] if isinstance(value, list) else value
