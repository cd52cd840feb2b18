"""A memory that forgets what was not used for the longest time."""

import pytest
from datalake.lake.recent import Recent
from hypothesis import given
from hypothesis import strategies as st


def test_what_was_used_last_stays() -> None:
    kept: Recent[str, int] = Recent(2)
    kept["a"], kept["b"] = 1, 2
    assert kept["a"] == 1

    kept["c"] = 3

    assert ("a" in kept, "b" in kept, "c" in kept) == (True, False, True)


def test_a_value_that_is_forgotten_is_an_error() -> None:
    kept: Recent[str, int] = Recent(2)
    kept["a"] = 1
    kept.forget("a")
    kept.forget("never there")

    with pytest.raises(KeyError):
        kept["a"]


def test_one_value_that_is_too_heavy_is_kept_alone() -> None:
    kept: Recent[str, str] = Recent(3, len)
    kept["light"] = "x"
    kept["heavy"] = "x" * 9

    assert kept["heavy"] == "x" * 9
    assert "light" not in kept
    kept["light"] = "x"
    assert "heavy" not in kept


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5))))
def test_the_weight_of_all_values_is_bounded_even_if_they_are_replaced(puts: list[tuple[int, int]]) -> None:
    kept: Recent[int, int] = Recent(10, lambda weight: weight)
    for key, weight in puts:
        kept[key] = weight

        assert kept[key] == weight
        assert sum(kept[number] for number in range(10) if number in kept) <= 10
