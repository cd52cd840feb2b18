"""What the tasks of a state machine call, whatever the service."""

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from emulator.client import LocalAws
from emulator.testing.probe import Client, eventually

ROLE = "arn:aws:iam::123456789012:role/machine"
BUCKET = "tasks"


@pytest.fixture(scope="module", autouse=True)
def bucket(client: Client) -> None:
    client("s3").create_bucket(Bucket=BUCKET)


def start(client: Client, name: str, states: dict[str, Any]) -> str:
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
    machines = client("stepfunctions")
    machine = machines.create_state_machine(name=name, roleArn=ROLE, definition=json.dumps(definition))
    execution: str = machines.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
    return execution


@eventually
def ended(client: Client, execution: str) -> dict[str, Any]:
    found: dict[str, Any] = client("stepfunctions").describe_execution(executionArn=execution)
    assert found["status"] != "RUNNING"
    return found


def call(client: Client, action: str, **arguments: Any) -> dict[str, Any]:
    """Runs a state machine of one task."""
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{action}", "Arguments": arguments, "End": True}
    name = f"{action.replace(':', '-')}-{len(client('stepfunctions').list_state_machines()['stateMachines'])}"
    return ended(client, start(client, name, {"Call": task}))


def output(client: Client, action: str, **arguments: Any) -> Any:
    done = call(client, action, **arguments)
    assert done["status"] == "SUCCEEDED", done["cause"]
    return json.loads(done["output"])


def test_objects_are_put_copied_and_read(client: Client) -> None:
    output(client, "aws-sdk:s3:putObject", Bucket=BUCKET, Key="a b", Body="1\n")
    copied = output(client, "aws-sdk:s3:copyObject", Bucket=BUCKET, Key="copy", CopySource=f"{BUCKET}/a%20b")
    read = output(client, "aws-sdk:s3:getObject", Bucket=BUCKET, Key="copy")

    assert read["Body"] == "1\n"
    assert copied["CopyObjectResult"]["ETag"] == read["ETag"]
    assert read["LastModified"].endswith("Z")


def test_names_are_those_of_the_sdk_for_java(client: Client) -> None:
    client("dynamodb").create_table(
        TableName="tasks",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client("dynamodb").put_item(TableName="tasks", Item={"id": {"S": "x"}, "lower_case": {"NULL": True}})

    found = output(
        client,
        "aws-sdk:dynamodb:query",
        TableName="tasks",
        KeyConditionExpression="id = :id",
        ExpressionAttributeValues={":id": {"S": "x"}},
    )

    assert found["Items"] == [{"id": {"S": "x"}, "lower_case": {"Nul": True}}]


@pytest.mark.parametrize(
    ("action", "arguments", "error"),
    [
        ("s3:getObject", {"Bucket": "no-such-bucket", "Key": "x"}, "S3.NoSuchBucketException"),
        ("s3:getBucketPolicy", {"Bucket": BUCKET}, "S3.S3Exception"),
        ("sqs:getQueueUrl", {"QueueName": "none"}, "Sqs.QueueDoesNotExistException"),
        ("dynamodb:query", {"TableName": "none", "KeyConditionExpression": 1}, "States.Runtime"),
    ],
)
def test_an_error_has_the_name_that_states_match(
    client: Client, action: str, arguments: dict[str, Any], error: str
) -> None:
    done = call(client, f"aws-sdk:{action}", **arguments)

    assert (done["status"], done["error"]) == ("FAILED", error)


@pytest.fixture(scope="module")
def table(client: Client, bucket: None) -> str:  # noqa: ARG001
    """A table with three rows."""
    content = io.BytesIO()
    pq.write_table(pa.table({"id": [1, 2, 3]}), content)
    client("s3").put_object(Bucket=BUCKET, Key="rows/a.parquet", Body=content.getvalue())
    storage = {
        "Columns": [{"Name": "id", "Type": "bigint"}],
        "Location": f"s3://{BUCKET}/rows/",
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    }
    client("glue").create_database(DatabaseInput={"Name": "tasks"})
    client("glue").create_table(DatabaseName="tasks", TableInput={"Name": "rows", "StorageDescriptor": storage})
    return "tasks.rows"


RESULTS = {"OutputLocation": f"s3://{BUCKET}/results/"}


def test_sync_waits_for_a_query(client: Client, table: str) -> None:
    query = {"QueryString": f"SELECT count(*) FROM {table}", "ResultConfiguration": RESULTS}  # noqa: S608
    done = output(client, "athena:startQueryExecution.sync", **query)["QueryExecution"]

    found = output(client, "athena:getQueryResults", QueryExecutionId=done["QueryExecutionId"])

    assert done["Status"]["State"] == "SUCCEEDED"
    assert found["ResultSet"]["Rows"][1]["Data"][0]["VarCharValue"] == "3"


def test_sync_fails_with_its_query(client: Client) -> None:
    query = {"QueryString": "SELECT x FROM tasks.nothing", "ResultConfiguration": RESULTS}

    done = call(client, "athena:startQueryExecution.sync", **query)

    assert (done["status"], done["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(done["cause"])["Status"]["State"] == "FAILED"


def test_a_wait_ends_with_the_accounts_clock(aws: LocalAws, client: Client) -> None:
    states = {"Wait": {"Type": "Wait", "Seconds": 600, "Next": "Done"}, "Done": {"Type": "Succeed"}}
    execution = start(client, "waits", states)

    @eventually
    def waits() -> None:
        events = client("stepfunctions").get_execution_history(executionArn=execution)["events"]
        assert events[-1]["type"] == "WaitStateEntered"

    waits()
    aws.turn_clock(300)
    assert client("stepfunctions").describe_execution(executionArn=execution)["status"] == "RUNNING"
    aws.turn_clock(301)
    assert ended(client, execution)["status"] == "SUCCEEDED"
