"""An interrupted demo leaves nothing running, and two local AWS are independent."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from demo.deploy import ROOT
from demo.lake import Lake
from demo.local import GLUE_PYTHON
from emulator.client import LocalAws
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed


@retry(retry=retry_if_result(lambda result: not result), wait=wait_fixed(0.1), stop=stop_after_delay(60))
def descendants(demo: psutil.Process, word: str) -> list[psutil.Process]:
    """Descendants of the demo, once one of them has the word in its command line."""
    found = demo.children(recursive=True)
    return found if any(word in command(process) for process in found) else []


def command(process: psutil.Process) -> str:
    """The command line; empty if the process has ended meanwhile."""
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_demo_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "integ"), "TMPDIR": str(tmp_path)}
    demo = subprocess.Popen([sys.executable, "-m", "demo"], env=environment, stdout=subprocess.DEVNULL)
    below = descendants(psutil.Process(demo.pid), "deploy")

    demo.send_signal(number)

    _, alive = psutil.wait_procs([psutil.Process(demo.pid), *below], timeout=15)
    assert alive == []
    if number != signal.SIGKILL:
        assert list(tmp_path.iterdir()) == []


def test_two_local_aws_do_not_disturb_each_other() -> None:
    with LocalAws(glue_python=GLUE_PYTHON) as one, LocalAws(glue_python=GLUE_PYTHON) as two:
        assert one.endpoint != two.endpoint
        clients = [Lake.session(aws.environment).client("s3", endpoint_url=aws.endpoint) for aws in (one, two)]
        clients[0].create_bucket(Bucket="same-name")
        clients[0].put_object(Bucket="same-name", Key="a", Body=b"one")

        assert clients[1].list_buckets()["Buckets"] == []
