"""A local AWS uses its own port and leaves nothing behind, however it or its starter ends."""

import http.client
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError
from emulator import client
from emulator.client import ROOT, LocalAws, LocalAwsError
from emulator.testing.probe import GLUE_PYTHONS, Jobs, clients

#: A job with a child, as a driver has its JVM.
FAMILY = """
import subprocess, time
subprocess.Popen(["sleep", "601"])
print("ready")
time.sleep(602)
"""
STARTER = f"""
import sys
from pathlib import Path
from emulator.client import LocalAws
aws = LocalAws(glue_python=Path({str(GLUE_PYTHONS[0])!r}))
print(aws.endpoint, aws.pid, aws.directory, flush=True)
if sys.argv[1] == "detach":
    aws.detach()
    sys.exit()
sys.stdin.read()
"""


def start() -> LocalAws:
    return LocalAws(glue_python=GLUE_PYTHONS[0])


def family(aws: LocalAws) -> list[psutil.Process]:
    """The server, with a run that has a child of its own."""
    jobs = Jobs(clients(aws))
    run_id = jobs.start(jobs.create(FAMILY))
    jobs.wait_for_output(run_id, "ready")
    server = psutil.Process(aws.pid)
    driver, child = server.children(recursive=True)
    assert (driver.ppid(), child.ppid()) == (server.pid, driver.pid)
    assert os.getpgid(driver.pid) == driver.pid != os.getpgid(server.pid)
    assert any("job-" in word for word in driver.cmdline())
    return [server, driver, child]


def assert_gone(processes: list[psutil.Process]) -> None:
    assert psutil.wait_procs(processes, timeout=10)[1] == []


def test_two_do_not_know_of_each_other() -> None:
    with start() as one, start() as two:
        assert one.endpoint != two.endpoint
        clients(one)("s3").create_bucket(Bucket="same-name")

        with pytest.raises(ClientError, match="404"):
            clients(two)("s3").head_bucket(Bucket="same-name")


def test_the_end_of_the_with_ends_all() -> None:
    with start() as aws:
        processes = family(aws)

    assert_gone(processes)
    assert not aws.directory.exists()


def test_variables_of_the_caller_do_not_get_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AUTH": "true", "SERVICES": "sqs", "MINISTACK_ACCOUNT_ID": "1" * 12}.items():
        monkeypatch.setenv(name, value)

    with start() as aws:
        assert clients(aws)("sts").get_caller_identity()["Account"] == aws.environment["CDK_DEFAULT_ACCOUNT"]


def test_a_directory_that_was_given_stays_with_the_log(tmp_path: Path) -> None:
    with LocalAws(tmp_path / "aws", glue_python=GLUE_PYTHONS[0]) as aws:
        jobs = Jobs(clients(aws))
        job = jobs.create("")
        jobs.ended(job, jobs.start(job))

    assert (tmp_path / "aws" / "local-aws.log").exists()
    assert list((tmp_path / "aws" / "runs").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_all(number: signal.Signals) -> None:
    with start() as aws:
        processes = family(aws)

        os.kill(aws.pid, number)

        assert_gone(processes)
        assert not aws.directory.exists()


def test_a_killed_server_takes_its_runs_along() -> None:
    with start() as aws:
        processes = family(aws)

        os.kill(aws.pid, signal.SIGKILL)

        assert_gone(processes)


def starter(mode: str) -> tuple[subprocess.Popen[str], str, psutil.Process, Path]:
    """A process that starts a local AWS: itself, the endpoint, the server, its directory."""
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER, mode],
        env={**os.environ, "PYTHONPATH": str(ROOT / "integ")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    endpoint, pid, directory = process.stdout.readline().split()
    return process, endpoint, psutil.Process(int(pid)), Path(directory)


def test_the_server_ends_with_a_starter_that_is_killed() -> None:
    process, _, server, directory = starter("attached")

    process.kill()
    process.wait()

    assert_gone([server])
    assert not directory.exists()


def test_a_detached_server_runs_on_until_it_is_told_to_end() -> None:
    process, endpoint, server, directory = starter("detach")
    assert process.wait() == 0
    assert server.is_running()
    assert server.ppid() != process.pid

    connection = http.client.HTTPConnection(endpoint.removeprefix("http://"))
    connection.request("GET", "/_ministack/health")
    assert connection.getresponse().status == 200
    server.terminate()

    assert_gone([server])
    assert not directory.exists()


def test_a_glue_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LocalAwsError, match="no-python: make it with"):
        LocalAws(tmp_path, glue_python=Path("no-python"))


def test_a_server_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho no port is left >&2\n")
    python.chmod(0o755)
    monkeypatch.setattr(client, "SERVER_PYTHON", python)

    with pytest.raises(LocalAwsError, match=r"did not start\nno port is left"):
        start()
