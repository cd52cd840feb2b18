"""Constants of the local account, and the settings of one server."""

from dataclasses import dataclass
from pathlib import Path

ACCOUNT = "123456789012"
REGION = "us-east-1"
HOST = "127.0.0.1"

#: Environment variables that the server and its jobs inherit from the caller.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LOCAL_AWS_COPIES_PER_SECOND")
#: POST with ?seconds= turns the account's clock.
CLOCK_PATH = "/_local/clock"
#: S3 takes "around five minutes" to send events after a bucket's notification is set. Source: S3's page on EventBridge.
S3_EVENTS_AFTER_SECONDS = 300
#: Written to the server's standard input, this keeps the server running without its starter.
DETACH = b"detach\n"


@dataclass(frozen=True)
class Server:
    """One running server.

    Attributes:
        endpoint: its URL.
        directory: folder for the files of Glue runs.
        glue_python: interpreter for Glue jobs.
    """

    endpoint: str
    directory: Path
    glue_python: Path
