"""A lake of two customers that have things of every kind, made without jobs."""

from collections.abc import Callable
from typing import Any

import boto3

CUSTOMERS = ("acme", "acme-2")
#: Takes further arguments of the program; returns its exit code and the counts that it reports by part and kind.
Run = Callable[..., tuple[int, dict[str, dict[str, int]]]]
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


class SmallLake:
    """The lake. What a customer has is the same every time, except ids."""

    def __init__(self, session: boto3.Session, organization: str) -> None:
        """Creates the lake."""
        self.organization, self.job = organization, f"{organization}-job"
        made: Any = session  # by names
        self.s3, self.glue, self.athena = map(made.client, ("s3", "glue", "athena"))
        self.manifest = self._table(session)
        lake = {"organization": organization, "environment": "dev", "manifest_table": self.manifest.name}
        self.glue.create_job(
            Name=self.job,
            Role="r",
            Command={"Name": "glueetl", "ScriptLocation": "s3://scripts/s.py"},
            DefaultArguments={f"--{name}": value for name, value in lake.items()},
        )
        self.results = f"{organization}-dev-query-results"
        self.s3.create_bucket(Bucket=self.results)
        self._keys_of_results: dict[str, list[str]] = {}
        for customer in CUSTOMERS:
            self.put(customer)

    def put(self, customer: str) -> None:
        """Gives a customer things of every kind."""
        self._put_objects(self.bucket(customer))
        self._put_tables(self.database(customer))
        with self.manifest.batch_writer() as batch:
            for key, version in ITEMS:
                batch.put_item(Item={"object": f"{customer}#{key}", "version": version})
        self._keys_of_results[customer] = self._put_results(self.database(customer))

    def bucket(self, customer: str) -> str:
        """Name of the customer's bucket."""
        return f"{self.organization}-{customer}-dev-datalake"

    def database(self, customer: str) -> str:
        """Name of the customer's database."""
        return f"{self.organization}_{customer.replace('-', '_')}_dev"

    def state(self, customer: str) -> dict[str, Any]:
        """Everything that the customer has, by kind."""
        items = [item for item in self.manifest.scan()["Items"] if item["object"].startswith(f"{customer}#")]
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

    def _table(self, session: boto3.Session) -> Any:
        keys = {"object": "HASH", "version": "RANGE"}
        index = {"customer_status": "HASH", "updated_at": "RANGE"}

        def schema(of: dict[str, str]) -> Any:
            return [{"AttributeName": name, "KeyType": type_} for name, type_ in of.items()]

        by_status: Any = {"IndexName": "by-status", "KeySchema": schema(index), "Projection": {"ProjectionType": "ALL"}}
        return session.resource("dynamodb").create_table(
            TableName=f"{self.organization}-manifest",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=schema(keys),
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys | index],
            GlobalSecondaryIndexes=[by_status],
        )
