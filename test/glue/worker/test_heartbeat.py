"""The heartbeat of a worker."""

import threading

import pytest
from botocore.exceptions import ClientError
from datalake.worker.heartbeat import Heartbeat, LostLeaseError


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "Throttling", "Message": "slow"}}, "UpdateItem"),
        KeyError("no field"),
        MemoryError("no room"),
    ],
)
def test_it_beats_until_the_end_and_survives_any_exception(
    capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    beats, thrice = 0, threading.Event()

    def beat() -> bool:
        nonlocal beats
        beats += 1
        if beats == 1:
            raise error
        if beats == 3:
            thrice.set()
        return True

    with Heartbeat(0.001, beat) as heartbeat:
        assert thrice.wait(10)
        heartbeat.check()

    assert str(error) in capsys.readouterr().out
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("heartbeat")]


def test_a_short_object_costs_no_beat() -> None:
    def beat() -> bool:
        pytest.fail("it beat")

    with Heartbeat(60, beat):
        pass


def test_a_renewal_that_is_refused_is_the_last_and_stops_the_work() -> None:
    beats, refused = 0, threading.Event()

    def beat() -> bool:
        nonlocal beats
        beats += 1
        refused.set()
        return False

    with Heartbeat(0.001, beat) as heartbeat:
        assert refused.wait(10)
        threads = [thread for thread in threading.enumerate() if thread.name == "heartbeat"]
        for thread in threads:
            thread.join(10)  # it ends before the work does

    with pytest.raises(LostLeaseError, match="taken over"):
        heartbeat.check()
    assert beats == 1
