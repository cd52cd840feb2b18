"""Runs a command that ends with its starter: python -m demo.guard COMMAND [ARGUMENT ...].

Standard input is a pipe that the starter holds. Its end, which comes even if the starter is killed, ends the process
group of this process: the command and all that it started.
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
