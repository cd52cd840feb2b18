"""The server's lifecycle: pick a port, serve ministack on it, leave nothing behind."""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.settings import ACCOUNT, DETACH, HOST, REGION, Server

#: Longer than any client keeps an idle connection.
KEEP_ALIVE_SECONDS = 75


@dataclass(frozen=True)
class Options:
    """The command line.

    Attributes:
        directory: folder for the files of Glue runs.
        glue_python: interpreter for Glue jobs.
        temporary: delete the directory at the end.
        calls: file that records the calls of roles and services.
    """

    directory: Path
    glue_python: Path
    temporary: bool = False
    calls: Path | None = None


def run(options: Options) -> None:
    """Serves until a signal or the end of standard input. Does not return."""
    listener = socket.socket()
    listener.bind((HOST, 0))  # the system picks a free port, so that two servers cannot collide
    port = listener.getsockname()[1]
    os.environ.update(ministack_settings(port, options.directory))
    asyncio.run(serve(listener, options))


def ministack_settings(port: int, directory: Path) -> dict[str, str]:
    """Environment variables that ministack reads, mostly at import."""
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",  # would listen on another port
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "TMPDIR": str(directory),
        "S3_DATA_DIR": str(directory / "s3"),
        "STATE_DIR": str(directory / "state"),
        "DOCKER_HOST": "unix:///dev/null",  # keeps away from containers of other programs
    }


async def serve(listener: socket.socket, options: Options) -> None:
    """Runs ministack's application on the socket."""
    # ministack reads the variables at import, so they must be set first.
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config
    from ministack.app import app

    from emulator import alarms, api_calls, call_log, clock, cloudformation, extension

    endpoint = f"http://{HOST}:{listener.getsockname()[1]}"
    processes = extension.install(Server(endpoint, options.directory, options.glue_python))
    cloudformation.install_behind()
    if options.calls:
        call_log.record_to(options.calls)
        api_calls.install()
    stopped = stop_event()

    async def until_stopped() -> None:
        print(json.dumps({"endpoint": endpoint}), flush=True)
        watching = asyncio.create_task(alarms.watch())
        await stopped.wait()
        watching.cancel()
        processes.kill_all()
        end(options)

    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.loglevel = "WARNING"
    application: Any = clock.with_clock(app)
    await hypercorn_serve(application, config, shutdown_trigger=until_stopped)


def stop_event() -> asyncio.Event:
    """Set by a signal, or when the starter's pipe closes because the starter has ended."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stopped.set)

    def watch_starter() -> None:
        word = os.read(sys.stdin.fileno(), len(DETACH))
        if word != DETACH:
            loop.call_soon_threadsafe(stopped.set)

    threading.Thread(target=watch_starter, daemon=True).start()
    return stopped


def end(options: Options) -> None:
    """Ends the process at once. No state is kept, so there is no reason to wait for open requests."""
    if options.temporary:
        shutil.rmtree(options.directory, ignore_errors=True)
    sys.stderr.flush()
    os._exit(0)
