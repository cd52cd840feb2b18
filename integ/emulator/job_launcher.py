"""Runs a job's script as Glue does: python job_launcher.py FILE_DESCRIPTOR SCRIPT [ARGUMENT ...].

The script runs as __main__ with its own argv. When the descriptor, the end of a pipe that the server holds, reports the
server's end, the process group goes with it: the JVM and the Python workers too. It runs in the jobs' own environments
and needs the standard library alone.
"""

import os
import runpy
import signal
import sys
import threading
from pathlib import Path


def main() -> None:
    """Watches the server and becomes the script."""
    descriptor, script, *arguments = sys.argv[1:]
    threading.Thread(target=end_with_server, args=(int(descriptor),), daemon=True).start()
    sys.argv = [script, *arguments]
    sys.path[0] = str(Path(script).parent)  # in place of this program's own folder
    runpy.run_path(script, run_name="__main__")


def end_with_server(descriptor: int) -> None:
    """Waits for the end of the pipe, into which nobody ever writes."""
    os.read(descriptor, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
