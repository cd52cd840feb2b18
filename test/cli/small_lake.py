"""A lake of two customers that have things of every kind, made without jobs."""

from typing import Any

from cli.deployed import deploy
from emulator.testing.probe import Client

CUSTOMERS = ("acme", "acme-2")
#: The report of the first customer; the other has as much.
CONTENTS = {
    "query results": 2,
    "tables": 2,
    "databases": 1,
    "objects under raw/": 1,
    "objects under processed/": 1,
    "objects under analytics-ready/": 1,
    "objects elsewhere": 1,
    "replaced versions under raw/": 4,
    "delete markers": 1,
    "unfinished uploads": 2,
    "manifest: object versions": 4,
    "manifest: pointers": 1,
    "manifest: contracts": 2,
}
ITEMS = (
    ("raw/a.csv", "v1"),
    ("raw/a.csv", "v2"),
    ("raw/a.csv", "#latest"),
    ("raw/gone.csv", "v1"),
    ("processed/a.json", "v1"),
    ("schema#orders", "0000000001"),
    ("schema#orders", "#latest"),
)


class Table:
    """The manifest's table."""

    def __init__(self, dynamodb: Any, name: str) -> None:
        """Makes no calls."""
        self._dynamodb, self._name = dynamodb, name

    def put(self, **attributes: str | int) -> None:
        """Puts an item."""
        item = {name: {"N" if isinstance(value, int) else "S": str(value)} for name, value in attributes.items()}
        self._dynamodb.put_item(TableName=self._name, Item=item)

    def items(self) -> list[dict[str, Any]]:
        """All items."""
        found: list[dict[str, Any]] = self._dynamodb.scan(TableName=self._name, ConsistentRead=True)["Items"]
        return found


class SmallLake:
    """The lake. What a customer has is the same every time, except ids."""

    def __init__(self, client: Client, organization: str) -> None:
        """Creates the lake."""
        self.organization, self.stack = organization, deploy(client, organization)
        self.s3, self.glue, self.athena = map(client, ("s3", "glue", "athena"))
        self.manifest = Table(client("dynamodb"), self.stack.id_of("LakeManifestTable00000000"))
        self.results = f"{organization}-dev-query-results"
        self._keys_of_results: dict[str, list[str]] = {}
        for customer in CUSTOMERS:
            self.put(customer)

    def put(self, customer: str) -> None:
        """Gives a customer things of every kind."""
        self._put_objects(self.bucket(customer))
        self._put_tables(self.database(customer))
        for key, version in ITEMS:
            self.manifest.put(object=f"{customer}#{key}", version=version)
        self._keys_of_results[customer] = self._put_results(self.database(customer))

    def bucket(self, customer: str) -> str:
        """Name of the customer's bucket."""
        return f"{self.organization}-{customer}-dev-datalake"

    def database(self, customer: str) -> str:
        """Name of the customer's database."""
        return f"{self.organization}_{customer.replace('-', '_')}_dev"

    def state(self, customer: str) -> dict[str, Any]:
        """Everything that the customer has, by kind."""
        items = [item for item in self.manifest.items() if item["object"]["S"].startswith(f"{customer}#")]
        results = [each["Key"] for each in self.s3.list_objects_v2(Bucket=self.results).get("Contents", [])]
        found = {"items": items, "results": [key for key in results if key in self._keys_of_results[customer]]}
        if self.database(customer) in [each["Name"] for each in self.glue.get_databases()["DatabaseList"]]:
            found["tables"] = [self.glue.get_tables(DatabaseName=self.database(customer))["TableList"]]
        if self.bucket(customer) in [each["Name"] for each in self.s3.list_buckets()["Buckets"]]:
            found["bucket"] = [self._contents(self.bucket(customer))]
        return found

    def _contents(self, bucket: str) -> list[Any]:
        versions = self.s3.list_object_versions(Bucket=bucket)
        ids = [{"Bucket": bucket, "Key": v["Key"], "VersionId": v["VersionId"]} for v in versions["Versions"]]
        bodies = [self.s3.get_object(**id_)["Body"].read() for id_ in ids]
        uploads = self.s3.list_multipart_uploads(Bucket=bucket).get("Uploads")
        return [versions["Versions"], bodies, versions["DeleteMarkers"], uploads]

    def _put_objects(self, bucket: str) -> None:
        self.s3.create_bucket(Bucket=bucket)
        self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        for key in (*["raw/a.csv"] * 4, "raw/gone.csv", "processed/a.json", "analytics-ready/a b+ü.parquet", "by-hand"):
            self.s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
        self.s3.delete_object(Bucket=bucket, Key="raw/gone.csv")
        for key in ("raw/large.csv", "raw/larger.csv"):
            self.s3.create_multipart_upload(Bucket=bucket, Key=key)

    def _put_tables(self, database: str) -> None:
        self.glue.create_database(DatabaseInput={"Name": database})
        for name in ("orders", "analytics_ready"):
            self.glue.create_table(DatabaseName=database, TableInput={"Name": name})

    def _put_results(self, database: str) -> list[str]:
        """The results of a query in the database, and of one that names it."""
        found, place = [], {"ResultConfiguration": {"OutputLocation": f"s3://{self.results}/"}}
        for text, context in (("SELECT", {"Database": database}), (f'SELECT "{database.upper()}".orders', {})):
            query = self.athena.start_query_execution(QueryString=text, QueryExecutionContext=context, **place)
            found.append(f"{query['QueryExecutionId']}.csv")
            self.s3.put_object(Bucket=self.results, Key=found[-1], Body=b"x")
        return found
