"""The records of Glue runs, as the API shows them."""

import hashlib
import time
import uuid

from emulator.answers import Properties, Record

#: Of a job or a run, where nothing is given. Source: Glue's AddJob page, for Glue 5.0 and later.
TIMEOUT_MINUTES = 480


def new_run(job: Record, data: Properties) -> Record:
    """The record of a run that is about to start."""
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
    """The record of the next attempt at a run that failed."""
    attempt, now = record["Attempt"] + 1, timestamp()
    kept = {name: value for name, value in record.items() if name not in ("CompletedOn", "LogGroupName")}
    first = record["Id"].split("_attempt_")[0]
    fresh: Record = {"Id": f"{first}_attempt_{attempt}", "PreviousRunId": record["Id"], "Attempt": attempt}
    return {**kept, **fresh, "JobRunState": "STARTING", "StartedOn": now, "LastModifiedOn": now, "ErrorMessage": ""}


def command_line(job: Record, record: Record) -> Record:
    """The arguments of a run: NonOverridableArguments go before the run's, these before DefaultArguments."""
    return {
        **(job.get("DefaultArguments") or {}),
        **record["Arguments"],
        **(job.get("NonOverridableArguments") or {}),
        "--JOB_NAME": job["Name"],
        "--JOB_ID": f"j_{hashlib.sha256(job['Name'].encode()).hexdigest()}",
        "--JOB_RUN_ID": record["Id"],
    }


def timestamp() -> float:
    """Seconds, to the millisecond, as the API writes times."""
    return round(time.time(), 3)
