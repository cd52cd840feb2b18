"""A proxy between a command and the local AWS, which makes the command's calls fail."""

import json
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit, urlunsplit

import urllib3
from emulator.client import LocalAws

from cli.doctor import bundle, surroundings

#: Changes the content of a request or of an answer.
Change = Callable[[Any], Any]
#: S3's operations by method and by what the query has.
S3_OPERATIONS = {
    ("GET", "versions"): "ListObjectVersions",
    ("GET", "uploads"): "ListMultipartUploads",
    ("GET", "list-type"): "ListObjectsV2",
    ("GET", "prefix"): "ListBuckets",
    ("POST", "delete"): "DeleteObjects",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
    ("DELETE", ""): "DeleteBucket",
    ("HEAD", ""): "HeadBucket",
}
OWN_HEADERS = ("host", "content-length", "connection", "transfer-encoding")


class Proxy:
    """A command's way to a local AWS.

    Attributes:
        calls: the operations that were called, in their order.
    """

    def __init__(
        self,
        aws: LocalAws,
        *,
        kill_after: str | int | None = None,
        requests: Mapping[str, Change] | None = None,
        answers: Mapping[str, Change] | None = None,
        signal_before: str | None = None,
    ) -> None:
        """Prepares it.

        Args:
            aws: the local AWS.
            kill_after: kills the command when AWS has done this operation, or as many changes.
            requests: changes the requests of operations: their content if it is JSON, else their query.
            answers: changes the answers of operations: their content if it is JSON, else their text.
            signal_before: presses Ctrl+C when this operation is called.
        """
        self.calls: list[str] = []
        self._aws, self._kill_after, self._signal_before = aws, kill_after, signal_before
        self._requests, self._answers = requests or {}, answers or {}
        self._pool = urllib3.PoolManager(maxsize=32)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = False  # to end is to wait for the answers to calls of a command that was killed
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the command, which reaches AWS through the proxy."""
        self.calls.clear()
        endpoint = f"http://127.0.0.1:{self._server.server_port}"
        environment = surroundings({**self._aws.environment, "AWS_ENDPOINT_URL": endpoint})
        line = ["node", str(bundle()), *arguments]
        pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(line, env=environment, **pipes) as self._process:
            out, err = self._process.communicate()
        return subprocess.CompletedProcess(line, self._process.returncode, out, err)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with suppress(ConnectionError):  # the command was killed
                    proxy._answer(self, body)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _forward  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        operation = _operation(request, body)
        self.calls.append(operation)
        if operation == self._signal_before and self._process:
            self._process.send_signal(signal.SIGINT)
        path = request.path
        if operation in self._requests:
            path, body = _changed(path, body, self._requests[operation])
        headers = {name: value for name, value in request.headers.items() if name.lower() not in OWN_HEADERS}
        answer = self._pool.request(request.command, self._aws.endpoint + path, body=body, headers=headers)
        content = answer.data
        if operation in self._answers:
            change = self._answers[operation]
            is_json = content.startswith(b"{")
            content = json.dumps(change(json.loads(content))).encode() if is_json else change(content)
        if self._is_last(operation) and self._process:
            self._process.kill()
            return
        request.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in OWN_HEADERS:
                request.send_header(name, value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def _is_last(self, operation: str) -> bool:
        if isinstance(self._kill_after, int):
            return changes(operation) and sum(map(changes, self.calls)) == self._kill_after
        return operation == self._kill_after


def changes(operation: str) -> bool:
    """True for an operation that changes something."""
    return operation.startswith(("Abort", "Batch", "Delete")) and operation != "BatchGetQueryExecution"


def _operation(request: BaseHTTPRequestHandler, body: bytes) -> str:
    if target := request.headers.get("X-Amz-Target"):
        return target.split(".")[-1]
    if action := parse_qs(body.decode(errors="replace")).get("Action"):
        return action[0]
    query = parse_qs(urlsplit(request.path).query, keep_blank_values=True)
    name = next((name for method, name in S3_OPERATIONS if method == request.command and name in query), "")
    return S3_OPERATIONS.get((request.command, name), request.command)


def _changed(path: str, body: bytes, change: Change) -> tuple[str, bytes]:
    if body.startswith(b"{"):
        return path, json.dumps(change(json.loads(body))).encode()
    parts = urlsplit(path)
    return urlunsplit(parts._replace(query=change(parts.query))), body
