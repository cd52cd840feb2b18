"""Signs of life."""

import threading

import pytest
from botocore.exceptions import ClientError
from datalake.worker.heartbeat import Heartbeat


def test_it_beats_until_the_end_and_survives_an_error_of_aws(capsys: pytest.CaptureFixture[str]) -> None:
    beats, thrice = 0, threading.Event()

    def beat() -> None:
        nonlocal beats
        beats += 1
        if beats == 1:
            raise ClientError({"Error": {"Code": "Throttling", "Message": "slow"}}, "UpdateItem")
        if beats == 3:
            thrice.set()

    with Heartbeat(0.001, beat):
        assert thrice.wait(10)

    assert "Throttling" in capsys.readouterr().out
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("heartbeat")]


def test_a_short_object_costs_no_beat() -> None:
    with Heartbeat(60, lambda: pytest.fail("it beat")):
        pass
