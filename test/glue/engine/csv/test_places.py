"""Bytes of a text are found by their places."""

import numpy as np
from datalake.engine.csv.places import places_of
from hypothesis import given
from hypothesis import strategies as st


@given(st.text("a\n\0", max_size=40), st.integers(0, 7), st.sampled_from(b"\n\0b"))
def test_a_byte_is_found_wherever_it_stands(text: str, start: int, byte: int) -> None:
    data = np.frombuffer(text.encode(), np.uint8)[start:]
    assert places_of(data, byte).tolist() == [place for place, one in enumerate(data) if one == byte]
