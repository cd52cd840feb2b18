"""The state of the lake as a page, written by the operator's command from its sources."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from demo.deploy import ROOT
from demo.inputs import ENVIRONMENT, ORGANIZATION


class PageError(Exception):
    """The command could not write the page."""


def write_page(environment: Mapping[str, str], folder: Path) -> Path:
    """Writes `report.html`.

    Args:
        environment: variables that point at the AWS account.
        folder: made if it is not there.

    Raises:
        PageError: with what the command said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "report.html"
    lake = ("--organization", ORGANIZATION, "--environment", ENVIRONMENT, "--output", str(page))
    line = ["node", "--import", "tsx", "cli/main.ts", "report", *lake]
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(line, cwd=ROOT, env={**own, **environment}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PageError(f"the report was not written: {done.stderr.strip()}")
    return page
