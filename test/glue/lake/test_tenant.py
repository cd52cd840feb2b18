"""Sessions: a customer's data is read and written with that customer's rights alone."""

import json
import math
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from botocore.credentials import AssumeRoleCredentialFetcher, Credentials
from datalake import policy
from datalake.driver.arrivals import parse
from datalake.lake.arrival import Arrival
from datalake.lake.clients import Clients, job_session
from datalake.lake.tenant import NoDatabaseError, Tenant
from datalake.stages.csv_to_json import CSV_TO_JSON
from datalake.stages.json_to_parquet import JSON_TO_PARQUET
from lake_harness import Lake


def arrival(lake: Lake, customer: str = "acme") -> Arrival:
    found = parse(lake.event("raw/a.csv", "v1", customer=customer), lake.arguments(), "raw/")
    assert found
    return found


def tenant(lake: Lake, customer: str = "acme") -> Tenant:
    return Tenant(arrival(lake, customer), Clients(lake.arguments()))


def shortened(end: datetime) -> Callable[[AssumeRoleCredentialFetcher], Any]:
    """STS's answer with another expiration."""
    fetcher: Any = AssumeRoleCredentialFetcher
    get = fetcher._get_credentials

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

    assert dict(made.datasets(60)) == {}
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

    with pytest.raises(NoDatabaseError):
        tenant(lake, customer).datasets(60)

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

    with pytest.raises(NoDatabaseError, match=f"it has no database {lake.database('nobody')}"):
        tenant(lake, "nobody").datasets(60)


def test_a_customer_that_was_not_there_yet_is_asked_for_again(lake: Lake) -> None:
    made = tenant(lake, "newcomer")
    with pytest.raises(NoDatabaseError):
        made.datasets(60)

    lake.add_customer("newcomer", {"orders": {"csv": {"delimiter": ";"}}})

    assert made.datasets(60)["orders"].csv.delimiter == ";"


def test_the_datasets_are_read_again_after_a_minute(lake: Lake) -> None:
    now = [1000.0]
    made, calls = Tenant(arrival(lake), Clients(lake.arguments()), clock=lambda: now[0]), Counter[str]()
    made.glue.meta.events.register("before-call.glue", lambda model, **_: calls.update([model.name]))

    assert dict(made.datasets(60)) == {}
    declared = {"datasets": json.dumps({"orders": {"csv": {"delimiter": ";"}}})}
    lake.glue.update_database(Name=lake.database(), DatabaseInput={"Name": lake.database(), "Parameters": declared})
    now[0] += 59
    assert dict(made.datasets(60)) == {}
    assert calls == {"GetDatabase": 1}
    now[0] += 1
    for _ in range(3):
        assert made.datasets(60)["orders"].csv.delimiter == ";"

    assert calls == {"GetDatabase": 2}


def test_the_first_stage_heeds_a_declaration_within_a_minute_and_the_second_needs_none() -> None:
    assert CSV_TO_JSON.declarations_seconds == policy.DECLARATIONS_SECONDS == 60
    assert JSON_TO_PARQUET.declarations_seconds == math.inf


def test_two_customers_calls_at_once_are_each_signed_for_their_own(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.add_customer("big-shop")
    clients, both = Clients(lake.arguments()), Barrier(2)
    monkeypatch.setattr(clients, "credentials", lambda found: Credentials(f"KEY-OF-{found.customer}", "secret"))
    signed: dict[str, str] = {}

    def note(request: Any, **_: Any) -> None:
        signed[request.url.split("/")[-1]] = request.headers["Authorization"].decode()

    events: Any = clients.s3.meta.events
    events.register("before-sign.s3", lambda **_: both.wait(10))
    events.register("before-send.s3", note)
    tenants = {name: Tenant(arrival(lake, name), clients) for name in ("acme", "big-shop")}
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: tenants[name].s3.head_bucket(Bucket=lake.bucket(name)), tenants))

    for name in tenants:
        assert f"Credential=KEY-OF-{name}/" in signed[lake.bucket(name)]


def test_nothing_is_signed_for_nobody(lake: Lake) -> None:
    clients = Clients(lake.arguments())
    clients.manifest(clients.credentials(arrival(lake))).load()

    with pytest.raises(LookupError, match="caller"):
        clients.s3.head_bucket(Bucket=lake.bucket())


def test_the_job_asks_for_its_own_region(lake: Lake) -> None:
    url = "https://sqs.eu-west-3.amazonaws.com/123456789012/work"

    session = job_session(lake.arguments(work_queue_url=url))

    assert session.get_config_variable("region") == "eu-west-3"


def test_every_call_of_a_job_gives_up_and_tries_again_as_the_policy_says(lake: Lake) -> None:
    clients: Any = Clients(lake.arguments())

    for client in (clients.s3, clients.glue, clients._manifest.meta.client, clients._sts):
        config = client.meta.config
        assert (config.connect_timeout, config.read_timeout) == (policy.CONNECT_SECONDS, policy.READ_SECONDS)
        assert config.retries == {"mode": "standard", "total_max_attempts": policy.CALL_ATTEMPTS}
        assert config.max_pool_connections == policy.CONNECTIONS
