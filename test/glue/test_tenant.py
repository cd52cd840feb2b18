"""Sessions: a customer's data is read and written with that customer's rights alone."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.credentials import AssumeRoleCredentialFetcher
from datalake.arrivals import Arrival, ForeignBucketError, parse
from datalake.csv_to_json import CSV_TO_JSON
from datalake.tenant import Tenant, job_session
from datalake.verdicts import Request
from datalake.worker import Settings, Worker
from lake_harness import Lake


@pytest.fixture
def assumed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What STS is asked for; its answers are credentials that tell who holds them."""
    import botocore.client

    asked: list[dict[str, Any]] = []
    call = botocore.client.BaseClient._make_api_call

    def record(self: Any, operation: str, params: dict[str, Any]) -> Any:
        answer = call(self, operation, params)
        if operation == "AssumeRole":
            asked.append(params)
        return answer

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", record)
    return asked


def arrival(lake: Lake, customer: str = "acme") -> Arrival:
    found = parse(lake.event("raw/a.csv", "v1", customer=customer), lake.arguments(), "raw/")
    assert found
    return found


def tenant(lake: Lake, customer: str = "acme") -> Tenant:
    return Tenant(arrival(lake, customer), lake.arguments(), job_session(lake.arguments()))


def shortened(end: datetime) -> Callable[[AssumeRoleCredentialFetcher], Any]:
    """STS's answer with another end of the session."""
    get = AssumeRoleCredentialFetcher._get_credentials

    def call(self: AssumeRoleCredentialFetcher) -> Any:
        answer = get(self)
        answer["Credentials"]["Expiration"] = end
        return answer

    return call


def test_a_session_is_of_the_data_role_and_tagged_with_customer_and_database(
    lake: Lake, assumed: list[dict[str, Any]]
) -> None:
    made = tenant(lake)
    assert not assumed

    assert dict(made.datasets) == {}
    made.manifest.load()
    made.s3.head_bucket(Bucket=lake.bucket())

    (asked,) = assumed
    assert asked == {
        "RoleArn": lake.arguments().data_role_arn,
        "RoleSessionName": "customer-acme",
        "Tags": [{"Key": "customer", "Value": "acme"}, {"Key": "database", "Value": lake.database()}],
    }


def test_the_longest_customer_id_makes_a_session_name_that_sts_takes(lake: Lake, assumed: list[dict[str, Any]]) -> None:
    customer = "c" * 60

    with pytest.raises(ForeignBucketError):
        _ = tenant(lake, customer).datasets

    assert len(assumed[0]["RoleSessionName"]) == 64


@pytest.mark.parametrize(("minutes", "sessions"), [(55, 1), (5, 3)])
def test_a_session_is_renewed_before_it_ends(
    lake: Lake, assumed: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, minutes: int, sessions: int
) -> None:
    end = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr("botocore.credentials.AssumeRoleCredentialFetcher._get_credentials", shortened(end))
    made = tenant(lake)

    for _ in range(3):
        made.s3.head_bucket(Bucket=lake.bucket())

    assert len(assumed) == sessions


def test_a_customer_without_a_database_is_none(lake: Lake) -> None:
    lake.s3.create_bucket(Bucket=lake.bucket("nobody"))

    with pytest.raises(ForeignBucketError, match=f"it has no database {lake.database('nobody')}"):
        _ = tenant(lake, "nobody").datasets


def test_a_customer_that_was_not_there_yet_is_asked_for_again(lake: Lake) -> None:
    made = tenant(lake, "newcomer")
    with pytest.raises(ForeignBucketError):
        _ = made.datasets

    lake.add_customer("newcomer", {"orders": {"csv": {"delimiter": ";"}}})

    assert made.datasets["orders"].csv.delimiter == ";"


def test_the_datasets_are_read_once(lake: Lake) -> None:
    made, calls = tenant(lake), Counter[str]()
    made.glue.meta.events.register("before-call.glue", lambda model, **_: calls.update([model.name]))

    for _ in range(3):
        assert dict(made.datasets) == {}

    assert calls == {"GetDatabase": 1}


def test_a_worker_has_one_session_for_each_customer(lake: Lake, assumed: list[dict[str, Any]]) -> None:
    lake.add_customer("big-shop")
    worker = Worker(CSV_TO_JSON, Settings(lake.arguments(), 60))

    for n in range(3):
        for customer in ("acme", "big-shop"):
            upload = lake.put(f"raw/{n}.csv", b"id\n1\n", customer)
            found = parse(upload.event, lake.arguments(), "raw/")
            assert found
            outcome = worker.processor(found).process(found, Request(sent_at=0))
            assert outcome.result == "SUCCEEDED"

    assert [asked["RoleSessionName"] for asked in assumed] == ["customer-acme", "customer-big-shop"]


def test_only_the_customers_that_were_used_last_are_kept(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datalake.worker._MOST_CUSTOMERS", 2)
    worker = Worker(CSV_TO_JSON, Settings(lake.arguments(), 60))
    first, second, third = (arrival(lake, name) for name in ("a", "b", "c"))

    kept = worker.processor(first)
    worker.processor(second)
    assert worker.processor(first) is kept
    gone = worker.processor(second)
    worker.processor(first)
    worker.processor(third)

    assert worker.processor(first) is kept
    assert worker.processor(second) is not gone


def test_the_job_asks_for_its_own_region(lake: Lake) -> None:
    url = "https://sqs.eu-west-3.amazonaws.com/123456789012/work"

    session = job_session(lake.arguments(work_queue_url=url))

    assert session.get_config_variable("region") == "eu-west-3"
