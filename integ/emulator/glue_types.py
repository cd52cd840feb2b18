"""Glue in CloudFormation: adds workflows and security configurations; completes jobs, triggers and databases."""

from typing import Any

from ministack.services import glue
from ministack.services.cloudformation import provisioners

from emulator.answers import Properties, Record, succeeded
from emulator.cloudformation_types import ResourceType, extend, register
from emulator.glue_api import JOB_DEFAULTS, TRIGGER_DEFAULTS

DATABASE_FIELDS = ("CreateTableDefaultPermissions", "TargetDatabase", "FederatedDatabase")


def install() -> None:
    """Registers the types."""
    provisioners._GLUE_JOB_DEFAULTS.update(JOB_DEFAULTS)
    provisioners._GLUE_TRIGGER_DEFAULTS.update(TRIGGER_DEFAULTS)
    extend("AWS::Glue::Database", set_database_fields)
    register(
        ResourceType(
            type="AWS::Glue::Workflow",
            create=lambda name, given: succeeded(glue._create_workflow({**given, "Name": name})),
            update=update_workflow,
            delete=lambda name: succeeded(glue._delete_workflow({"Name": name})),
            name_limit=255,
        )
    )
    register(
        ResourceType(
            type="AWS::Glue::SecurityConfiguration",
            create=lambda name, given: succeeded(glue._create_security_configuration(encryption(name, given))),
            update=lambda name, given: glue._security_configs[name].update(encryption(name, given)),
            delete=lambda name: succeeded(glue._delete_security_configuration({"Name": name})),
            name_limit=255,
        )
    )


def update_workflow(name: str, given: Properties) -> None:
    """Sets every property; those that the template no longer has get their defaults."""
    changed = {member: value for member, value in given.items() if member != "Tags"}
    succeeded(glue._update_workflow({"Description": "", "DefaultRunProperties": {}, **changed, "Name": name}))
    glue._tags[glue._arn("workflow", name)] = dict(given.get("Tags") or {})


def encryption(name: str, given: Properties) -> Record:
    """A security configuration in the API's form: one member is named differently in templates."""
    configuration: dict[str, Any] = dict(given["EncryptionConfiguration"])
    if "S3Encryptions" in configuration:
        configuration["S3Encryption"] = configuration.pop("S3Encryptions")
    return {"Name": name, "EncryptionConfiguration": configuration}


def set_database_fields(name: str, given: Properties) -> None:
    """Sets the members of DatabaseInput that ministack drops."""
    found = given.get("DatabaseInput", {})
    glue._databases[name].update({field: found[field] for field in DATABASE_FIELDS if field in found})
