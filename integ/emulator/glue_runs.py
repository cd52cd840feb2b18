"""Runs of Glue jobs: concurrency, queuing, retries, and the states that the API shows."""

import logging
import threading
from collections.abc import Callable

from ministack.services import glue

from emulator.answers import Answer, Properties, Record, answer, refusal
from emulator.job_process import JobProcesses, Outcome
from emulator.run_records import command_line, new_run, retry_of, timestamp

logger = logging.getLogger("emulator.glue")

FINAL_STATES = frozenset({"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"})
PAGE = 200


class GlueRuns:
    """The runs of all jobs."""

    def __init__(self, processes: JobProcesses, ended: Callable[[Record, Record], None]) -> None:
        """Replaces ministack's own handling of runs.

        Args:
            processes: start the scripts.
            ended: called with a job and its run when the run reaches a final state.
        """
        self._processes = processes
        self._ended = ended
        self._changed = threading.Condition()
        self._retries: dict[str, Record] = {}

    def install(self) -> None:
        """Replaces ministack's API actions."""
        glue._start_job_run = self.start
        glue._batch_stop_job_run = self.stop
        glue._get_job_runs = get_job_runs

    def start(self, data: Properties) -> Answer:
        """StartJobRun. Beyond MaxConcurrentRuns a run waits if queuing is enabled, and is refused otherwise.

        JobRunQueuingEnabled of the run overrides that of the job.
        """
        job = glue._jobs.get(data.get("JobName"))
        if job is None:
            return refusal("EntityNotFoundException", f"Failed to start job run due to missing job {data['JobName']}")
        with self._changed:
            is_queued = data.get("JobRunQueuingEnabled", job.get("JobRunQueuingEnabled", False))
            if len(active_runs(job)) >= max_concurrent_runs(job) and not is_queued:
                message = f"Concurrent runs exceeded for {job['Name']}"
                return refusal("ConcurrentRunsExceededException", message)
            record = self._add(new_run(job, data), job)
        return answer({"JobRunId": record["Id"]})

    def stop(self, data: Properties) -> Answer:
        """BatchStopJobRun."""
        name, stopped, errors = data["JobName"], [], []
        for run_id in data["JobRunIds"]:
            entry: Record = {"JobName": name, "JobRunId": run_id}
            with self._changed:
                error = self._stop(name, run_id)
                self._changed.notify_all()
            if error:
                errors.append({**entry, "ErrorDetail": {"ErrorCode": error, "ErrorMessage": f"{run_id}: {error}"}})
            else:
                stopped.append(entry)
        return answer({"SuccessfulSubmissions": stopped, "Errors": errors})

    def _stop(self, name: str, run_id: str) -> str | None:
        record = next((run for run in glue._job_runs.get(name, []) if run["Id"] == run_id), None)
        if record is None:
            return "EntityNotFoundException"
        if record["JobRunState"] in FINAL_STATES:
            return "IllegalSessionStateException"
        if record["JobRunState"] == "WAITING":
            record["JobRunState"] = "STOPPED"
        else:
            record["JobRunState"] = "STOPPING"
            self._processes.stop(run_id)
        return None

    def wait(self, record: Record) -> Record:
        """Waits for the end of a run or its last retry, and returns that run."""
        with self._changed:
            while "CompletedOn" not in record or record["Id"] in self._retries:
                if "CompletedOn" in record:
                    record = self._retries[record["Id"]]
                else:
                    self._changed.wait()
            return record

    def _add(self, record: Record, job: Record) -> Record:
        runs = glue._job_runs.setdefault(job["Name"], [])
        if len(slots(job)) >= max_concurrent_runs(job):
            record["JobRunState"] = "WAITING"
        runs.append(record)
        threading.Thread(target=self._execute, args=(job, record), daemon=True).start()
        return record

    def _execute(self, job: Record, record: Record) -> None:
        outcome = Outcome("STOPPED")
        began = timestamp()
        if self._wait_for_turn(job, record):
            began = timestamp()
            try:
                outcome = self._processes.run(job, record, command_line(job, record))
            except Exception as error:
                logger.exception("run %s of %s", record["Id"], job["Name"])
                outcome = Outcome("FAILED", f"{type(error).__name__}: {error}")
        with self._changed:
            now = timestamp()
            record.update(JobRunState=outcome.state, ErrorMessage=outcome.error, CompletedOn=now, LastModifiedOn=now)
            record["ExecutionTime"] = int(now - began)
            # Glue does not retry after a timeout. Source: its AddJob page.
            if outcome.state == "FAILED" and record["Attempt"] < int(job.get("MaxRetries") or 0):
                self._retries[record["Id"]] = self._add(retry_of(record), job)
            self._changed.notify_all()
        self._ended(job, record)

    def _wait_for_turn(self, job: Record, record: Record) -> bool:
        """False if the run is stopped while it waits."""
        with self._changed:
            self._changed.wait_for(lambda: record["JobRunState"] != "WAITING" or is_next(job, record))
            if record["JobRunState"] == "STOPPED":
                return False
            if record["JobRunState"] == "WAITING":
                record["JobRunState"] = "STARTING"
            return True


def active_runs(job: Record) -> list[Record]:
    """Unfinished runs, oldest first."""
    return [run for run in glue._job_runs.get(job["Name"], []) if run["JobRunState"] not in FINAL_STATES]


def slots(job: Record) -> list[Record]:
    """Runs that count against MaxConcurrentRuns."""
    return [run for run in active_runs(job) if run["JobRunState"] != "WAITING"]


def is_next(job: Record, record: Record) -> bool:
    """True if a waiting run may start: a slot is free and no other run has waited longer."""
    waiting = [run for run in active_runs(job) if run["JobRunState"] == "WAITING"]
    return len(slots(job)) < max_concurrent_runs(job) and waiting[0] is record


def max_concurrent_runs(job: Record) -> int:
    """The job's limit; 1 by default."""
    return int((job.get("ExecutionProperty") or {}).get("MaxConcurrentRuns") or 1)


def get_job_runs(data: Properties) -> Answer:
    """GetJobRuns, newest run first."""
    runs = list(reversed(glue._job_runs.get(data["JobName"], [])))
    start, size = int(data.get("NextToken") or 0), int(data.get("MaxResults") or PAGE)
    more = {"NextToken": str(start + size)} if start + size < len(runs) else {}
    return answer({"JobRuns": runs[start : start + size], **more})
