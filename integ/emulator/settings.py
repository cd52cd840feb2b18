"""What is fixed about the local account, and what one server is told."""

from dataclasses import dataclass
from pathlib import Path

ACCOUNT = "123456789012"
REGION = "us-east-1"
HOST = "127.0.0.1"

#: Variables of the caller that the server and its jobs get.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
#: Turns the account's clock: POST with ?seconds=.
CLOCK_PATH = "/_local/clock"
#: S3 takes "around five minutes" to send events after a bucket's notification is set. Source: S3's page on EventBridge.
S3_EVENTS_AFTER_SECONDS = 300
#: What a client writes into the server's standard input to let it run on alone.
DETACH = b"detach\n"


@dataclass(frozen=True)
class Server:
    """One running server.

    Attributes:
        endpoint: where it answers.
        directory: takes the files of Glue runs.
        glue_python: the interpreter of Glue jobs.
    """

    endpoint: str
    directory: Path
    glue_python: Path
