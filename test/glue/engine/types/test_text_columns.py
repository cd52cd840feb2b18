"""What is said of a whole column at once is never more than what is true of each of its texts."""

import re

import numpy as np
import pyarrow as pa
import pytest
from datalake.engine.types.column_type import DOUBLE, TYPES
from datalake.engine.types.inference import are_plain, which_are_plain
from datalake.engine.types.numbers import is_exact_double
from datalake.engine.types.text_columns import TextColumn, is_trimmed, true_places
from hypothesis import given, settings
from hypothesis import strategies as st

NUMBERS = st.one_of(
    st.text("0123456789.-", max_size=6),
    st.text("0123456789+-.eE,/ x:TZ", max_size=24),
    st.integers(-(10**19), 10**19).map(str),
    st.floats().map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
)
TIMES = st.one_of(
    st.dates().map(str),
    st.datetimes().map(str),
    st.datetimes().map(lambda value: value.isoformat(timespec="milliseconds")),
    st.from_regex(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}([ Tx][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{0,4})?)?Z{0,2})?\Z"),
)
TEXTS = st.one_of(NUMBERS, TIMES, st.sampled_from(["true", "False", "TRUE", "t", "1", ""]))


@given(st.one_of(*(st.lists(st.none() | texts, max_size=3) for texts in (NUMBERS, TIMES, TEXTS))), st.integers(0, 1))
@settings(max_examples=600, deadline=None)
def test_a_plain_column_has_plain_texts_only(texts: list[str | None], offset: int) -> None:
    array = pa.array([*["x"] * offset, *texts], pa.string())[offset:]
    for kind in TYPES.values():
        if are_plain(TextColumn.of(array), kind):
            assert which_are_plain(array.drop_null(), kind).to_pylist() == [True] * (len(texts) - array.null_count)


@given(st.lists(st.none() | NUMBERS, max_size=4))
@settings(max_examples=600, deadline=None)
def test_numbers_are_plain_together_as_each_of_them_is(texts: list[str | None]) -> None:
    verdicts = [None if text is None else bool(re.search(DOUBLE.pattern, text)) for text in texts]
    exact = [verdict and is_exact_double(text or "") for text, verdict in zip(texts, verdicts, strict=True)]
    assert which_are_plain(pa.array(texts, pa.string()), DOUBLE).to_pylist() == exact


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("int", ["0", "-1", "999999999", None]),
        ("bigint", ["0", "-1", "123456789012345678", "-99999999999999999"]),
        ("double", ["0", "-0.5", "1.50", "0.30000000000000004", "231927.66091603145", None]),
        ("boolean", ["true", "False", None]),
        ("date", ["0001-01-01", "2024-02-29", "9999-12-31"]),
        ("timestamp", ["2024-02-29T23:59:59", "0001-01-01 00:00:00.123"]),
    ],
)
def test_common_columns_need_no_closer_look(kind: str, texts: list[str | None]) -> None:
    assert are_plain(TextColumn.of(pa.array(texts)), TYPES[kind])


@given(st.lists(st.none() | st.text(st.sampled_from("a \t\x1f\x85\u00a0\u3000éあ\u2028\u200b"), max_size=3)))
@settings(max_examples=500)
def test_a_trimmed_column_has_trimmed_texts_only(texts: list[str | None]) -> None:
    if is_trimmed(pa.array(texts, pa.string())):
        assert all(text and text == text.strip() for text in texts if text is not None)


def test_a_usual_column_is_trimmed() -> None:
    assert is_trimmed(pa.array(["a b", None, "Zoë", "x,y"]))


@given(st.lists(st.booleans() | st.just(value=False), max_size=40))
@settings(max_examples=500)
def test_the_true_places_of_a_mask(mask: list[bool]) -> None:
    assert true_places(np.array(mask, np.bool_)).tolist() == [place for place, holds in enumerate(mask) if holds]


@pytest.mark.parametrize("place", range(20))
def test_the_only_true_place_of_a_mask(place: int) -> None:
    assert true_places(np.arange(20) == place).tolist() == [place]
