"""Deletes every version of every object in the buckets of a stack, so that the stack can be deleted.

usage: python empty_buckets.py STACK
"""

import sys

import boto3


def main(stack: str) -> None:
    """Empties the buckets. Touches nothing else in the stack."""
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    for resource in (resource for page in pages for resource in page["StackResourceSummaries"]):
        if resource["ResourceType"] == "AWS::S3::Bucket":
            boto3.resource("s3").Bucket(resource["PhysicalResourceId"]).object_versions.delete()


if __name__ == "__main__":
    main(*sys.argv[1:])
