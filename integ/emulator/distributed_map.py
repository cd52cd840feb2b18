"""The Distributed Map of Step Functions, as imports use it: a list in S3, batches, Express children, results in S3.

Source: Step Functions' pages on ItemReader, ItemBatcher, ResultWriter, Map Runs and quotas. Without JSONata or a
reader, ministack's own map runs.
"""

import contextvars
import copy
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.services import stepfunctions as states

from emulator import call_log
from emulator.answers import Record
from emulator.map_files import read_items, write_results

#: Call of the SDK with the role of the state machine: service, action, arguments.
Call = Callable[[str, str, Record], Record]

#: Input and output of a state.
MOST_BYTES = 262_144
EXPRESS_SECONDS = 300
#: Children that run at once here, whatever is asked: their threads share one interpreter.
MOST_CHILDREN = 4
COUNTS = (
    *("pending", "running", "succeeded", "failed", "timedOut", "aborted", "total", "resultsWritten"),
    *("failuresNotRedrivable", "pendingRedrive"),
)

_evaluating = threading.Lock()


def install(call_of: Callable[[str], Call]) -> None:
    """Replaces ministack's.

    Args:
        call_of: makes calls with the role of an ARN.
    """
    inner, evaluate = states._run_distributed_map, states._evaluate_jsonata

    def one_at_a_time(*arguments: Any, **options: Any) -> Any:
        with _evaluating:  # an expression may take a second of the clock, which many threads would use up together
            return evaluate(*arguments, **options)

    def run(state: Record, raw: Any, effective: Any, iterator: Record, execution: Record, ctx: Record) -> Any:
        if "ItemReader" not in state or states._state_query_language(state, ctx) != "JSONata":
            return inner(state, raw, effective, iterator, execution, ctx)
        machine = states._state_machines[execution["stateMachineArn"]]
        call_log.note(machine["roleArn"], "states:StartExecution", machine["stateMachineArn"])  # of the children
        return MapRun(state, raw, execution, ctx, call_of(machine["roleArn"])).run(iterator)

    states._run_distributed_map, states._evaluate_jsonata = run, one_at_a_time


class MapRun:
    """One run of the map."""

    def __init__(self, state: Record, raw: Any, execution: Record, ctx: Record, call: Call) -> None:
        """Reads the items; the role has to be allowed to."""
        self._state, self._raw, self._execution, self._ctx, self._call = state, raw, execution, ctx, call
        self._lock = threading.Lock()
        name = execution["stateMachineArn"].rsplit(":", 1)[-1]
        prefix = execution["stateMachineArn"].split(":stateMachine:")[0]
        self._id = str(uuid.uuid4())
        self.arn = f"{prefix}:mapRun:{name}/{state['Label']}:{self._id}"
        items = read_items(self._evaluated(state["ItemReader"]), call)
        self._batches = list(batches(items, self._evaluated(state["ItemBatcher"])))
        start = execution["startDate"]
        self._record: Record = {
            "mapRunArn": self.arn,
            "executionArn": execution["executionArn"],
            "_stateMachineArn": execution["stateMachineArn"],
            "status": "RUNNING",
            "startDate": start,
            "maxConcurrency": state["MaxConcurrency"],
            "toleratedFailurePercentage": float(state.get("ToleratedFailurePercentage", 0)),
            "toleratedFailureCount": int(state.get("ToleratedFailureCount", 0)),
            "itemCounts": dict.fromkeys(COUNTS, 0) | {"total": len(items), "pending": len(items)},
            "executionCounts": dict.fromkeys(COUNTS, 0) | dict.fromkeys(("total", "pending"), len(self._batches)),
            "redriveCount": 0,
        }
        states._map_runs[self.arn] = self._record

    def run(self, iterator: Record) -> Any:
        """Runs the children and writes what became of them."""
        start = iterator["ProcessorConfig"]
        if start.get("ExecutionType") != "EXPRESS":
            raise states._ExecutionError("States.Runtime", "the local AWS runs Express children only")
        with ThreadPoolExecutor(min(self._state["MaxConcurrency"], MOST_CHILDREN)) as pool:
            waiting = [pool.submit(contextvars.copy_context().run, self._child, iterator, b) for b in self._batches]
            ended = [each.result() for each in waiting]
        writer = self._evaluated(self._state["ResultWriter"])
        details = write_results(writer, ended, self.arn, self._id, self._call)
        failed = self._record["itemCounts"]["failed"] + self._record["itemCounts"]["timedOut"]
        total = self._record["itemCounts"]["total"]
        self._record["itemCounts"]["resultsWritten"] = total
        is_over = failed * 100 > self._record["toleratedFailurePercentage"] * total
        self._record.update(status="FAILED" if is_over else "SUCCEEDED", stopDate=states.now_iso())
        if is_over:
            text = "The specified tolerated failure threshold was exceeded"
            raise states._ExecutionError("States.ExceedToleratedFailureThreshold", text)
        result = {"MapRunArn": self.arn, "ResultWriterDetails": details}
        output = states._apply_jsonata_output(self._state, self._raw, self._ctx, result=result, default=result)
        return output, states._next_or_end(self._state)

    def _evaluated(self, field: Any) -> Any:
        return states._apply_jsonata_template(field, self._raw, self._ctx)

    def _child(self, iterator: Record, given: Record) -> Record:
        """Runs a child to its end, unless the execution was stopped."""
        child: Record = {"input": given, "status": "ABORTED", "name": str(uuid.uuid4())}
        if self._execution["status"] != "RUNNING":
            self._count(len(given["Items"]), "pending", "aborted")
            return child
        self._count(len(given["Items"]), "pending", "running")
        execution = {**self._execution, "name": child["name"], "events": [], "mockAttempts": {}}
        started = time.monotonic()
        try:
            check_size(given)
            ctx = copy.deepcopy(self._ctx)
            child["output"] = states._run_sub_machine(iterator["States"], iterator["StartAt"], given, execution, ctx)
            check_size(child["output"])
            child["status"] = "SUCCEEDED" if time.monotonic() - started < EXPRESS_SECONDS else "TIMED_OUT"
        except states._ExecutionError as error:
            child.update(status="FAILED", error=error.error, cause=error.cause)
        name = {"SUCCEEDED": "succeeded", "TIMED_OUT": "timedOut", "FAILED": "failed"}[child["status"]]
        self._count(len(given["Items"]), "running", name)
        return child

    def _count(self, items: int, before: str, after: str) -> None:
        with self._lock:
            for name, number in (("itemCounts", items), ("executionCounts", 1)):
                self._record[name][before] -= number
                self._record[name][after] += number


def batches(items: Iterable[Any], batcher: Record) -> Iterator[Record]:
    """Batches within both limits. An item that is larger than the limit by itself is a batch of its own."""
    most, most_bytes = batcher["MaxItemsPerBatch"], batcher["MaxInputBytesPerBatch"]
    shared = {"BatchInput": batcher["BatchInput"]} if "BatchInput" in batcher else {}
    batch: list[Any] = []
    for item in items:
        if len(batch) == most or (batch and size({"Items": [*batch, item], **shared}) > most_bytes):
            yield {"Items": batch, **shared}
            batch = []
        batch.append(item)
    if batch:
        yield {"Items": batch, **shared}


def size(value: Any) -> int:
    """Bytes of a value as JSON."""
    return len(json.dumps(value, ensure_ascii=False).encode())


def check_size(value: Any) -> None:
    """Refuses what no state can hold."""
    if size(value) > MOST_BYTES:
        text = "The state/task returned a result with a size exceeding the maximum number of bytes service limit."
        raise states._ExecutionError("States.DataLimitExceeded", text)
