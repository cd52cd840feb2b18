"""The quickstart in Python: both define the very same lake."""

from pathlib import Path

from aws_cdk import App, CfnOutput, Duration, Stack
from modern_data_lake import Customers, ModernDataLake

app = App()
stack = Stack(app, "Lake")
lake = ModernDataLake(
    stack,
    "Lake",
    organization="mycompany",
    environment="dev",
    # cdk deploy --context customers=other.json
    customers=Customers.from_json_file(
        app.node.try_get_context("customers") or str(Path(__file__).with_name("customers.json"))
    ),
    batch_window=Duration.seconds(1),  # a first try need not wait for further files
)

outputs = {
    "ManifestTableName": lake.manifest.table_name,
    "AlarmTopicArn": lake.alarm_topic.topic_arn,
    "SweeperArn": lake.sweeper.state_machine_arn,
    "ProcessCsvJobName": lake.process_csv.job_name,
    "ProcessCsvWorkQueueUrl": lake.process_csv.work_queue.queue_url,
    "ProcessCsvDeadLetterQueueUrl": lake.process_csv.dead_letter_queue.queue_url,
    "AnalyticsTransformJobName": lake.analytics_transform.job_name,
    "AnalyticsTransformWorkQueueUrl": lake.analytics_transform.work_queue.queue_url,
    "AnalyticsTransformDeadLetterQueueUrl": lake.analytics_transform.dead_letter_queue.queue_url,
}
for id_, value in outputs.items():
    CfnOutput(stack, id_, value=value)
app.synth()
