"""Measurements during and after the load."""

import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Self

import psutil
from demo.lake import ManifestItem

LOCAL_AWS = "local AWS"
_SECONDS = 0.5
_MEGABYTE = 1 << 20
#: Permissions that come with other calls, such as uploads or sessions with tags. They are no calls of their own.
_RIGHTS = ("sts:TagSession", "s3:PutObjectTagging")


class Processes:
    """Resources used by the local AWS and the processes of the jobs, by kind.

    Attributes:
        megabytes: peak memory of one process.
        cpu: CPU seconds of all processes.
    """

    def __init__(self, pid: int) -> None:
        """Watches the process of the local AWS and its children, the runs."""
        self._aws, self._over = psutil.Process(pid), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._seconds: dict[tuple[str, int], float] = {}
        self.megabytes: dict[str, int] = {}

    @property
    def cpu(self) -> dict[str, int]:
        """Samples the processes. Very short-lived ones are missed."""
        found: dict[str, float] = {}
        for (kind, _), seconds in self._seconds.items():
            found[kind] = found.get(kind, 0) + seconds
        return {kind: round(seconds) for kind, seconds in found.items()}

    def __enter__(self) -> Self:
        """Starts sampling."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops sampling."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_SECONDS):
            for process in (self._aws, *self._aws.children(recursive=True)):
                with suppress(psutil.Error):
                    self._look(process)

    def _look(self, process: psutil.Process) -> None:
        with process.oneshot():
            kind = LOCAL_AWS if process == self._aws else _kind(process.cmdline())
            times, size = process.cpu_times(), process.memory_info().rss // _MEGABYTE
        self._seconds[kind, process.pid] = times.user + times.system
        self.megabytes[kind] = max(size, self.megabytes.get(kind, 0))


def _kind(words: Sequence[str]) -> str:
    line = " ".join(words)
    if "pyspark.daemon" in line:
        return "worker"
    return "driver, JVM" if "java" in line else "driver, Python"


@dataclass(frozen=True)
class Waits:
    """Seconds from the upload to the table."""

    median: float
    p95: float
    longest: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Waits":
        """Sums them up."""
        twentieths = quantiles(seconds, n=20, method="inclusive")
        return cls(round(twentieths[9], 1), round(twentieths[18], 1), round(max(seconds), 1))


def done(item: ManifestItem) -> float:
    """When the item reached its final status, in seconds since the epoch."""
    return datetime.fromisoformat(item.attributes["updated_at"]).timestamp()


def waits(done_at: Mapping[str, float], uploaded: Mapping[str, float]) -> dict[str, list[float]]:
    """Seconds from upload to table, by customer.

    Args:
        done_at: when the second stage finished a file, by the identity of its version.
        uploaded: when each file was uploaded.
    """
    found: dict[str, list[float]] = {}
    for identity in done_at.keys() & uploaded.keys():
        found.setdefault(identity.split("#", 1)[0], []).append(done_at[identity] - uploaded[identity])
    return found


def calls_per_object(log: Path, objects: int) -> dict[str, float]:
    """AWS calls of both stages per object, by action."""
    counts: Counter[str] = Counter()
    for line in log.read_text().splitlines():
        call = json.loads(line)
        if "assumed-role" in call["principal"] and "/cdk-" not in call["principal"]:
            counts[call["action"]] += _is_call(call["action"], call["resource"])
    return {action: round(count / objects, 3) for action, count in sorted(counts.items()) if count}


def _is_call(action: str, resource: str) -> bool:
    """False for an additional permission of a call: the log records everything that policies must allow."""
    return action not in _RIGHTS and (not action.startswith("glue:") or resource.endswith(":catalog"))


def by_service(calls: Mapping[str, float]) -> dict[str, float]:
    """Sums of calls by service, the part before the colon."""
    sums: dict[str, float] = {}
    for action, count in calls.items():
        service = action.split(":", 1)[0]
        sums[service] = round(sums.get(service, 0) + count, 3)
    return sums
