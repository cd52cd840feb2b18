"""The state machine of an object version."""

from datalake.lake import state as machine
from datalake.lake.state import State


def test_the_driver_knows_what_to_do_in_every_state() -> None:
    settled = {state for state in State if state.is_over or state.is_given_up or state.is_in_backlog}

    comes_again = {State.RETRYING, State.UNRECORDED, State.HELD}
    assert set(State) - settled == comes_again | {State.PROCESSING}


def test_every_state_is_drawn() -> None:
    drawing = (machine.__doc__ or "").split()

    assert set(State) <= set(drawing)
