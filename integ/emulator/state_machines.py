"""Step Functions: the optimized integration with Glue."""

import json
from typing import Any

from ministack.services import glue
from ministack.services import stepfunctions as states

from emulator.answers import Record
from emulator.glue_runs import GlueRuns

START_JOB_RUN = "arn:aws:states:::glue:startJobRun"


def install(runs: GlueRuns) -> None:
    """Adds glue:startJobRun; with .sync it waits for the run and fails as it does."""

    def start_job_run(resource: str, data: Any) -> Record:
        request = data or {}
        status, _, body = runs.start(request)
        found: Record = json.loads(body)
        if status >= 400:
            raise states._ExecutionError(f"Glue.{found['__type']}", found.get("message", ""))
        if not resource.endswith(".sync"):
            return found
        record = next(run for run in glue._job_runs[request["JobName"]] if run["Id"] == found["JobRunId"])
        ended = runs.wait(record)
        if ended["JobRunState"] != "SUCCEEDED":
            raise states._ExecutionError("States.TaskFailed", json.dumps(ended))
        return ended

    states._SERVICE_DISPATCH[START_JOB_RUN] = start_job_run
