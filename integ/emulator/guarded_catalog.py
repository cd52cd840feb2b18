"""Lake Formation's guard of the Glue catalog, and its grants in CloudFormation.

A database or a table that is created while the account's settings do not leave it to IAM is closed: a role then needs a
grant besides what IAM allows. The creator of a table needs none for it; the account itself never does, like a data lake
administrator. Source: Lake Formation's pages on default settings, implicit permissions and its permissions reference.
"""

import json
from collections.abc import Mapping
from typing import Any

from ministack import app
from ministack.core import router
from ministack.services import glue, sts

from emulator import lake_formation
from emulator.answers import Answer, Properties, Record, refusal, succeeded
from emulator.cloudformation_types import ResourceType, register

#: By action, what it takes on the database, or else on the table.
ON_DATABASE = {"GetDatabase": "DESCRIBE", "CreateTable": "CREATE_TABLE"}
ON_TABLE = {"GetTable": "DESCRIBE", "UpdateTable": "ALTER"}

_closed: set[str] = set()
_creators: dict[str, str] = {}


def install() -> None:
    """Notes what is created closed, and asks before a role uses it."""
    inner_database, inner_table = glue._create_database, glue._create_table
    inner_handle = app.SERVICE_HANDLERS["glue"]

    def create_database(data: Properties) -> Answer:
        note_creation(data["DatabaseInput"]["Name"], "Database")
        made: Answer = inner_database(data)
        return made

    def create_table(data: Properties) -> Answer:
        if table_of(data) not in glue._tables:
            note_creation(table_of(data), "Table")
        made: Answer = inner_table(data)
        return made

    async def handle(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Any:
        session = sts._sessions.get(router.extract_access_key_id(headers, query))
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if not session or action not in {**ON_DATABASE, **ON_TABLE}:
            return await inner_handle(method, path, headers, body, query)
        role, data = role_of(session["Arn"]), json.loads(body)
        missing = missing_permission(role, action, data)
        if missing:
            return refusal("AccessDeniedException", f"Insufficient Lake Formation permission(s): Required {missing}")
        if action == "CreateTable" and table_of(data) not in glue._tables:
            _creators[table_of(data)] = role
        return await inner_handle(method, path, headers, body, query)

    glue._create_database, glue._create_table = create_database, create_table
    app.SERVICE_HANDLERS["glue"] = handle


def note_creation(place: str, kind: str) -> None:
    """Closes a database or a table, unless the settings leave it to IAM."""
    if lake_formation.leaves_to_iam(kind):
        _closed.discard(place)
    else:
        _closed.add(place)


def role_of(session_arn: str) -> str:
    """ARN of the role of a session."""
    account, name = session_arn.split(":")[4], session_arn.split("/")[1]
    return f"arn:aws:iam::{account}:role/{name}"


def table_of(data: Properties) -> str:
    """A table with its database, as the request names them."""
    return f"{data['DatabaseName']}/{data.get('Name') or data['TableInput']['Name']}"


def missing_permission(role: str, action: str, data: Properties) -> str:
    """What a role would need for an action and lacks, in AWS's words; empty if it may."""
    of_tables = action in ON_TABLE
    permission = {**ON_DATABASE, **ON_TABLE}[action]
    database = data.get("DatabaseName") or data["Name"]
    place = table_of(data) if of_tables else database
    is_open = place not in _closed or _creators.get(place) == role
    if is_open or lake_formation.is_granted(role, database, permission, of_tables):
        return ""
    return f"{permission.replace('_', ' ').title()} on {place.rpartition('/')[2]}"


def describe(given: Properties) -> str:
    """The physical id: principal and resource."""
    return json.dumps([given["Principal"], given["Resource"]], sort_keys=True)


def put_grant(given: Properties) -> str:
    """Creates the grant."""
    succeeded(lake_formation.call("/GrantPermissions", given))
    return describe(given)


def install_provisioning() -> None:
    """AWS::LakeFormation::PrincipalPermissions. Every property is replacing."""
    register(
        ResourceType(
            type="AWS::LakeFormation::PrincipalPermissions",
            create=lambda _name, given: put_grant(given),
            physical_id=lambda _, made: str(made),
            update=lambda *_: None,
            delete=delete_grant,
            replacing=("Permissions", "PermissionsWithGrantOption", "Principal", "Resource"),
        )
    )


def delete_grant(physical_id: str) -> None:
    """Revokes what the principal has on the resource; nothing if the database is gone."""
    principal, resource = json.loads(physical_id)
    place: Record = {"Principal": principal, "Resource": resource}
    found = lake_formation.call("/ListPermissions", place)
    if found[0] < 300:
        for entry in json.loads(found[2])["PrincipalResourcePermissions"]:
            succeeded(lake_formation.call("/RevokePermissions", {**place, "Permissions": entry["Permissions"]}))
