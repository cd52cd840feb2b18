"""The life of a key in every order of its steps: nothing is lost, nothing goes back, every message ends."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from model.tlc import LIVENESS, SAFETY, check

JOBS = Path(__file__).parents[2] / "glue-assets" / "datalake"

#: What may go wrong at all, in runs that explore every history of it. `python -m model` explores more at once.
WORLDS = {
    "a worker dies, and a lease ends under one that lives": {"Crashes": 1, "Expiries": 1},
    "an object is given up and redriven, and messages come twice": {
        "MaxAttempts": 1,
        "Failures": 1,
        "Redrives": 1,
        "Duplicates": 1,
    },
}


class Guard(NamedTuple):
    """A guard of the model. The code is quoted, so that whoever changes it looks at the model, too.

    Attributes:
        module: where the code has it.
        code: as it stands there.
        promise: the property that breaks without it.
        world: what else has to go wrong for that.
    """

    module: str
    code: str
    promise: str
    world: Mapping[str, int]


GUARDS = {
    "claim": Guard(
        "lake/manifest.py",
        'as_it_was = Attr("status").eq(known["status"]) & Attr("lease_id").eq(known["lease_id"])',
        "NoVersionIsLost",
        {"Crashes": 1},
    ),
    "lease": Guard(
        "lake/manifest.py",
        "return self._update(claim.arrival.identity, values, _is_mine(claim), removed)",
        "EndsRight",
        {},
    ),
    "asked": Guard(
        "lake/claims.py",
        "if not task.is_redriven and task.sent_at <= given_up_at:",
        "GivenUpRests",
        {"MaxAttempts": 1, "Failures": 1, "Duplicates": 1},
    ),
    "newer": ("lake/outputs.py", "if not self._is_older(written):", "NoStaleOutput", {}),
    "match": Guard(
        "lake/outputs.py",
        'condition = {"IfMatch": seen.etag} if seen else {"IfNoneMatch": "*"}',
        "NoStaleOutput",
        {},
    ),
    "register": ("worker/attempt.py", "pointer = self._latest.register(arrival)", "EndsRight", {}),
    "finish": Guard(
        "worker/processing.py",
        "self._finish(task.arrival, item, replaces=True)",
        "EndsRight",
        {"Crashes": 1},
    ),
    "retry": Guard(
        "lake/state.py",
        "return self in (State.SUCCEEDED, State.DONE, State.SUPERSEDED, State.FOREIGN)",
        "NoVersionIsLost",
        {"Failures": 1},
    ),
    "dead letter": Guard(
        "driver/work_queue.py",
        '**cast(Any, {"MessageGroupId": group} if group else {}),\n        )\n        self.delete(messages)',
        "NoVersionIsLost",
        {"MaxAttempts": 1, "Failures": 1, "Crashes": 1},
    ),
}


@pytest.mark.parametrize("world", WORLDS)
def test_no_history_breaks_a_promise(world: str) -> None:
    assert check(WORLDS[world], SAFETY + LIVENESS).violated == ""


@pytest.mark.parametrize("guard", GUARDS)
def test_without_a_guard_a_history_breaks_its_promise(guard: str) -> None:
    _, _, promise, world = GUARDS[guard]
    assert check({**world, "Broken": f'"{guard}"'}).violated == promise


@pytest.mark.parametrize("guard", GUARDS)
def test_each_guard_stands_in_the_code(guard: str) -> None:
    module, line, _, _ = GUARDS[guard]
    assert line in (JOBS / module).read_text()


def test_the_model_has_no_other_guards() -> None:
    model = (Path(__file__).parent / "Lake.tla").read_text()
    assert set(re.findall(r'(?:Guarded\(|Broken [=#] )"([a-z ]+)"', model)) == set(GUARDS)
