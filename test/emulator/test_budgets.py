"""Budgets of a stack are those that AWS Budgets tells of, and wrong ones are refused."""

from typing import Any

import pytest
from emulator.settings import ACCOUNT
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack, StackFailedError, resource

TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
NOTIFICATION = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 100}
NOTICES = [{"Notification": NOTIFICATION, "Subscribers": [{"SubscriptionType": "SNS", "Address": TOPIC}]}]


def budget(amount: float, **changed: Any) -> dict[str, Any]:
    """The budget of a lake, as the template has it."""
    tags = [{"Tags": {"Key": key, "Values": [value]}} for key, value in (("project", "lake"), ("environment", "dev"))]
    data = {
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": amount, "Unit": "USD"},
        "Metrics": ["UnblendedCost"],
        "FilterExpression": {"And": tags},
        **changed,
    }
    return {"Budget": resource("Budgets::Budget", Budget=data, NotificationsWithSubscribers=NOTICES)}


def test_a_budget_is_there_changes_in_place_and_goes_with_its_stack(client: Client) -> None:
    stack = Stack(client, budget(150))
    name, budgets = {"AccountId": ACCOUNT, "BudgetName": stack.id_of("Budget")}, client("budgets")

    found = budgets.describe_budget(**name, ShowFilterExpression=True)["Budget"]
    assert found["BudgetLimit"] == {"Amount": "150", "Unit": "USD"}
    assert [each["Tags"]["Key"] for each in found["FilterExpression"]["And"]] == ["project", "environment"]
    (notice,) = budgets.describe_notifications_for_budget(**name)["Notifications"]
    subscribers = budgets.describe_subscribers_for_notification(**name, Notification=notice)["Subscribers"]
    assert subscribers == [{"SubscriptionType": "SNS", "Address": TOPIC}]

    stack.update(budget(200))
    assert budgets.describe_budget(**name)["Budget"]["BudgetLimit"]["Amount"] == "200"
    stack.delete()
    assert name["BudgetName"] not in str(budgets.describe_budgets(AccountId=ACCOUNT).get("Budgets"))


def test_a_time_unit_that_is_none_is_refused(client: Client) -> None:
    with pytest.raises(StackFailedError, match="WEEKLY"):
        Stack(client, budget(150, TimeUnit="WEEKLY"))
