"""CloudWatch alarms: each is evaluated over its own dimensions and periods while the server runs."""

import asyncio
import logging
import operator
import time
from collections.abc import Callable, Mapping

from ministack.services import cloudwatch

from emulator import call_log
from emulator.answers import Record
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
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
    points = cloudwatch._metrics.get((alarm["Namespace"], alarm["MetricName"], dimensions)) or []
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    period, now = alarm["Period"], time.time()
    values: list[float | None] = []
    for number in range(alarm["EvaluationPeriods"]):
        end = now - number * period
        window = [point for point in points if end - period < point["Timestamp"] <= end]
        values.append(cloudwatch._stat_value(cloudwatch._calc_stats(window), statistic, window) if window else None)
    return values
