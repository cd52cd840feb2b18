"""Runs a Glue job as a process on this machine."""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ministack.services import glue

from emulator import call_log
from emulator.answers import Record
from emulator.job_environment import JobEnvironment, fetch
from emulator.job_logs import JobLog, group_prefix
from emulator.settings import ACCOUNT, REGION, Server

LAUNCHER = Path(__file__).with_name("job_launcher.py")
#: Time for the driver to release its work after a stop; then it is killed.
STOP_SECONDS = 10
ERROR_LENGTH = 1000
SIGNAL_EXIT = 128


@dataclass(frozen=True)
class Outcome:
    """Result of a process: a final JobRunState and, for a failure, the error."""

    state: str
    error: str = ""


class JobProcesses:
    """Starts the processes of runs and tracks those that are alive."""

    def __init__(self, server: Server) -> None:
        """Creates the pipe whose end tells the jobs that the server has ended."""
        self._server = server
        self._environment = JobEnvironment(server)
        self._life_end, self._life = os.pipe()
        self._lock = threading.Lock()
        self._alive: dict[str, subprocess.Popen[bytes]] = {}
        self._cause: dict[str, Outcome] = {}

    def run(self, job: Record, record: Record, arguments: Record) -> Outcome:
        """Runs the job's script to its end.

        Args:
            job: as the API has it.
            record: of the run, which is RUNNING once its process is there.
            arguments: of the command line.
        """
        folder = self._server.directory / "runs" / record["Id"]
        folder.mkdir(parents=True)
        try:
            with ExitStack() as stack:
                return self._run(job, record, arguments, folder, stack)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, job: Record, record: Record, arguments: Record, folder: Path, stack: ExitStack) -> Outcome:
        script = fetch(job["Command"]["ScriptLocation"], folder)
        parts = (part.strip() for part in arguments.get("--extra-py-files", "").split(","))
        locations = [part for part in parts if part]
        libraries = [fetch(location, folder) for location in locations]
        for location in [job["Command"]["ScriptLocation"], *locations]:
            call_log.note(job["Role"], "s3:GetObject", location.replace("s3://", "arn:aws:s3:::"))
        words = [str(word) for pair in arguments.items() for word in pair]
        process = subprocess.Popen(
            [self._server.glue_python, LAUNCHER, str(self._life_end), script, *words],
            cwd=folder,
            env=self._environment.variables(job["Role"], record["Id"], folder, libraries),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(self._life_end,),
            start_new_session=True,
        )
        with self._lock:
            self._alive[record["Id"]] = process
            stopped = record["Id"] in self._cause
        if stopped:
            end_group(process, signal.SIGKILL)
        else:
            record["JobRunState"] = "RUNNING"
        error_log = self._logs(job, record, arguments, process, stack)
        timer = threading.Timer(record["Timeout"] * 60, self._time_out, (record["Id"],))
        timer.daemon = True
        timer.start()
        code = wait_for_group(process)
        timer.cancel()
        stack.close()  # the logs are complete after this
        return self._outcome(record["Id"], code, error_log.tail)

    def _logs(
        self, job: Record, record: Record, arguments: Record, process: subprocess.Popen[bytes], stack: ExitStack
    ) -> JobLog:
        configuration = record.get("SecurityConfiguration", "")
        prefix = group_prefix(arguments, configuration, job["Role"])
        key = log_key(configuration)
        logs = {name: JobLog(f"{prefix}/{name}", record["Id"], key) for name in ("output", "error")}
        record["LogGroupName"] = prefix
        for name in logs:
            note_log(job["Role"], f"{prefix}/{name}", record["Id"], encrypted=bool(key))
        for name, stream in (("output", process.stdout), ("error", process.stderr)):
            if stream:
                stack.enter_context(logs[name].copying(stream))
        return logs["error"]

    def _outcome(self, run_id: str, code: int, errors: Sequence[str]) -> Outcome:
        with self._lock:
            self._alive.pop(run_id, None)
            cause = self._cause.pop(run_id, None)
        if cause:
            return cause
        return Outcome("FAILED", error_message(code, errors)) if code else Outcome("SUCCEEDED")

    def stop(self, run_id: str) -> None:
        """Asks the driver to end. Kills the run if it does not end in time."""
        self._end(run_id, Outcome("STOPPED"), signal.SIGTERM)
        timer = threading.Timer(STOP_SECONDS, self._end, (run_id, Outcome("STOPPED"), signal.SIGKILL))
        timer.daemon = True
        timer.start()

    def _time_out(self, run_id: str) -> None:
        self._end(run_id, Outcome("TIMEOUT", "Job timed out"), signal.SIGKILL)

    def _end(self, run_id: str, cause: Outcome, number: signal.Signals) -> None:
        with self._lock:
            process = self._alive.get(run_id)
            if process is None and number == signal.SIGKILL:
                return
            self._cause.setdefault(run_id, cause)
        if process and number == signal.SIGKILL:
            end_group(process, number)
        elif process:
            process.send_signal(number)  # only the driver, which needs its JVM to shut down

    def kill_all(self) -> None:
        """Ends every run at once."""
        with self._lock:
            for process in self._alive.values():
                end_group(process, signal.SIGKILL)


def wait_for_group(process: subprocess.Popen[bytes]) -> int:
    """Waits for the driver, kills the rest of its process group, and returns the exit code as a shell does."""
    code = process.wait()
    end_group(process, signal.SIGKILL)
    return SIGNAL_EXIT - code if code < 0 else code


def end_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Sends a signal to a driver and all its descendants."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):  # macOS raises it if only a zombie is left
        return


def error_message(code: int, lines: Sequence[str]) -> str:
    """The exception that ended the script, or else the last line of its standard error."""
    trace = max((number for number, line in enumerate(lines) if line.startswith("Traceback ")), default=None)
    if trace is not None:
        exception = next((line for line in list(lines)[trace + 1 :] if not line.startswith(" ")), "")
        if exception:
            return exception[:ERROR_LENGTH]
    if code > SIGNAL_EXIT or not lines:
        return f"Command failed with exit code {code}"
    return lines[-1][:ERROR_LENGTH]


def note_log(role: str, group: str, stream: str, *, encrypted: bool) -> None:
    """Records the calls with which Glue writes logs, using the job's role."""
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"
    on_group = ["CreateLogGroup", *(["AssociateKmsKey"] if encrypted else [])]
    for resource, actions in ((arn, on_group), (f"{arn}:log-stream:{stream}", ["CreateLogStream", "PutLogEvents"])):
        for action in actions:
            call_log.note(role, f"logs:{action}", resource)


def log_key(security_configuration: str) -> str | None:
    """The key of the log groups of a security configuration."""
    found = glue._security_configs.get(security_configuration) or {}
    key: str | None = found.get("EncryptionConfiguration", {}).get("CloudWatchEncryption", {}).get("KmsKeyArn")
    return key
