"""What the doctor looks at in a deployed lake, without the rest of the lake."""

from emulator.settings import ACCOUNT, REGION
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack, resource

from cli.doctor import BUCKET, QUEUE

SCHEDULES = ("LakeSweeperSchedule00000000", "LakeProcessCsvReconcile00000000", "LakeObserveFeedsSchedule00000000")


def examined(client: Client, name: str | None = None) -> Stack:
    """One resource of each kind that the doctor looks at, under the names by which it knows a lake."""
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": "*"}]}
    events = {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}}
    target = {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:mail", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler"}
    every_minute = {"ScheduleExpression": "rate(1 minute)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    resources = {
        "LakeQueryResults00000000": resource("S3::Bucket", BucketName="mycompany-dev-query-results"),
        "LakeStorageacmeBucket00000000": resource("S3::Bucket", BucketName=BUCKET, **events),
        "LakeProcessCsvObjectCreated00000000": resource("Events::Rule", EventPattern={"source": ["aws.s3"]}),
        "LakeSweeperRunFailed00000000": resource("Events::Rule", EventPattern={"source": ["aws.glue"]}),
        QUEUE: resource("SQS::Queue"),
        "Policy": resource("SQS::QueuePolicy", Queues=[{"Ref": QUEUE}], PolicyDocument=policy),
        "LakeAuditTrail00000000": resource("CloudTrail::Trail", S3BucketName="trails", IsLogging=True),
        "LakeEncryptionKey00000000": resource("KMS::Key"),
        "LakeObserveAlarmTopic00000000": resource("SNS::Topic"),
        **{schedule: resource("Scheduler::Schedule", **every_minute) for schedule in SCHEDULES},
        "Theirs": resource("Events::Rule", EventPattern={"source": ["theirs"]}, State="DISABLED"),
    }
    stack = Stack(client, resources, name=name)
    topic = stack.id_of("LakeObserveAlarmTopic00000000")
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:mail")
    return stack


def disable_schedule(client: Client, name: str) -> None:
    """What somebody may do in the console."""
    schedule = client("scheduler").get_schedule(Name=name)
    kept = {key: schedule[key] for key in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    client("scheduler").update_schedule(**kept, State="DISABLED")
