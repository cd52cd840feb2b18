"""Lake Formation, as far as a lake is asked about it: an account's settings. ministack has none of the service."""

import json
from collections.abc import Mapping
from typing import Any

from ministack import app

from emulator.answers import Answer, Record, answer, refusal

_EVERYBODY = {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}
#: Of a new account: whoever IAM allows may use new databases and tables.
_settings: Record = {
    "DataLakeAdmins": [],
    "CreateDatabaseDefaultPermissions": [_EVERYBODY],
    "CreateTableDefaultPermissions": [_EVERYBODY],
}


def install() -> None:
    """Adds the service."""
    app.SERVICE_HANDLERS["lakeformation"] = handle


async def handle(_method: str, path: str, _headers: Mapping[str, str], body: bytes, _query: Any) -> Answer:
    """GetDataLakeSettings and PutDataLakeSettings."""
    if path == "/GetDataLakeSettings":
        return answer({"DataLakeSettings": _settings})
    if path == "/PutDataLakeSettings":
        _settings.clear()
        _settings.update(json.loads(body)["DataLakeSettings"])  # replaces all of them, as AWS does
        return answer({})
    return refusal("UnknownOperationException", f"the local AWS has no {path}")
