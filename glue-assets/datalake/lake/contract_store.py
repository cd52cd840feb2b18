"""Where the contracts of a customer's datasets are kept: items of the manifest that are written once."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from datalake import policy
from datalake.engine.contract import Contract, evolve
from datalake.engine.dataset import Column
from datalake.lake.latest import LATEST

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_VERSION_DIGITS = 10
_IS_NEW = "attribute_not_exists(version)"


class ContractStore:
    """The contracts of one customer, with what this worker has read of them.

    A version never changes, so it is read once. The latest one is read again when a write shows that it is old: an old
    one that has all the columns of an object is as good as a new one, since columns are only ever added.
    """

    def __init__(self, table: "Table", customer: str) -> None:
        """Takes the manifest of the customer's session; reads nothing yet."""
        self._table, self._customer = table, customer
        self._versions: dict[tuple[str, int], Contract] = {}
        self._latest: dict[str, Contract | None] = {}

    def latest(self, dataset: str) -> Contract | None:
        """The contract as this worker knows it; None for a new dataset."""
        if dataset not in self._latest:
            self._latest[dataset] = self._read(dataset, LATEST)
        return self._latest[dataset]

    def version(self, dataset: str, version: int) -> Contract:
        """One version of the contract.

        Raises:
            KeyError: there is none.
        """
        found = self._versions.get((dataset, version)) or self._read(dataset, _sort_key(version))
        if found is None:
            raise KeyError(f"dataset {dataset} has no version {version} of its contract")
        self._versions[dataset, version] = found
        return found

    def agree(self, dataset: str, declared: Iterable[Column], observed: Sequence[Column], source: str) -> Contract:
        """The contract that holds once these columns have been seen; all workers agree on it.

        Args:
            dataset: name.
            declared: by the customer.
            observed: in an object.
            source: the object version, for the record.
        """
        declared = tuple(declared)
        for _ in range(policy.CONTRACT_TRIES):
            current = self.latest(dataset)
            contract = evolve(current, declared, observed)
            if contract is current or self._write(dataset, contract, source):
                self._latest[dataset] = contract
                return contract
            del self._latest[dataset]
        raise TimeoutError(f"the contract of dataset {dataset} changes faster than it can be read")

    def _read(self, dataset: str, sort_key: str) -> Contract | None:
        key = {"object": self._key(dataset), "version": sort_key}
        item = self._table.get_item(Key=key, ConsistentRead=True).get("Item")
        return Contract.from_dict(item) if item else None

    def _write(self, dataset: str, contract: Contract, source: str) -> bool:
        """Adds a version; False if another worker has added it."""
        item = contract.to_dict() | {"object": self._key(dataset), "source": source}
        put = {"TableName": self._table.name, "ConditionExpression": _IS_NEW}
        latest: Any = put | {"Item": item | {"version": LATEST}}
        if contract.version > 1:
            before = {":before": contract.version - 1}
            latest |= {"ConditionExpression": "schema_version = :before", "ExpressionAttributeValues": before}
        version: Any = put | {"Item": item | {"version": _sort_key(contract.version)}}
        try:
            self._table.meta.client.transact_write_items(TransactItems=[{"Put": version}, {"Put": latest}])
        except ClientError as error:
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            return False
        return True

    def _key(self, dataset: str) -> str:
        return f"{self._customer}#schema#{dataset}"


def _sort_key(version: int) -> str:
    return str(version).zfill(_VERSION_DIGITS)
