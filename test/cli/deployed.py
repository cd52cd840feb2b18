"""A lake without jobs that work: a stack with the resources that the commands ask for."""

from emulator.testing.probe import Client
from emulator.testing.stacks import Stack, resource

JOB = {"Role": "job", "Command": {"Name": "glueetl", "ScriptLocation": "s3://etl/a.py"}}


def index(name: str, keys: tuple[str, str], projected: str) -> dict[str, object]:
    """An index of the manifest."""
    schema = [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=True)]
    return {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": projected}}


def deploy(client: Client, organization: str = "mycompany", **more: object) -> Stack:
    """Creates the resources of a lake in dev that the commands look at, and more, under the names that they know."""
    keys = [{"AttributeName": name, "KeyType": kind} for name, kind in (("object", "HASH"), ("version", "RANGE"))]
    by_status, by_dataset = ("customer_status", "updated_at"), ("customer_dataset", "uploaded_at")
    indexed = ("object", "version", *by_status, *by_dataset)
    table = resource(
        "DynamoDB::Table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in indexed],
        GlobalSecondaryIndexes=[index("by-status", by_status, "ALL"), index("by-dataset", by_dataset, "KEYS_ONLY")],
    )
    alarm = resource(
        "CloudWatch::Alarm",
        AlarmDescription="ProcessCsv: objects were given up",
        Namespace="Test",
        MetricName="Nothing",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="breaching",
    )
    of_stages = {
        f"Lake{stage}{name}00000000": made
        for stage in ("ProcessCsv", "AnalyticsTransform")
        for name, made in {
            "Job": resource("Glue::Job", **JOB),
            "WorkQueue": resource("SQS::Queue"),
            "DeadLetterQueue": resource("SQS::Queue"),
        }.items()
    }
    return Stack(
        client,
        {
            "LakeQueryResults00000000": resource("S3::Bucket", BucketName=f"{organization}-dev-query-results"),
            "LakeManifestTable00000000": table,
            "LakeObserveProcessCsvDeadLetters00000000": alarm,
            **of_stages,
            **more,
        },
    )
