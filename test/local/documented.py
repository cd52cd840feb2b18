"""Runs the commands of the docs exactly as written."""

import os
import re
import subprocess

from demo.deploy import ROOT
from demo.local import LocalLake

from cli.doctor import bundle

#: Version 1 of the CLI reads the endpoint of SQS only from here.
_ENDPOINT = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }\n'
#: The command of this package, from its bundle.
_NPX = 'npx() { shift; node "$BUNDLE" "$@"; }\n'
_PATH = ":".join(str(ROOT / ".venv" / name / "bin") for name in ("local", "aws"))


def commands(document: str, heading: str, beginning: str) -> str:
    """The block of a document's section that begins with these words."""
    section = _text(document).split(f"\n{heading}\n")[1]
    found: list[str] = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return next(block for block in found if block.startswith(beginning))


def shell(local: LocalLake, script: str, code: int = 0, **variables: str) -> str:
    """Runs commands and returns what they print.

    Args:
        local: the lake that they are about.
        script: the commands.
        code: the exit code with which they must end.
        variables: that they use; by default, all that the beginning of the runbook sets, with a call for each.
    """
    functions, calls = _prelude()
    prelude = functions + ("".join(f"{name}={value}\n" for name, value in variables.items()) or calls)
    environment = {
        **os.environ,
        **local.aws.environment,
        "AWS_PAGER": "",
        "BUNDLE": str(bundle()),
        "PATH": f"{_PATH}:{os.environ['PATH']}",
    }
    command = ["bash", "-euc", _ENDPOINT + _NPX + prelude + script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)
    assert done.returncode == code, done.stderr
    return done.stdout


def _prelude() -> tuple[str, str]:
    """What the runbook begins with: functions, and variables that they set."""
    found = re.search(r"```sh\n(stack=.*?\n)(job=.*?)```", _text("runbook.md"), re.DOTALL)
    assert found
    return found[1], found[2]


def _text(document: str) -> str:
    return (ROOT / "docs" / document).read_text()
