"""The records of Glue runs, as the API shows them."""

import hashlib
import time
import uuid

from emulator.answers import Properties, Record

#: Default timeout. Source: Glue's AddJob page, for Glue 5.0 and later.
TIMEOUT_MINUTES = 480


def new_run(job: Record, data: Properties) -> Record:
    """Record of a new run."""
    now = timestamp()
    own = ("WorkerType", "NumberOfWorkers", "MaxCapacity", "GlueVersion", "ExecutionClass")
    return {
        "Id": f"jr_{uuid.uuid4().hex}{uuid.uuid4().hex}",
        "Attempt": 0,
        "JobName": job["Name"],
        "JobRunState": "STARTING",
        "StartedOn": now,
        "LastModifiedOn": now,
        "ErrorMessage": "",
        "PredecessorRuns": [],
        "ExecutionTime": 0,
        "Arguments": dict(data.get("Arguments") or {}),
        "Timeout": data.get("Timeout") or job.get("Timeout") or TIMEOUT_MINUTES,
        "SecurityConfiguration": data.get("SecurityConfiguration") or job.get("SecurityConfiguration") or "",
        **{name: value for name in own if (value := data.get(name) or job.get(name)) is not None},
    }


def retry_of(record: Record) -> Record:
    """Record of the next attempt after a failed run."""
    attempt, now = record["Attempt"] + 1, timestamp()
    kept = {name: value for name, value in record.items() if name not in ("CompletedOn", "LogGroupName")}
    first = record["Id"].split("_attempt_")[0]
    fresh: Record = {"Id": f"{first}_attempt_{attempt}", "PreviousRunId": record["Id"], "Attempt": attempt}
    return {**kept, **fresh, "JobRunState": "STARTING", "StartedOn": now, "LastModifiedOn": now, "ErrorMessage": ""}


def command_line(job: Record, record: Record) -> Record:
    """Arguments of a run. NonOverridableArguments override the run's own, which override DefaultArguments."""
    return {
        **(job.get("DefaultArguments") or {}),
        **record["Arguments"],
        **(job.get("NonOverridableArguments") or {}),
        "--JOB_NAME": job["Name"],
        "--JOB_ID": f"j_{hashlib.sha256(job['Name'].encode()).hexdigest()}",
        "--JOB_RUN_ID": record["Id"],
    }


def timestamp() -> float:
    """Seconds with millisecond precision, as in the API."""
    return round(time.time(), 3)
