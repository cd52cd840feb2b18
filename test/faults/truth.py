"""Asks the operator's command `check` about a lake that is no stack: its module, in a process that stays."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from emulator.client import ROOT

PROGRAM = Path(__file__).with_name("truth.ts")


@dataclass(frozen=True)
class Finding:
    """One contradiction."""

    customer: str
    kind: str
    key: str
    version: str


def contradictions(environment: Mapping[str, str], place: Mapping[str, Any]) -> list[Finding]:
    """All contradictions of a customer.

    Args:
        environment: of the local AWS.
        place: as cli/operate/check-findings.ts has it.
    """
    process = _process(os.getpid(), tuple(sorted(environment.items())))
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(place) + "\n")
    process.stdin.flush()
    return [Finding(**found) for found in json.loads(process.stdout.readline())]


@cache
def _process(_owner: int, environment: tuple[tuple[str, str], ...]) -> "subprocess.Popen[str]":
    """One for each process and local AWS. It ends with its owner, who closes its input."""
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    line = ["node", "--import", "tsx", str(PROGRAM)]
    return subprocess.Popen(line, cwd=ROOT, env={**os.environ, **dict(environment)}, **pipes)
