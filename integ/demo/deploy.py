"""Runs the real CDK CLI against the local AWS."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from demo.timings import Timings

ROOT = Path(__file__).parents[2]
QUICKSTART = ROOT / "examples" / "quickstart"
STACK = "Lake"
LOG_LINES_SHOWN = 30
POLL_SECONDS = 0.05


class DeploymentError(Exception):
    """A command of the CDK CLI failed; the message ends with the last lines of its log."""


class Cdk:
    """Commands of the CDK CLI for examples/quickstart. Each writes its log into the folder."""

    def __init__(self, environment: Mapping[str, str], folder: Path, timings: Timings, app: str | None = None) -> None:
        """Prepares the commands.

        Args:
            environment: variables that point at an AWS account.
            folder: for logs, the cloud assembly and the stacks' outputs.
            timings: record the seconds of every command.
            app: command of another app with the quickstart's stack, run in the quickstart's folder.
        """
        # AWS_PROFILE would take precedence over the credentials of the local AWS.
        own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._environment = {**own, **environment}
        self._environment.update(CDK_DISABLE_CLI_TELEMETRY="true", FORCE_COLOR="0", PYTHONPATH=str(ROOT / "integ"))
        self._folder = folder
        self._assembly = str(folder / "cdk.out")
        self._timings = timings
        self._app = ("--app", app) if app else ()
        self._environment["TMPDIR"] = str(folder / "tmp")  # deleted with the folder
        (folder / "tmp").mkdir(parents=True, exist_ok=True)

    def bootstrap_and_synth(self, customers: Path | None = None) -> None:
        """Bootstraps and synthesizes at the same time: bootstrapping needs no app.

        Args:
            customers: a customers.json that replaces the app's own.
        """
        account, region = self._environment["CDK_DEFAULT_ACCOUNT"], self._environment["AWS_REGION"]
        self._run({"bootstrap": (f"aws://{account}/{region}", "--app", ""), "synth": self._synth(customers)})

    def synth(self, customers: Path | None = None) -> None:
        """Writes the cloud assembly, replacing an earlier one."""
        self._run({"synth": self._synth(customers)})

    def deploy(self, *more: str) -> dict[str, str]:
        """Deploys the assembly and returns the outputs of the lake's own stack.

        Args:
            more: options of `cdk deploy`.
        """
        return self.deploy_stacks("--all", *more)[STACK]

    def deploy_stacks(self, *stacks: str) -> dict[str, dict[str, str]]:
        """Deploys stacks of the assembly and returns the outputs by stack.

        Args:
            stacks: names or patterns, and options of `cdk deploy`.
        """
        outputs = self._folder / "outputs.json"
        options = ("--require-approval", "never", "--outputs-file", str(outputs))
        self._run({"deploy": ("--app", self._assembly, *options, *stacks)})
        found: dict[str, dict[str, str]] = json.loads(outputs.read_text())
        return found

    def import_resources(self, stack: str, mapping: Path) -> None:
        """Takes existing resources into a stack of the assembly, and makes the stack if there is none.

        Args:
            stack: its name.
            mapping: a file with the names of the resources by logical id.
        """
        self._run({"import": (stack, "--app", self._assembly, "--resource-mapping", str(mapping))})

    def destroy(self) -> None:
        """Deletes the stacks."""
        self._run({"destroy": ("--all", "--force", "--app", self._assembly)})

    def _synth(self, customers: Path | None) -> tuple[str, ...]:
        context = ("--context", f"customers={customers.resolve()}") if customers else ()
        return ("--quiet", "--output", self._assembly, *self._app, *context)

    def _run(self, commands: Mapping[str, tuple[str, ...]]) -> None:
        """Runs the commands in parallel. The first failure ends all of them."""
        with ExitStack() as stack:
            running = {name: stack.enter_context(self._started(name, *line)) for name, line in commands.items()}
            started = time.monotonic()
            while running:
                time.sleep(POLL_SECONDS)
                for name in [name for name, process in running.items() if process.poll() is not None]:
                    self._timings.add(f"cdk {name}", time.monotonic() - started)
                    self._check(name, running.pop(name).returncode)

    @contextmanager
    def _started(self, command: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        guard = (sys.executable, "-m", "demo.guard")
        cdk = (str(ROOT / "node_modules" / ".bin" / "cdk"), command, "--no-notices")
        with self._log(command).open("wb") as log:
            process = subprocess.Popen(
                (*guard, *cdk, *arguments),
                cwd=QUICKSTART,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that the app, a child of the CLI, can be killed with it
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdin:
                process.stdin.close()

    def _check(self, command: str, code: int) -> None:
        if code:
            tail = "\n".join(self._log(command).read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])
            raise DeploymentError(f"cdk {command} failed with exit code {code}\n{tail}")

    def _log(self, command: str) -> Path:
        return self._folder / f"cdk-{command}.log"
