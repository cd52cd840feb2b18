"""Storage for the contracts of a customer's datasets: items of the manifest that are written once."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from datalake import policy
from datalake.engine.contract import Contract, evolve
from datalake.engine.dataset import Column
from datalake.lake.latest import LATEST
from datalake.lake.recent import Recent

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_VERSION_DIGITS = 10
_IS_NEW = "attribute_not_exists(version)"
#: Another worker has written first, or is writing now. Any other reason would be the same at the next try.
_LOST = ("None", "ConditionalCheckFailed", "TransactionConflict")
#: By customer, dataset and sort key. None: the dataset has no contract yet.
Kept = Recent[tuple[str, str, str], Contract | None]


def new_memory() -> Kept:
    """The contracts that a process keeps, of all its customers."""
    return Recent(policy.MOST_COLUMNS, lambda contract: 1 + len(contract.columns if contract else ()))


class ContractStore:
    """The contracts of one customer, with what this worker has read of them.

    A version never changes, so it is read once. The latest version is read again when a write shows that it is old. An
    old version that has all the columns of an object is as good as a new one, since columns are only ever added.
    """

    def __init__(self, table: "Table", customer: str, kept: Kept | None = None) -> None:
        """Takes the manifest of the customer's session; reads nothing yet.

        Args:
            table: the manifest.
            customer: whose contracts.
            kept: memory that other customers may share.
        """
        self._table, self._customer = table, customer
        self._kept = new_memory() if kept is None else kept

    def latest(self, dataset: str) -> Contract | None:
        """The contract as this worker knows it; None for a new dataset."""
        return self._known(dataset, LATEST)

    def version(self, dataset: str, version: int) -> Contract:
        """One version of the contract.

        Raises:
            KeyError: there is none.
        """
        found = self._known(dataset, _sort_key(version))
        if found is None:
            self._kept.forget((self._customer, dataset, _sort_key(version)))
            raise KeyError(f"dataset {dataset} has no version {version} of its contract")
        return found

    def agree(self, dataset: str, declared: Iterable[Column], observed: Sequence[Column], source: str) -> Contract:
        """The contract once these columns have been seen. All workers agree on it.

        Args:
            dataset: name.
            declared: columns that the customer declares.
            observed: columns of an object.
            source: the object version, for the record.
        """
        declared, place = tuple(declared), (self._customer, dataset, LATEST)
        for _ in range(policy.CONTRACT_TRIES):
            current = self.latest(dataset)
            contract = evolve(current, declared, observed)
            if contract is current or self._write(dataset, contract, source):
                self._kept[place] = contract
                return contract
            self._kept.forget(place)
        raise TimeoutError(f"the contract of dataset {dataset} changes faster than it can be read")

    def _known(self, dataset: str, sort_key: str) -> Contract | None:
        place = (self._customer, dataset, sort_key)
        if place not in self._kept:
            self._kept[place] = self._read(dataset, sort_key)
        return self._kept[place]

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
            if not _is_lost(error):
                raise
            return False
        return True

    def _key(self, dataset: str) -> str:
        return f"{self._customer}#schema#{dataset}"


def _is_lost(error: ClientError) -> bool:
    """True if the transaction was cancelled by other writers, and by nothing else."""
    answer: Any = error.response
    codes = [reason.get("Code", "None") for reason in answer.get("CancellationReasons", ())]
    is_cancelled = answer["Error"]["Code"] == "TransactionCanceledException"
    return is_cancelled and any(code != "None" for code in codes) and all(code in _LOST for code in codes)


def _sort_key(version: int) -> str:
    return str(version).zfill(_VERSION_DIGITS)
