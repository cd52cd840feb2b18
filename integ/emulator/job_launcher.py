"""Runs a job's script as Glue does: python job_launcher.py FILE_DESCRIPTOR SCRIPT [ARGUMENT ...].

The script runs as __main__ with its own argv. The descriptor is the read end of a pipe that the server holds. When the
server ends, this program kills its process group, including the JVM and the Python workers. It runs in the environments
of the jobs and uses only the standard library.
"""

import os
import runpy
import signal
import sys
import threading
from pathlib import Path


def main() -> None:
    """Watches the server in the background and runs the script."""
    descriptor, script, *arguments = sys.argv[1:]
    threading.Thread(target=end_with_server, args=(int(descriptor),), daemon=True).start()
    sys.argv = [script, *arguments]
    sys.path[0] = str(Path(script).parent)  # replaces the folder of this program
    runpy.run_path(script, run_name="__main__")


def end_with_server(descriptor: int) -> None:
    """Waits for the end of the pipe; nobody writes into it."""
    os.read(descriptor, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
