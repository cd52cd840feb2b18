"""Glue: encryption of the Data Catalog, which ministack lacks. A setting only: nothing in the catalog is encrypted."""

import json

from ministack.services import glue

from emulator.answers import Answer, Record, answer

_settings: Record = {"EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"}}


def install() -> None:
    """Adds GetDataCatalogEncryptionSettings and PutDataCatalogEncryptionSettings."""
    inner = glue._handle_request_sync

    def handle(method: str, path: str, headers: Record, body: bytes, query: Record) -> Answer:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if operation == "PutDataCatalogEncryptionSettings":
            _settings.update(json.loads(body)["DataCatalogEncryptionSettings"])
            return answer({})
        if operation == "GetDataCatalogEncryptionSettings":
            return answer({"DataCatalogEncryptionSettings": _settings})
        made: Answer = inner(method, path, headers, body, query)
        return made

    glue._handle_request_sync = handle
