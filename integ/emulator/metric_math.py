"""Metric math of alarms, as far as alarms of this project use it.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping

Values = Mapping[str, float | None]

#: CloudWatch learns a band from weeks of data. Here such an alarm has none, so it stays as it was created.
BAND = "ANOMALY_DETECTION_BAND"
_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def evaluate(expression: str, values: Values) -> float | None:
    """The value of an expression for one period.

    Args:
        expression: as in the alarm.
        values: of the metrics by id; None where a metric has no data.

    Returns:
        None where the expression has no data: a metric that it needs has none, or it divides by zero.

    Raises:
        ValueError: this program cannot evaluate the expression.
    """
    pythonic = re.sub(r"\b(AND|OR)\b|&&|\|\|", lambda word: "and" if word[0] in ("AND", "&&") else "or", expression)
    return _of(ast.parse(pythonic, mode="eval").body, values)


def _of(node: ast.expr, values: Values) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.Call(func=ast.Name(id="FILL"), args=[metric, filler]):
            value = _of(metric, values)
            return _of(filler, values) if value is None else value
        case ast.Call(func=ast.Name(id="IF"), args=[condition, yes, no]):
            is_so = _of(condition, values)
            return None if is_so is None else _of(yes if is_so else no, values)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _both(_ARITHMETIC[type(op)], left, right, values)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            return _both(_COMPARISONS[type(op)], left, right, values)
        case ast.BoolOp(op=op, values=parts):
            found = [_of(part, values) for part in parts]
            return None if None in found else float((all if isinstance(op, ast.And) else any)(found))
    raise ValueError(f"the local CloudWatch cannot evaluate {ast.unparse(node)!r}")


def _both(function: Callable[[float, float], float], left: ast.expr, right: ast.expr, values: Values) -> float | None:
    first, second = _of(left, values), _of(right, values)
    if first is None or second is None:
        return None
    try:
        return float(function(first, second))
    except ZeroDivisionError:
        return None
