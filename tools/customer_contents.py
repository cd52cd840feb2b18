"""Everything that a lake holds of one customer, in batches that one call removes. Used by erase_customer.py."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

LAYERS = ("raw", "processed", "analytics-ready")
ABSENT = ("NoSuchBucket", "404", "EntityNotFoundException")
#: Limits of BatchGetQueryExecution and BatchDeleteTable.
MOST_QUERIES, MOST_TABLES = 50, 100
QUERY_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Found = Mapping[str, Any]


class NotRemovedError(Exception):
    """A call did not remove everything that it named."""


@dataclass(frozen=True)
class Batch:
    """Things that one call removes.

    Attributes:
        things: kind and size in bytes of each.
        remove: makes the call.
    """

    things: Sequence[tuple[str, int]]
    remove: Callable[[], object]


class Customer:
    """A customer and the names of what belongs to the customer."""

    def __init__(
        self, session: Any, customer: str, *, organization: str, environment: str, manifest_table: str
    ) -> None:
        """Creates clients. Makes no calls."""
        self.id = customer
        self.bucket = f"{organization}-{customer}-{environment}-datalake"
        self.results = f"{organization}-{environment}-query-results"
        self.database = "_".join((organization, customer.replace("-", "_"), environment))
        self.s3, self.glue, self.athena = map(session.client, ("s3", "glue", "athena"))
        self.manifest = session.resource("dynamodb").Table(manifest_table)

    def contents(self) -> Iterator[Batch]:
        """Everything but the bucket. The database goes early: without it the jobs drop waiting work of the customer."""
        for part in (self._query_results, self._catalog, self._objects, self._uploads, self._items):
            yield from _unless_absent(part())

    def itself(self) -> Iterator[Batch]:
        """The bucket."""
        return _unless_absent(self._bucket())

    def _query_results(self) -> Iterator[Batch]:
        """Results of queries that ran in the customer's database or name it. The key contains the query's id."""
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.results):
            matches = [(each, QUERY_ID.search(each["Key"])) for each in page.get("Contents", [])]
            ids = sorted({match[0] for _, match in matches if match})
            ours = {id_ for some in _chunks(ids, MOST_QUERIES) for id_ in self._queries(some)}
            objects = [each for each, match in matches if match and match[0] in ours]
            if objects:
                things = [("query results", each["Size"]) for each in objects]
                yield Batch(things, partial(_delete_objects, self.s3, self.results, objects))

    def _queries(self, ids: Sequence[str]) -> Iterator[str]:
        for query in self.athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"]:
            text = f"{query.get('QueryExecutionContext', {}).get('Database', '')} {query['Query']}"
            if re.search(rf"\b{self.database}\b", text, re.IGNORECASE):
                yield query["QueryExecutionId"]

    def _catalog(self) -> Iterator[Batch]:
        pages = self.glue.get_paginator("get_tables").paginate(DatabaseName=self.database)
        names = [table["Name"] for page in pages for table in page["TableList"]]
        for some in _chunks(names, MOST_TABLES):
            yield Batch([("tables", 0)] * len(some), partial(_delete_tables, self.glue, self.database, some))
        self.glue.get_database(Name=self.database)
        yield Batch([("databases", 0)], partial(self.glue.delete_database, Name=self.database))

    def _objects(self) -> Iterator[Batch]:
        for page in _one_ahead(self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket)):
            versions, markers = page.get("Versions", []), page.get("DeleteMarkers", [])
            things = [*map(_version, versions), *(("delete markers", 0) for _ in markers)]
            if things:
                yield Batch(things, partial(_delete_objects, self.s3, self.bucket, [*versions, *markers]))

    def _uploads(self) -> Iterator[Batch]:
        for page in self.s3.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket):
            for each in page.get("Uploads", []):
                place = {"Bucket": self.bucket, "Key": each["Key"], "UploadId": each["UploadId"]}
                yield Batch([("unfinished uploads", 0)], partial(self.s3.abort_multipart_upload, **place))

    def _items(self) -> Iterator[Batch]:
        """Found by a scan, which reads the items of all customers and misses none.

        No index contains the pointers and contracts. After an interrupted erasure, or when the last version of a file
        has expired, no item and no object leads to them.
        """
        pages = self.manifest.meta.client.get_paginator("scan").paginate(
            TableName=self.manifest.name,
            FilterExpression=Attr("object").begins_with(f"{self.id}#"),
            ProjectionExpression="#object, version",
            ExpressionAttributeNames={"#object": "object"},
            ConsistentRead=True,
        )
        for page in pages:
            if page["Items"]:
                things = [(_kind(each), 0) for each in page["Items"]]
                yield Batch(things, partial(_delete_items, self.manifest, page["Items"]))

    def _bucket(self) -> Iterator[Batch]:
        self.s3.head_bucket(Bucket=self.bucket)
        yield Batch([("buckets", 0)], partial(self.s3.delete_bucket, Bucket=self.bucket))


def _unless_absent(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Reads something that may be gone or may disappear meanwhile."""
    try:
        yield from batches
    except ClientError as error:
        if error.response["Error"]["Code"] not in ABSENT:
            raise


def _one_ahead(pages: Iterable[Found]) -> Iterator[Found]:
    """Each page when the next is there: none is listed from a version that is gone, or calls an old one the latest."""
    held = None
    for page in pages:
        if held is not None:
            yield held
        held = page
    if held is not None:
        yield held


def _chunks(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (names[start : start + size] for start in range(0, len(names), size))


def _version(found: Found) -> tuple[str, int]:
    layer = found["Key"].split("/", 1)[0]
    place = f"under {layer}/" if layer in LAYERS else "elsewhere"
    return f"{'objects' if found['IsLatest'] else 'replaced versions'} {place}", found["Size"]


def _kind(item: Found) -> str:
    if item["object"].split("#", 2)[1] == "schema":
        return "manifest: contracts"
    return "manifest: pointers" if item["version"] == "#latest" else "manifest: object versions"


def _delete_objects(s3: Any, bucket: str, found: Sequence[Found]) -> None:
    """A page of a listing has at most 1,000 versions, as many as one call deletes."""
    objects = [{name: each[name] for name in ("Key", "VersionId") if name in each} for each in found]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    _check(answer.get("Errors", []), f"objects of {bucket}")


def _delete_tables(glue: Any, database: str, names: Sequence[str]) -> None:
    answer = glue.batch_delete_table(DatabaseName=database, TablesToDelete=names)
    _check(answer.get("Errors", []), f"tables of {database}")


def _delete_items(table: Any, found: Sequence[Found]) -> None:
    with table.batch_writer() as batch:  # 25 items per call; resends what a call has not processed
        for each in found:
            batch.delete_item(Key=each)


def _check(errors: Sequence[Found], what: str) -> None:
    if errors:
        raise NotRemovedError(f"{len(errors)} {what} were not removed, the first because of: {errors[0]}")
