"""The clients of a process. All customers share them; each customer has a session of its own.

A client takes half a megabyte and 25 ms of CPU, nearly all of it for the model of its API. A customer's credentials
take 3 KB. So a process has one client of each service, and signs every call for the customer whose call it is.
"""

import functools
from collections.abc import Callable
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    Credentials,
    DeferredRefreshableCredentials,
)

from datalake import policy
from datalake.arguments import Arguments
from datalake.lake import conditional_writes
from datalake.lake.arrival import Owner

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": policy.CALL_ATTEMPTS},
    connect_timeout=policy.CONNECT_SECONDS,
    read_timeout=policy.READ_SECONDS,
    max_pool_connections=policy.CONNECTIONS,
)
_METHOD = "assume-role"
#: The credentials of the call that this thread is making. Between calls there are none, and nothing can be signed.
_caller: ContextVar[Credentials] = ContextVar("caller")


class Clients:
    """The clients and credentials for work on customers' data."""

    def __init__(self, arguments: Arguments) -> None:
        """Calls nothing yet."""
        self._role_arn, self._table_name = arguments.data_role_arn, arguments.manifest_table
        self._base = job_session(arguments)
        session = botocore.session.Session()
        session.set_config_variable("region", self._base.get_config_variable("region"))
        session.register_component("credential_provider", CredentialResolver([_OfCaller()]))
        self._session = boto3.Session(botocore_session=session)

    @cached_property
    def s3(self) -> "S3Client":
        """The client for objects, whose writes take conditions."""
        client = self._session.client("s3", config=CONFIG)
        conditional_writes.enable(client)
        return client

    @cached_property
    def glue(self) -> "GlueClient":
        """The client for the catalog."""
        return self._session.client("glue", config=CONFIG)

    @cached_property
    def _manifest(self) -> "Table":
        return self._session.resource("dynamodb", config=CONFIG).Table(self._table_name)

    def manifest(self, credentials: Credentials) -> "Table":
        """The manifest, with these credentials."""
        table: Any = self._manifest
        made: Table = type(table)(table.name, client=SignedFor(credentials, table.meta.client))
        return made

    def credentials(self, owner: Owner) -> Credentials:
        """Credentials of a session of the data role, with the tags that its policy requires.

        STS is called when they are first used. They last an hour, the most for a role that assumes another one.
        botocore renews them before that.
        """
        tags = [{"Key": "customer", "Value": owner.customer}, {"Key": "database", "Value": owner.database}]
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=lambda *_, **__: self._sts,
            source_credentials=self._base.get_credentials(),
            role_arn=self._role_arn,
            # CloudTrail shows this name, of 2 to 64 characters.
            extra_args={"RoleSessionName": f"customer-{owner.customer}"[:64], "Tags": tags},
        )
        return DeferredRefreshableCredentials(fetcher.fetch_credentials, _METHOD)

    @cached_property
    def _sts(self) -> BaseClient:
        return self._base.create_client("sts", config=CONFIG)


class SignedFor:
    """A shared client for one customer: every call is signed with the customer's credentials."""

    def __init__(self, credentials: Credentials, client: BaseClient) -> None:
        """Calls nothing yet."""
        self._credentials, self._client = credentials, client

    def __getattr__(self, name: str) -> Any:
        """The client's attribute; an operation is signed for this customer."""
        found = getattr(self._client, name)
        return self._signed(found) if callable(found) else found

    def _signed(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(operation)
        def call(*arguments: Any, **options: Any) -> Any:
            token = _caller.set(self._credentials)
            try:
                return operation(*arguments, **options)
            finally:
                _caller.reset(token)

        return call


class _CallersCredentials(Credentials):
    """Stands for credentials in the shared clients, which ask it for every signature."""

    def __init__(self) -> None:
        super().__init__("", "", method=_METHOD)

    def get_frozen_credentials(self) -> Any:
        """The caller's credentials; botocore asks in the thread of the call."""
        return _caller.get().get_frozen_credentials()


class _OfCaller(CredentialProvider):
    METHOD = _METHOD

    def load(self) -> Credentials:
        return _CallersCredentials()


def job_session(arguments: Arguments) -> botocore.session.Session:
    """A session with the rights of the job itself, which can read no customer's data."""
    session = botocore.session.Session()
    session.set_config_variable("sts_regional_endpoints", "regional")
    if arguments.region:
        session.set_config_variable("region", arguments.region)
    return session
