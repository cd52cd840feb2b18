"""Puts the facts of a run together. A source that cannot be read is named, and hinders no other."""

import subprocess
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from evidence import sources
from evidence.scrub import scrubbed, scrubber
from evidence.sources import Clients, Fact

ROOT = Path(__file__).parents[2]
#: Raised when the shape of the report changes.
FORMAT = 1
_PARTS = ("stacks", "assertions", "executions", "runs", "queues", "alarms", "manifest", "unread")
#: Part of the report, the resources that it is about, and what reads it.
_SOURCES: tuple[tuple[str, str, Callable[[Clients, str, str], Iterable[Fact]]], ...] = (
    ("executions", "AWS::StepFunctions::StateMachine", sources.executions),
    ("runs", "AWS::Glue::Job", sources.runs),
    ("queues", "AWS::SQS::Queue", sources.queue),
    ("manifest", "AWS::DynamoDB::Table", sources.manifest),
)
_PROGRAMS = {
    "commit": ("git", "rev-parse", "HEAD"),
    "changed files": ("git", "status", "--porcelain", "--untracked-files=no"),
    "node": ("node", "--version"),
    "cdk": ("node_modules/.bin/cdk", "--version"),
    "integ-runner": ("node_modules/.bin/integ-runner", "--version"),
}


class Collector:
    """Collects the facts of the stacks of one run."""

    def __init__(self, clients: Clients) -> None:
        """Nothing is read yet.

        Args:
            clients: gives the boto3 client of a service.
        """
        self._clients = clients
        self._facts: dict[str, list[Fact]] = {part: [] for part in _PARTS}

    def collect(self, names: list[str]) -> dict[str, list[Fact]]:
        """Reads everything of these stacks; without names, of the stacks of the integration tests."""
        found: list[Fact] = []
        self._read("the list of stacks", lambda: found.extend(sources.stacks(self._clients, names)))
        for summary in found:
            self._collect_stack(summary)
        return self._facts

    def _collect_stack(self, summary: Fact) -> None:
        clients, name = self._clients, summary["StackName"]
        self._add("stacks", name, lambda: [sources.stack(clients, summary)])
        if summary["StackStatus"] == "DELETE_COMPLETE":
            return  # only the events are left
        self._add("assertions", name, lambda: sources.assertions(clients, summary))
        found: dict[str, list[tuple[str, str]]] = {}
        self._read(f"resources of {name}", lambda: found.update(sources.resources(clients, summary)))
        for part, type_, source in _SOURCES:
            for id_, physical in found.get(type_, []):
                self._add(part, id_, partial(source, clients, id_, physical))
        watching = [each for kind in ("Alarm", "CompositeAlarm") for each in found.get(f"AWS::CloudWatch::{kind}", [])]
        self._add("alarms", name, lambda: sources.alarms(clients, watching))

    def _add(self, part: str, of: str, source: Callable[[], Iterable[Fact]]) -> None:
        self._read(f"{part} of {of}", lambda: self._facts[part].extend(source()))

    def _read(self, what: str, read: Callable[[], Any]) -> None:
        try:
            read()
        except (BotoCoreError, ClientError) as error:
            self._facts["unread"].append({"what": what, "why": str(error)})


def report(clients: Clients, region: str, names: list[str]) -> Fact:
    """The whole report, scrubbed."""
    facts = Collector(clients)
    account = clients("sts").get_caller_identity()["Account"]
    whole = {"format": FORMAT, "versions": {"region": region, **_versions()}, **facts.collect(names)}
    scrub = scrubber([account])
    return {name: scrubbed(value, scrub) for name, value in whole.items()}


def _versions() -> dict[str, Any]:
    found = {name: _output(command) for name, command in _PROGRAMS.items()}
    return {**found, "changed files": len(found["changed files"].splitlines())}


def _output(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return "none"
    return done.stdout.rstrip()
