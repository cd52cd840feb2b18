"""The CloudFormation type of AWS Budgets, which ministack lacks."""

from typing import Any

from ministack.services import budgets

from emulator.answers import Properties, Record, succeeded
from emulator.cloudformation_types import ResourceType, register
from emulator.settings import ACCOUNT


def request(name: str, given: Properties) -> Record:
    """The parameters of CreateBudget. An amount is text there, and a number in templates."""
    budget: dict[str, Any] = {"BudgetName": name, **given["Budget"]}
    if limit := budget.get("BudgetLimit"):
        budget["BudgetLimit"] = {**limit, "Amount": str(limit["Amount"])}
    return {
        "AccountId": ACCOUNT,
        "Budget": budget,
        "NotificationsWithSubscribers": given.get("NotificationsWithSubscribers", []),
    }


def update(name: str, given: Properties) -> None:
    """Sets the budget itself."""
    succeeded(budgets._update_budget({"AccountId": ACCOUNT, "NewBudget": request(name, given)["Budget"]}))


BUDGET = ResourceType(
    type="AWS::Budgets::Budget",
    create=lambda name, given: succeeded(budgets._create_budget(request(name, given))),
    update=update,
    delete=lambda name: succeeded(budgets._delete_budget({"AccountId": ACCOUNT, "BudgetName": name})),
    replacing=("NotificationsWithSubscribers",),
    name_limit=100,
)


def install() -> None:
    """Makes CloudFormation provision budgets."""
    register(BUDGET)
