"""The files of a Distributed Map: the list that it reads, and the results that it writes, each with the role's calls.

Source: Step Functions' pages on ItemReader and ResultWriter.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from ministack.services import stepfunctions as states

from emulator.answers import Record

READ = "arn:aws:states:::s3:getObject"
WRITE = "arn:aws:states:::s3:putObject"
#: Names of the files, by the status of the children.
FILES = {"SUCCEEDED": "SUCCEEDED", "FAILED": "FAILED", "TIMED_OUT": "FAILED", "ABORTED": "PENDING"}

Call = Callable[[str, str, Record], Record]


def read_items(reader: Record, call: Call) -> list[Any]:
    """The lines of a file of JSON lines."""
    if reader["Resource"] != READ or reader["ReaderConfig"] != {"InputType": "JSONL"}:
        raise states._ExecutionError("States.Runtime", "the local AWS reads lists of JSON lines only")
    try:
        body = call("s3", "getObject", reader["Arguments"])["Body"]
    except states._ExecutionError as error:
        raise states._ExecutionError("States.ItemReaderFailed", error.cause) from error
    return [json.loads(line) for line in str(body).split("\n") if line]


def write_results(writer: Record, children: Sequence[Record], arn: str, run_id: str, call: Call) -> Record:
    """Writes a file for each status, and the manifest. Returns the place of the manifest.

    With FLATTEN, a child's output is its elements, a line each; a child that failed is written with its input.
    """
    if writer["Resource"] != WRITE or writer["WriterConfig"] != {"Transformation": "FLATTEN", "OutputType": "JSONL"}:
        raise states._ExecutionError("States.Runtime", "the local AWS writes results flattened, as JSON lines")
    place = writer["Arguments"]
    found: dict[str, list[Record]] = {name: [] for name in ("FAILED", "PENDING", "SUCCEEDED")}
    for name in found:
        lines = [json.dumps(line) for child in children if FILES[child["status"]] == name for line in lines_of(child)]
        if lines:
            key, body = f"{place['Prefix']}/{run_id}/{name}_0.jsonl", "".join(f"{line}\n" for line in lines)
            put(call, place["Bucket"], key, body)
            found[name].append({"Key": key, "Size": len(body.encode())})
    key = f"{place['Prefix']}/{run_id}/manifest.json"
    manifest = {"DestinationBucket": place["Bucket"], "MapRunArn": arn, "ResultFiles": found}
    put(call, place["Bucket"], key, json.dumps(manifest))
    return {"Bucket": place["Bucket"], "Key": key}


def lines_of(child: Record) -> list[Any]:
    """What the files have of a child."""
    if child["status"] == "SUCCEEDED":
        output = child["output"]
        return output if isinstance(output, list) else [output]
    return [{"Input": json.dumps(child["input"]), **{name.title(): child.get(name) for name in ("error", "cause")}}]


def put(call: Call, bucket: str, key: str, body: str) -> None:
    """Puts a file."""
    try:
        call("s3", "putObject", {"Bucket": bucket, "Key": key, "Body": body})
    except states._ExecutionError as error:
        raise states._ExecutionError("States.ResultWriterFailed", error.cause) from error
