"""Runs the bundled command as a user does."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from emulator.client import ROOT

BUNDLE = ROOT / "lib" / "cli" / "index.js"
SOURCES = ("cli", "src", "schemas")

Customers = list[dict[str, object]]
#: Of the lake that tests deploy by hand.
BUCKET = "mycompany-acme-dev-datalake"
QUEUE = "LakeProcessCsvWorkQueue00000000"


@dataclass(frozen=True)
class Diagnosis:
    """What the command said, with `--json`.

    Attributes:
        code: its exit code.
        report: its output.
    """

    code: int
    report: Mapping[str, Any]

    @property
    def bad(self) -> list[tuple[str, str, str]]:
        """Check, status and text of every finding that is not OK."""
        return [finding for finding in self.findings if finding[1] != "ok"]

    @property
    def findings(self) -> list[tuple[str, str, str]]:
        """Check, status and text of every finding."""
        return [(c["id"], f["status"], f["text"]) for c in self.report["checks"] for f in c["findings"]]

    def of(self, check: str) -> list[tuple[str, str]]:
        """Status and text of a check's findings."""
        return [(status, text) for id_, status, text in self.findings if id_ == check]


@dataclass(frozen=True)
class Doctor:
    """The command, for a lake of mycompany in dev.

    Attributes:
        environment: variables that point at an AWS account.
        customers: writes the customers.json.
        options: further ones.
    """

    environment: Mapping[str, str]
    customers: Callable[[], Path]
    options: tuple[str, ...] = field(default=())

    def __call__(self, *options: str, **environment: str) -> Diagnosis:
        """Runs it with `--json`."""
        done = self.run("--json", *options, **environment)
        assert done.stdout, done.stderr
        return Diagnosis(done.returncode, json.loads(done.stdout))

    def run(self, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs it as it is."""
        lake = ("--organization", "mycompany", "--environment", "dev", "--customers", str(self.customers()))
        return command("doctor", *lake, *self.options, *options, environment={**self.environment, **environment})


def command(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs the bundle, without the caller's own AWS."""
    line = ["node", str(bundle()), *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False, env=surroundings(environment))


def surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """All variables of a command: those of this process without its own AWS, and these."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**own, **environment}


@cache
def bundle() -> Path:
    """The bundle, made again if a source is newer."""
    sources = [path for folder in SOURCES for path in (ROOT / folder).rglob("*") if path.is_file()]
    if not BUNDLE.exists() or BUNDLE.stat().st_mtime < max(path.stat().st_mtime for path in sources):
        subprocess.run([str(ROOT / "node_modules" / ".bin" / "projen"), "bundle"], cwd=ROOT, check=True)
    return BUNDLE
