"""What commands promise to call, and what they call."""

import json
from collections.abc import Mapping
from functools import cache

from emulator.client import LocalAws

from cli.doctor import command


@cache
def help_of(name: str) -> str:
    """A command's help."""
    return command(name, "--help", environment={}).stdout


def promised(name: str) -> list[str]:
    """The IAM actions in a command's help."""
    return [line.strip() for line in help_of(name).split("IAM actions")[1].splitlines()[1:] if line.strip()]


def called(aws: LocalAws, session: Mapping[str, str]) -> list[str]:
    """The actions that a session of `as_role` has called."""
    lines = [json.loads(line) for line in (aws.directory / "calls.jsonl").read_text().splitlines()]
    return sorted({line["action"] for line in lines if line["principal"].endswith(f"/{session['session']}")})
