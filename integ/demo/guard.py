"""Runs a command that ends together with its starter: python -m demo.guard COMMAND [ARGUMENT ...].

Standard input is a pipe that the starter holds. When the pipe closes, even because the starter was killed, this program
kills its process group: the command and all its descendants.
"""

import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Runs the command and returns its exit code."""
    threading.Thread(target=watch_starter, daemon=True).start()
    return subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, check=False).returncode


def watch_starter() -> None:
    """Waits for the end of the pipe."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
