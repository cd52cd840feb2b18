"""The customers' own sessions: all their data is read and written with the rights of one customer."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import boto3
import botocore.session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import ClientError

from datalake import conditional_writes
from datalake.arguments import Arguments
from datalake.arrivals import Arrival, ForeignBucketError
from datalake.dataset import Dataset, read_datasets

CLIENTS = Config(
    retries={"mode": "standard", "total_max_attempts": 6}, connect_timeout=5, read_timeout=60, max_pool_connections=10
)


class Tenant:
    """One customer, as a worker sees it.

    The credentials of its session end after an hour, since a role assumed the next; botocore gets new ones before that.
    """

    def __init__(self, arrival: Arrival, arguments: Arguments, base: botocore.session.Session) -> None:
        """The customer whose object has arrived; calls nothing yet."""
        self.customer, self.database, self.bucket = arrival.customer, arrival.database, arrival.bucket
        self._table_name = arguments.manifest_table
        self._session = boto3.Session(botocore_session=_assumed(base, arrival, arguments.data_role_arn))

    @cached_property
    def s3(self) -> Any:
        """The client for objects; its writes take conditions."""
        client = self._session.client("s3", config=CLIENTS)
        conditional_writes.enable(client)
        return client

    @cached_property
    def glue(self) -> Any:
        """The client for the catalog."""
        return self._session.client("glue", config=CLIENTS)

    @cached_property
    def manifest(self) -> Any:
        """The DynamoDB table."""
        return self._session.resource("dynamodb", config=CLIENTS).Table(self._table_name)

    @cached_property
    def datasets(self) -> Mapping[str, Dataset]:
        """What the customer declared.

        Raises:
            ForeignBucketError: there is no such customer. Every customer has a database, from its first day.
        """
        try:
            found = self.glue.get_database(Name=self.database)["Database"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "EntityNotFoundException":
                raise
            raise ForeignBucketError(f"{self.customer} is no customer: it has no database {self.database}") from error
        return read_datasets(found.get("Parameters", {}).get("datasets"))

    def forget_datasets(self) -> None:
        """Has the customer's declarations asked for again at their next use."""
        self.__dict__.pop("datasets", None)


def job_session(arguments: Arguments) -> botocore.session.Session:
    """A session with the rights of the job itself, which cannot read any customer's data."""
    session = botocore.session.Session()
    session.set_config_variable("sts_regional_endpoints", "regional")
    if arguments.region:
        session.set_config_variable("region", arguments.region)
    return session


def _assumed(base: botocore.session.Session, arrival: Arrival, role_arn: str) -> botocore.session.Session:
    """A session of the data role, with the tags that its policy asks for."""

    def create_client(service: str, **options: Any) -> BaseClient:
        return base.create_client(service, config=CLIENTS, **options)

    tags = [{"Key": "customer", "Value": arrival.customer}, {"Key": "database", "Value": arrival.database}]
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=create_client,
        source_credentials=base.get_credentials(),
        role_arn=role_arn,
        # The name is what CloudTrail shows; it needs two characters at least and has room for 64.
        extra_args={"RoleSessionName": f"customer-{arrival.customer}"[:64], "Tags": tags},
    )
    session = botocore.session.Session()
    session.set_config_variable("region", base.get_config_variable("region"))
    session.register_component("data_loader", base.get_component("data_loader"))
    session.register_component("credential_provider", CredentialResolver([_Assumed(fetcher)]))
    return session


class _Assumed(CredentialProvider):  # type: ignore[misc]
    METHOD = "assume-role"

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(self._fetcher.fetch_credentials, self.METHOD)
