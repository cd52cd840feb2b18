"""Lake Formation: an account's settings, and grants on databases and their tables. ministack has none of the service.

Source: Lake Formation's API. The words of refusals are ours, but for their codes.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack import app
from ministack.services import glue

from emulator.answers import Answer, Properties, Record, answer, refusal
from emulator.refusals.principals import exists
from emulator.refusals.refusal import RefusalError

_EVERYBODY = {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}
#: Of a new account: whoever IAM allows may use new databases and tables.
_settings: Record = {
    "DataLakeAdmins": [],
    "CreateDatabaseDefaultPermissions": [_EVERYBODY],
    "CreateTableDefaultPermissions": [_EVERYBODY],
}
#: A principal, a database, and whether it is about the tables of the database: the permissions.
Place = tuple[str, str, bool]
_grants: dict[Place, set[str]] = {}


def install() -> None:
    """Adds the service."""
    app.SERVICE_HANDLERS["lakeformation"] = handle


async def handle(_method: str, path: str, _headers: Mapping[str, str], body: bytes, _query: Any) -> Answer:
    """The calls by their paths."""
    return call(path, json.loads(body or b"{}"))


def call(path: str, data: Properties) -> Answer:
    """One call."""
    if path not in CALLS:
        return refusal("UnknownOperationException", f"the local AWS has no {path}")
    try:
        return CALLS[path](data)
    except RefusalError as refused:
        return refusal(refused.code, refused.message)


def get_settings(_data: Properties) -> Answer:
    """GetDataLakeSettings."""
    return answer({"DataLakeSettings": _settings})


def put_settings(data: Properties) -> Answer:
    """PutDataLakeSettings. It replaces all settings, as AWS does."""
    _settings.clear()
    _settings.update(data["DataLakeSettings"])
    return answer({})


def leaves_to_iam(kind: str) -> bool:
    """Whether new databases (`Database`) or new tables (`Table`) are open to whoever IAM allows."""
    return _EVERYBODY in _settings.get(f"Create{kind}DefaultPermissions", [])


def place_of(data: Properties) -> Place:
    """What a grant is about.

    Raises:
        RefusalError: the principal or the database does not exist.
    """
    principal, resource = data["Principal"]["DataLakePrincipalIdentifier"], data["Resource"]
    of_tables = "Table" in resource
    database = resource["Table"]["DatabaseName"] if of_tables else resource["Database"]["Name"]
    if not exists(principal):
        raise RefusalError("AWSLakeFormation", "InvalidInputException", "Invalid principal")
    if database not in glue._databases:
        raise RefusalError("AWSLakeFormation", "EntityNotFoundException", f"Database not found: {database}")
    return principal, database, of_tables


def grant(data: Properties) -> Answer:
    """GrantPermissions."""
    _grants.setdefault(place_of(data), set()).update(data["Permissions"])
    return answer({})


def revoke(data: Properties) -> Answer:
    """RevokePermissions."""
    place = place_of(data)
    if not set(data["Permissions"]) <= _grants.get(place, set()):
        raise RefusalError(
            "AWSLakeFormation", "InvalidInputException", "No permissions revoked. Grantee has none of them."
        )
    _grants[place] -= set(data["Permissions"])
    return answer({})


def list_permissions(data: Properties) -> Answer:
    """ListPermissions of a principal and a resource."""
    place = place_of(data)
    found = sorted(_grants.get(place, ()))
    described = {
        "Principal": data["Principal"],
        "Resource": data["Resource"],
        "Permissions": found,
        "PermissionsWithGrantOption": [],
    }
    return answer({"PrincipalResourcePermissions": [described] if found else []})


def is_granted(principal: str, database: str, permission: str, of_tables: bool) -> bool:
    """Whether a principal has a permission on a database, or on its tables."""
    return permission in _grants.get((principal, database, of_tables), set())


CALLS: Mapping[str, Callable[[Properties], Answer]] = {
    "/GetDataLakeSettings": get_settings,
    "/PutDataLakeSettings": put_settings,
    "/GrantPermissions": grant,
    "/RevokePermissions": revoke,
    "/ListPermissions": list_permissions,
}
