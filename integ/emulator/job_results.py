"""The event and the metrics that Glue publishes when a run ends."""

import datetime
import json
import uuid

from ministack.services import eventbridge

from emulator.answers import Record
from emulator.metrics import record
from emulator.run_records import command_line
from emulator.settings import ACCOUNT, REGION

SEVERITIES = {"SUCCEEDED": "INFO", "STOPPED": "WARN"}


def report(job: Record, run: Record) -> None:
    """Publishes the event and the metrics."""
    send_event(job, run)
    record_metrics(job, run)


def send_event(job: Record, run: Record) -> None:
    """Sends `Glue Job State Change` to the default bus."""
    state = run["JobRunState"]
    detail = {
        "jobName": job["Name"],
        "severity": SEVERITIES.get(state, "ERROR"),
        "state": state,
        "jobRunId": run["Id"],
        "message": run["ErrorMessage"] or f"Job run {state.lower()}",
    }
    eventbridge._dispatch_event(
        {
            "EventId": str(uuid.uuid4()),
            "Source": "aws.glue",
            "DetailType": "Glue Job State Change",
            "Detail": json.dumps(detail),
            "EventBusName": "default",
            "Time": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Resources": [],
            "Account": ACCOUNT,
            "Region": REGION,
        }
    )


def record_metrics(job: Record, run: Record) -> None:
    """Records the observability metrics of a run if its job has them enabled."""
    if command_line(job, run).get("--enable-observability-metrics") != "true" or run["JobRunState"] == "STOPPED":
        return
    has_succeeded = run["JobRunState"] == "SUCCEEDED"
    for run_id in (run["Id"], "ALL"):
        dimensions = {"JobName": job["Name"], "JobRunId": run_id, "Type": "count", "ObservabilityGroup": "error"}
        record("Glue", "glue.succeed.ALL", int(has_succeeded), dimensions)
        record("Glue", "glue.error.ALL", int(not has_succeeded), dimensions)
