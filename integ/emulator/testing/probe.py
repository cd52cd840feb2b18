"""Helpers of tests that use a local AWS through its API."""

import itertools
from collections.abc import Callable
from typing import Any, cast

import boto3
from botocore.config import Config
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from emulator.client import ROOT, LocalAws

GLUE_PYTHONS = [path for name in ("glue5", "glue6") if (path := ROOT / ".venv" / name / "bin" / "python").exists()]
FINAL_STATES = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")

Client = Callable[[str], Any]

#: Repeats an assertion until it holds, for what the server does asynchronously.
eventually = retry(
    retry=retry_if_exception_type((AssertionError, LookupError)),
    wait=wait_fixed(0.05),
    stop=stop_after_delay(30),
    reraise=True,
)


def clients(aws: LocalAws, **options: Any) -> Client:
    """Creates boto3 clients for one local AWS, with options of botocore's Config."""
    session = boto3.Session(
        aws_access_key_id=aws.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=aws.environment["AWS_SECRET_ACCESS_KEY"],
        region_name=aws.environment["AWS_REGION"],
    )
    return lambda service: cast(Any, session).client(service, endpoint_url=aws.endpoint, config=Config(**options))


class Jobs:
    """Creates Glue jobs from scripts and runs them."""

    bucket = "scripts"
    role = "arn:aws:iam::123456789012:role/job-role"
    _numbers = itertools.count()

    def __init__(self, client: Client) -> None:
        """Creates the bucket for the scripts."""
        self.client, self.glue, self.s3 = client, client("glue"), client("s3")
        self.s3.create_bucket(Bucket=self.bucket)

    def create(self, script: str, **options: Any) -> str:
        """Creates a job that runs the script and returns its name."""
        name = f"job-{next(self._numbers)}"
        self.put(f"{name}.py", script)
        command = {"Name": "glueetl", "ScriptLocation": f"s3://{self.bucket}/{name}.py"}
        self.glue.create_job(Name=name, Role=self.role, Command=command, **options)
        return name

    def put(self, key: str, body: bytes | str) -> None:
        """Puts an object into the scripts' bucket."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def start(self, job: str, **options: Any) -> str:
        """Starts a run and returns its id."""
        run_id: str = self.glue.start_job_run(JobName=job, **options)["JobRunId"]
        return run_id

    def get(self, job: str, run_id: str) -> dict[str, Any]:
        """A run, as the API shows it."""
        run: dict[str, Any] = self.glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
        return run

    @eventually
    def ended(self, job: str, run_id: str) -> dict[str, Any]:
        """Waits for the end of a run."""
        run = self.get(job, run_id)
        assert run["JobRunState"] in FINAL_STATES  # noqa: S101
        return run

    @eventually
    def wait_for_state(self, job: str, run_id: str, state: str) -> None:
        """Waits until a run has reached the state."""
        assert self.get(job, run_id)["JobRunState"] == state  # noqa: S101

    def output(self, run_id: str, group: str = "/aws-glue/jobs/output") -> list[str]:
        """The lines of a run's log stream."""
        logs = self.client("logs")
        page = logs.get_log_events(logGroupName=group, logStreamName=run_id, startFromHead=True)
        return [event["message"] for event in page["events"]]

    @eventually
    def wait_for_output(self, run_id: str, *lines: str) -> None:
        """Waits until a run has written exactly these lines."""
        try:
            found = self.output(run_id)
        except self.client("logs").exceptions.ResourceNotFoundException:
            found = []
        assert found == list(lines)  # noqa: S101
