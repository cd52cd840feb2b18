"""Glue workflows, started by EventBridge through an EVENT trigger or by StartWorkflowRun."""

import json
import logging
import threading
from collections.abc import Sequence

from ministack.services import glue

from emulator.answers import Answer, Properties, Record, answer, refusal, succeeded
from emulator.glue_runs import GlueRuns
from emulator.run_records import timestamp

logger = logging.getLogger("emulator.glue")

#: Default BatchWindow in seconds. Source: Glue's EventBatchingCondition.
BATCH_WINDOW = 900
OK = 200
COUNTED = {"SUCCEEDED": "SucceededActions", "STOPPED": "StoppedActions", "TIMEOUT": "TimeoutActions"}


class Workflows:
    """Events and runs of workflows."""

    def __init__(self, runs: GlueRuns) -> None:
        """Actions of triggers start jobs through the runs."""
        self._runs = runs
        self._lock = threading.Lock()
        self._batches: dict[str, list[str]] = {}

    def install(self) -> None:
        """Replaces ministack's API actions and adds the missing ones."""
        inner = glue._handle_request_sync
        actions = {
            "GetWorkflowRun": get_workflow_run,
            "GetWorkflowRuns": get_workflow_runs,
            "GetWorkflowRunProperties": get_workflow_run_properties,
        }

        def handle(method: str, path: str, headers: Record, body: bytes, query: Record) -> Answer:
            action = actions.get(headers.get("x-amz-target", "").rpartition(".")[2])
            made: Answer = action(json.loads(body)) if action else inner(method, path, headers, body, query)
            return made

        glue._handle_request_sync = handle
        self._start_run, glue._start_workflow_run = glue._start_workflow_run, self.start

    def start(self, data: Properties) -> Answer:
        """StartWorkflowRun: runs the actions of the workflow's ON_DEMAND triggers."""
        return self._start(data["Name"], "ON_DEMAND", data.get("RunProperties") or {})

    def notify_event(self, name: str, event_id: str) -> str | None:
        """An event reaches a workflow: NotifyEvent.

        Its EVENT trigger fires at BatchSize events, or BatchWindow seconds after the first one. A batch that fires
        while the workflow has MaxConcurrentRuns is lost, as Glue guarantees no delivery. The event that fills it is
        refused. That AWS does so, too, is likely but unproved; to be ready for it is safe.

        Returns:
            The refusal; None if the event was taken.
        """
        trigger = next(iter(triggers(name, "EVENT")), None)
        if trigger is None:
            return None
        condition = trigger.get("EventBatchingCondition") or {"BatchSize": 1}
        with self._lock:
            batch = self._batches.setdefault(name, [])
            batch.append(event_id)
            is_full = len(batch) >= int(condition["BatchSize"])
            if is_full:
                del self._batches[name]
        if is_full:
            return self._fire(name, batch)
        if len(batch) == 1:
            timer = threading.Timer(float(condition.get("BatchWindow", BATCH_WINDOW)), self._close, (name, batch))
            timer.daemon = True
            timer.start()
        return None

    def _close(self, name: str, batch: list[str]) -> None:
        with self._lock:
            if self._batches.get(name) is not batch:
                return  # it has become full in the meantime
            del self._batches[name]
        self._fire(name, batch)

    def _fire(self, name: str, event_ids: Sequence[str]) -> str | None:
        started = self._start(name, "EVENT", {"aws:eventIds": json.dumps(event_ids)})
        if started[0] == OK:
            return None
        logger.info("workflow %s: %s", name, started[2])
        return started[2].decode()

    def _start(self, name: str, trigger_type: str, properties: Record) -> Answer:
        with self._lock:
            running = [run for run in glue._workflow_runs.get(name, []) if run["Status"] == "RUNNING"]
            limit = int((glue._workflows.get(name) or {}).get("MaxConcurrentRuns") or 0)
            if limit and len(running) >= limit:
                return refusal("ConcurrentRunsExceededException", f"Concurrent runs exceeded for workflow {name}")
            made: Answer = self._start_run({"Name": name})
            if made[0] != OK:
                return made
            run = glue._workflow_runs[name][-1]
        run["WorkflowRunProperties"].update(properties)
        actions = [action for trigger in triggers(name, trigger_type) for action in trigger["Actions"]]
        threading.Thread(target=self._follow, args=(run, actions), daemon=True).start()
        return answer({"RunId": run["WorkflowRunId"]})

    def _follow(self, run: Record, actions: Sequence[Record]) -> None:
        statistics = run["Statistics"]
        statistics["TotalActions"] = len(actions)
        own = {"--WORKFLOW_NAME": run["Name"], "--WORKFLOW_RUN_ID": run["WorkflowRunId"]}
        started = [
            (action, self._runs.start({**action, "Arguments": {**(action.get("Arguments") or {}), **own}}))
            for action in actions
        ]
        for action, made in started:
            state = "FAILED"
            if made[0] == OK:
                run_id = succeeded(made)["JobRunId"]
                record = next(found for found in glue._job_runs[action["JobName"]] if found["Id"] == run_id)
                state = self._runs.wait(record)["JobRunState"]
            statistics[COUNTED.get(state, "FailedActions")] += 1
        run.update(Status="COMPLETED", CompletedOn=timestamp())


def triggers(workflow: str, type_: str) -> list[Record]:
    """Active triggers of a workflow."""
    found = list(glue._triggers.values())
    live = {"EVENT": ("ACTIVATED",), "ON_DEMAND": ("CREATED", "ACTIVATED")}[type_]
    return [t for t in found if t["WorkflowName"] == workflow and t["Type"] == type_ and t["State"] in live]


def find_run(data: Properties) -> Record | None:
    """Finds a run by workflow and id."""
    runs = glue._workflow_runs.get(data["Name"], [])
    return next((run for run in runs if run["WorkflowRunId"] == data["RunId"]), None)


def get_workflow_run(data: Properties) -> Answer:
    """GetWorkflowRun."""
    run = find_run(data)
    return answer({"Run": run}) if run else refusal("EntityNotFoundException", "Workflow run not found")


def get_workflow_runs(data: Properties) -> Answer:
    """GetWorkflowRuns, newest first, on one page."""
    return answer({"Runs": list(reversed(glue._workflow_runs.get(data["Name"], [])))})


def get_workflow_run_properties(data: Properties) -> Answer:
    """GetWorkflowRunProperties."""
    run = find_run(data)
    return answer({"RunProperties": run["WorkflowRunProperties"]}) if run else get_workflow_run(data)
