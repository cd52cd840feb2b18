"""Policies of SQS queues and SNS topics: principals that do not exist. Source: the words of public reports."""

from typing import Any

from ministack.services import sns, sqs

from emulator.answers import Answer, Properties
from emulator.refusals.principals import missing_principals
from emulator.refusals.refusal import RefusalError, before_provisioning


def install_calls() -> None:
    """CreateQueue, SetQueueAttributes and SetTopicAttributes."""
    for action in ("CreateQueue", "SetQueueAttributes"):
        sqs._HANDLERS[action] = checked_queue(sqs._HANDLERS[action])
    inner = sns._set_topic_attributes

    def set_topic_attributes(parameters: Any) -> Answer:
        try:
            if sns._p(parameters, "AttributeName") == "Policy":
                check_topic_policy(sns._p(parameters, "AttributeValue"))
        except RefusalError as refused:
            made: Answer = sns._error(refused.code, refused.message, refused.status)
        else:
            made = inner(parameters)
        return made

    sns._set_topic_attributes = set_topic_attributes


def checked_queue(inner: Any) -> Any:
    """An action of SQS that sets attributes, checked before it does anything."""

    def act(data: Properties, url: str) -> Any:
        policy = (data.get("Attributes") or {}).get("Policy")
        try:
            check_queue_policy(policy)
        except RefusalError as refused:
            raise sqs._Err(refused.code, refused.message, refused.status) from refused
        return inner(data, url)

    return act


def install_provisioning() -> None:
    """AWS::SQS::QueuePolicy and AWS::SNS::TopicPolicy."""
    before_provisioning("AWS::SQS::QueuePolicy", lambda new, *_: check_queue_policy(new["PolicyDocument"]))
    before_provisioning("AWS::SNS::TopicPolicy", lambda new, *_: check_topic_policy(new["PolicyDocument"]))


def check_queue_policy(document: Any) -> None:
    """Raises RefusalError."""
    if document and missing_principals(document):
        raise RefusalError("AmazonSQS", "InvalidAttributeValue", "Invalid value for the parameter Policy.")


def check_topic_policy(document: Any) -> None:
    """Raises RefusalError."""
    if document and missing_principals(document):
        raise RefusalError("AmazonSNS", "InvalidParameter", "Invalid parameter: Policy Error: PrincipalNotFound")
