"""Writes the output of Glue jobs to the same log groups as on AWS."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from ministack.services import cloudwatch_logs

from emulator.answers import Record

DEFAULT_PREFIX = "/aws-glue/jobs"
READ_BYTES = 65536
LINES_KEPT = 200

_creation = threading.Lock()


def group_prefix(arguments: Record, security_configuration: str, role: str) -> str:
    """Prefix of a run's log groups, `{prefix}/output` and `{prefix}/error`.

    With a security configuration, each role has its own groups. Source: Glue's page on continuous logging.
    """
    prefix: str = arguments.get("--custom-logGroup-prefix") or DEFAULT_PREFIX
    if security_configuration:
        prefix += f"/{security_configuration}-role/{role.rsplit('/', 1)[-1]}"
    return prefix


class JobLog:
    """Copies the output of a process into one log stream while it runs."""

    def __init__(self, group: str, stream: str, kms_key: str | None) -> None:
        """Creates the group and the stream if they are missing."""
        self._names = {"logGroupName": group, "logStreamName": stream}
        #: The last lines of the output.
        self.tail: deque[str] = deque(maxlen=LINES_KEPT)
        with _creation:
            # If they exist, these calls fail without effect.
            cloudwatch_logs._create_log_group({"logGroupName": group, "kmsKeyId": kms_key})
            cloudwatch_logs._create_log_stream(self._names)

    @contextmanager
    def copying(self, output: IO[bytes]) -> Iterator[None]:
        """Copies in the background. The block ends after the output has ended."""
        thread = threading.Thread(target=self._copy, args=(output,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            thread.join()

    def _copy(self, output: IO[bytes]) -> None:
        rest = b""
        with output:
            while chunk := output.read1(READ_BYTES):  # type: ignore[attr-defined] # a pipe's reader is buffered
                *lines, rest = (rest + chunk).split(b"\n")
                self._put(lines)
        self._put([rest])

    def _put(self, lines: list[bytes]) -> None:
        texts = [text for line in lines if (text := line.decode(errors="replace").rstrip()).strip()]
        self.tail.extend(texts)
        now = int(time.time() * 1000)
        if texts:
            events = [{"timestamp": now, "message": text} for text in texts]
            cloudwatch_logs._put_log_events({**self._names, "logEvents": events})
