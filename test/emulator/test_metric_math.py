"""Metric math, by AWS's own rules: data that is missing stays missing unless it is filled."""

import pytest
from emulator.metric_math import evaluate

PROGRESS = "IF(visible > 0 AND FILL(succeeded, 0) == 0, 1, 0)"


@pytest.mark.parametrize(
    ("expression", "values", "expected"),
    [
        (PROGRESS, {"visible": 3, "succeeded": None}, 1),
        (PROGRESS, {"visible": 3, "succeeded": 0}, 1),
        (PROGRESS, {"visible": 3, "succeeded": 2}, 0),
        (PROGRESS, {"visible": 0, "succeeded": None}, 0),
        (PROGRESS, {"visible": None, "succeeded": None}, None),
        ("100 * (FILL(a, 0) + b) / c", {"a": None, "b": 3, "c": 50}, 6),
        ("100 * (FILL(a, 0) + b) / c", {"a": 1, "b": 3, "c": None}, None),
        ("a / b", {"a": 1, "b": 0}, None),
        ("a - b", {"a": 1, "b": 3}, -2),
        ("a >= 1 OR b < 1", {"a": 0, "b": 2}, 0),
        ("a != 1 || b <= 1", {"a": 1, "b": 1}, 1),
        ("a > 1 && b > 1", {"a": 2, "b": 1}, 0),
    ],
)
def test_an_expression_has_the_value_that_cloudwatch_gives(
    expression: str, values: dict[str, float | None], expected: float | None
) -> None:
    assert evaluate(expression, values) == expected


def test_what_cannot_be_evaluated_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot evaluate 'RATE\\(a\\)'"):
        evaluate("RATE(a)", {"a": 1})
