"""Everything that a lake holds of a customer."""

from typing import Any

from demo.inputs import bucket_name, database_name
from demo.lake import Lake


def belongings(lake: Lake, customer: str) -> dict[str, Any]:
    """A snapshot to compare with a later one. ETags stand for the content of objects."""
    bucket = bucket_name(customer)
    versions = lake.s3.list_object_versions(Bucket=bucket)
    return {
        "versions": versions.get("Versions"),
        "markers": versions.get("DeleteMarkers"),
        "policy": lake.s3.get_bucket_policy(Bucket=bucket)["Policy"],
        "items": [item for item in lake.manifest_items() if item["object"].startswith(f"{customer}#")],
        "database": lake.glue.get_database(Name=database_name(customer))["Database"],
        "tables": lake.tables(customer),
        "key": lake.client("kms").describe_key(KeyId=key_of(lake, bucket))["KeyMetadata"]["KeyState"],
    }


def key_of(lake: Lake, bucket: str) -> str:
    """ID or ARN of the key that encrypts a bucket's objects."""
    rules = lake.s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    key: str = rules[0]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"]
    return key


def definition(table: dict[str, Any]) -> dict[str, Any]:
    """What a table says of its rows; times and versions are the catalog's own."""
    return {name: table.get(name) for name in ("Name", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters")}
