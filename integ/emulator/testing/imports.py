"""The state machine of imports without the rest of a lake."""

import json
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from emulator.client import ROOT
from emulator.testing.probe import Client, eventually

ORGANIZATION = "importers"
ROLE = "arn:aws:iam::123456789012:role/import"
SOURCE, REPORTS, TARGET = "old-exports", f"{ORGANIZATION}-reports", f"{ORGANIZATION}-acme-dev-datalake"


@cache
def definition() -> str:
    """The definition that the construct makes."""
    script = "integ/emulator/testing/import-definition.ts"
    line = ["node", "--import", "tsx", script, ORGANIZATION, "dev"]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout


class Imports:
    """Source, customer's bucket, bucket of reports and state machine."""

    def __init__(self, client: Client) -> None:
        """Creates them."""
        self.s3, self.states = client("s3"), client("stepfunctions")
        for bucket in (SOURCE, REPORTS, TARGET):
            self.s3.create_bucket(Bucket=bucket)
        self.s3.put_bucket_versioning(Bucket=TARGET, VersioningConfiguration={"Status": "Enabled"})
        made = self.states.create_state_machine(name="import", roleArn=ROLE, definition=definition())
        self.machine: str = made["stateMachineArn"]

    def put(self, key: str, body: bytes = b"a\n1\n", **options: Any) -> dict[str, Any]:
        """Puts an object into the source, and returns its line of the list."""
        etag = self.s3.put_object(Bucket=SOURCE, Key=key, Body=body, **options)["ETag"]
        line = {"from": key, "to": f"raw/{key}", "bytes": len(body), "etag": etag}
        return {**line, "uploadedAt": "2019-05-31T12:00:00.000Z"}

    def start(self, id_: str, lines: Sequence[dict[str, Any]], listed: int | None = None) -> str:
        """Starts an import of a list."""
        body = "".join(f"{json.dumps(line)}\n" for line in lines)
        self.s3.put_object(Bucket=REPORTS, Key=f"{id_}/list.jsonl", Body=body.encode())
        given = {"id": id_, "customer": "acme", "source": SOURCE, "listed": len(lines) if listed is None else listed}
        started = self.states.start_execution(stateMachineArn=self.machine, name=id_, input=json.dumps(given))
        arn: str = started["executionArn"]
        return arn

    @eventually
    def ended(self, arn: str) -> dict[str, Any]:
        """Waits for the end of an import."""
        found: dict[str, Any] = self.states.describe_execution(executionArn=arn)
        assert found["status"] != "RUNNING"  # noqa: S101
        return found

    def results(self, id_: str) -> dict[str, dict[str, Any]]:
        """The results of an import, by the key in the source."""
        found = self.s3.list_objects_v2(Bucket=REPORTS, Prefix=f"{id_}/results/").get("Contents", [])
        keys = [each["Key"] for each in found if each["Key"].endswith("SUCCEEDED_0.jsonl")]
        bodies = [self.s3.get_object(Bucket=REPORTS, Key=key)["Body"].read().decode() for key in keys]
        lines = [json.loads(line) for body in bodies for line in body.split("\n") if line]
        return {line["from"]: line for line in lines}

    def copied(self) -> dict[str, str]:
        """The `uploaded-at` of the customer's objects, by key."""
        found = self.s3.list_objects_v2(Bucket=TARGET).get("Contents", [])
        heads = {each["Key"]: self.s3.head_object(Bucket=TARGET, Key=each["Key"]) for each in found}
        return {key: head["Metadata"]["uploaded-at"] for key, head in heads.items()}

    def clear(self) -> None:
        """Empties source and target."""
        for bucket in (SOURCE, TARGET):
            for each in self.s3.list_objects_v2(Bucket=bucket).get("Contents", []):
                self.s3.delete_object(Bucket=bucket, Key=each["Key"])


def new_id() -> str:
    """An id for an import."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
