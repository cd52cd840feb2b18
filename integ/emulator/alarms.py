"""CloudWatch alarms: each is evaluated over its own dimensions and periods while the server runs."""

import asyncio
import logging
import operator
import time
from collections.abc import Callable, Mapping

from ministack.services import cloudwatch

from emulator import call_log, metric_math
from emulator.answers import Properties, Record
from emulator.cloudformation_types import extend
from emulator.metrics import gauge_queues

logger = logging.getLogger("emulator.alarms")

#: AWS evaluates once a minute; tests need not wait for that. The periods of the alarms stay as the template says.
EVALUATION_SECONDS = 1.0
BREACHES: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}


def install() -> None:
    """Replaces ministack's evaluation, which pools all dimensions and ignores missing data."""
    cloudwatch._evaluate_alarm = evaluate
    extend("AWS::CloudWatch::Alarm", keep_metrics, without_metrics)


def without_metrics(given: Properties) -> Properties:
    """The part of an alarm that ministack takes: it refuses several metrics, and knows no threshold that is a band."""
    if "Metrics" not in given:
        return given
    rest = {name: value for name, value in given.items() if name not in ("Metrics", "ThresholdMetricId")}
    periods = [metric["MetricStat"]["Period"] for metric in given["Metrics"] if "MetricStat" in metric]
    stand_in = {"MetricName": "-", "Namespace": "-", "ComparisonOperator": "GreaterThanThreshold"}
    return {"Threshold": 0, **rest, **stand_in, "Period": max(periods)}


def keep_metrics(name: str, given: Properties) -> None:
    """Adds the metrics to ministack's record of the alarm.

    Raises:
        ValueError: their expression is one that this program cannot evaluate.
    """
    if "Metrics" not in given:
        return
    for metric in given["Metrics"]:
        expression = metric.get("Expression", "")
        if expression and metric_math.BAND not in expression:
            metric_math.evaluate(expression, dict.fromkeys((each["Id"] for each in given["Metrics"]), 1.0))
    kept = {each: given[each] for each in ("Metrics", "ComparisonOperator", "ThresholdMetricId") if each in given}
    cloudwatch._alarms[name] |= {**kept, "MetricName": None, "Namespace": None}


async def watch() -> None:
    """Measures the queues and evaluates all alarms once a second, on the event loop that owns the metrics' store."""
    while True:
        try:
            gauge_queues()
            cloudwatch._evaluate_all_alarms()
        except Exception:
            logger.exception("alarms")
        await asyncio.sleep(EVALUATION_SECONDS)


def evaluate(alarm: Record) -> None:
    """Sets the alarm's state and notifies its topics if the state has changed."""
    old, (new, reason) = alarm["StateValue"], judge(alarm)
    if new == old:
        return
    alarm.update(StateValue=new, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], old, new, reason)
    for topic in alarm.get("AlarmActions") or [] if new == "ALARM" else []:
        call_log.note_service("cloudwatch.amazonaws.com", "sns:Publish", topic, alarm["AlarmArn"])
    cloudwatch._dispatch_alarm_actions(alarm, old, new, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def judge(alarm: Record) -> tuple[str, str]:
    """The state that follows from the datapoints, and the reason."""
    if any(metric_math.BAND in metric.get("Expression", "") for metric in alarm.get("Metrics", [])):
        return alarm["StateValue"], alarm["StateReason"]
    values = datapoints(alarm)
    missing = alarm.get("TreatMissingData") or "missing"
    if all(value is None for value in values):
        if missing == "ignore":
            return alarm["StateValue"], ""
        if missing == "missing":
            return "INSUFFICIENT_DATA", "Insufficient Data: no datapoints were received"
    breaches = BREACHES[alarm["ComparisonOperator"]]
    found = [missing == "breaching" if value is None else breaches(value, alarm["Threshold"]) for value in values]
    is_alarm = sum(found) >= int(alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"])
    word = "was" if is_alarm else "was not"
    test = f"{alarm['ComparisonOperator']} {alarm['Threshold']}"
    return ("ALARM" if is_alarm else "OK"), f"Threshold Crossed: {values} {word} {test}"


def datapoints(alarm: Record) -> list[float | None]:
    """The statistic of each evaluation period, newest first; None for a period without values."""
    periods = range(alarm["EvaluationPeriods"])
    if not alarm.get("Metrics"):
        statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
        return [_value(alarm, statistic, alarm["Period"], number) for number in periods]
    (expression,) = [metric["Expression"] for metric in alarm["Metrics"] if metric.get("ReturnData", True)]
    found = {metric["Id"]: metric["MetricStat"] for metric in alarm["Metrics"] if "MetricStat" in metric}
    return [
        metric_math.evaluate(
            expression, {id_: _value(m["Metric"], m["Stat"], m["Period"], number) for id_, m in found.items()}
        )
        for number in periods
    ]


def _value(metric: Record, statistic: str, period: float, number: int) -> float | None:
    """The statistic of a metric in a period, counted back from now; None without data."""
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(metric.get("Dimensions") or []))
    points = cloudwatch._metrics.get((metric["Namespace"], metric["MetricName"], dimensions)) or []
    end = time.time() - number * period
    window = [point for point in points if end - period < point["Timestamp"] <= end]
    return cloudwatch._stat_value(cloudwatch._calc_stats(window), statistic, window) if window else None
