"""A Glue run executes the job's script in its own process and shows Glue's states."""

import io
import json
import zipfile
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError
from emulator.client import LocalAws
from emulator.testing.probe import GLUE_PYTHONS, Client, Jobs, clients

#: Runs until an object named after the run contains the exit code.
WAIT = """
import sys, time, boto3
from botocore.exceptions import ClientError
key = sys.argv[sys.argv.index("--JOB_RUN_ID") + 1]
while True:
    try:
        sys.exit(int(boto3.client("s3").get_object(Bucket="scripts", Key=key)["Body"].read()))
    except ClientError:
        time.sleep(0.05)
"""
SPARK = """
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
squares = spark.sparkContext.parallelize(range(4), 4).map(lambda x: x * x).collect()
print(spark.version[:1], spark.conf.get("spark.sql.session.timeZone"), squares)
"""


def finish(jobs: Jobs, run_id: str) -> None:
    """Ends a run of WAIT."""
    jobs.put(run_id, "0")


def test_the_script_gets_the_arguments_that_glue_gives(jobs: Jobs) -> None:
    script = "import json, sys; print(json.dumps(sys.argv[1:]))"
    job = jobs.create(script, DefaultArguments={"--a": "default", "--b": "default"})

    run_id = jobs.start(job, Arguments={"--b": "run"})

    assert jobs.ended(job, run_id)["JobRunState"] == "SUCCEEDED"
    words = json.loads(jobs.output(run_id)[0])
    arguments = dict(zip(words[::2], words[1::2], strict=True))
    assert arguments.pop("--JOB_ID").startswith("j_")
    assert arguments == {"--a": "default", "--b": "run", "--JOB_NAME": job, "--JOB_RUN_ID": run_id}


def test_the_run_has_credentials_of_the_jobs_role(jobs: Jobs) -> None:
    job = jobs.create("import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])")

    run_id = jobs.start(job)

    jobs.ended(job, run_id)
    assert jobs.output(run_id)[0].startswith("arn:aws:sts::123456789012:assumed-role/job-role/")


def test_extra_py_files_can_be_imported(jobs: Jobs) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("library/__init__.py", "GREETING = 'hello from the library'")
    jobs.put("library.zip", archive.getvalue())
    job = jobs.create("import library; print(library.GREETING)")

    run_id = jobs.start(job, Arguments={"--extra-py-files": "s3://scripts/library.zip"})

    jobs.ended(job, run_id)
    assert jobs.output(run_id) == ["hello from the library"]


def test_the_message_of_a_failed_run_is_its_exception(jobs: Jobs) -> None:
    job = jobs.create("def f(): raise ValueError('no such lake')\nf()")

    run_id = jobs.start(job)

    run = jobs.ended(job, run_id)
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "ValueError: no such lake")
    assert "Traceback (most recent call last):" in jobs.output(run_id, "/aws-glue/jobs/error")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("import sys; sys.exit('process_csv: a queue is missing')", "process_csv: a queue is missing"),
        ("import os; os.kill(os.getpid(), 9)", "Command failed with exit code 137"),
        ("import os; os._exit(3)", "Command failed with exit code 3"),
    ],
)
def test_a_run_that_ends_badly_fails(jobs: Jobs, script: str, message: str) -> None:
    job = jobs.create(script)

    run = jobs.ended(job, jobs.start(job))

    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", message)


def test_a_script_that_is_not_there_fails_the_run(jobs: Jobs) -> None:
    job = jobs.create("")
    jobs.s3.delete_object(Bucket="scripts", Key=f"{job}.py")

    run = jobs.ended(job, jobs.start(job))

    assert run["ErrorMessage"] == f"FileNotFoundError: s3://scripts/{job}.py does not exist"


def test_a_security_configuration_has_its_own_encrypted_log_groups(client: Client, jobs: Jobs) -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/k"
    encryption = {"CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS", "KmsKeyArn": key}}
    jobs.glue.create_security_configuration(Name="secured", EncryptionConfiguration=encryption)
    job = jobs.create("print('out')", SecurityConfiguration="secured")

    run_id = jobs.start(job)

    jobs.ended(job, run_id)
    group = "/aws-glue/jobs/secured-role/job-role/output"
    assert jobs.output(run_id, group) == ["out"]
    assert client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["kmsKeyId"] == key


def test_output_is_in_the_log_while_the_run_works(jobs: Jobs) -> None:
    job = jobs.create("print('started')" + WAIT)

    run_id = jobs.start(job)

    jobs.wait_for_output(run_id, "started")
    assert jobs.get(job, run_id)["JobRunState"] == "RUNNING"
    finish(jobs, run_id)
    assert jobs.ended(job, run_id)["JobRunState"] == "SUCCEEDED"


def test_over_max_concurrent_runs_a_run_is_refused_without_queueing(jobs: Jobs) -> None:
    job = jobs.create(WAIT)
    first = jobs.start(job)

    with pytest.raises(ClientError, match="ConcurrentRunsExceededException"):
        jobs.start(job)

    finish(jobs, first)
    jobs.ended(job, first)
    second = jobs.start(job)
    finish(jobs, second)
    assert jobs.ended(job, second)["JobRunState"] == "SUCCEEDED"


def test_with_queueing_runs_wait_and_start_in_their_order(jobs: Jobs) -> None:
    job = jobs.create(WAIT, JobRunQueuingEnabled=True, ExecutionProperty={"MaxConcurrentRuns": 1})
    first, second, third = (jobs.start(job) for _ in range(3))
    assert [jobs.get(job, run)["JobRunState"] for run in (second, third)] == ["WAITING", "WAITING"]

    finish(jobs, first)

    jobs.wait_for_state(job, second, "RUNNING")
    assert jobs.get(job, third)["JobRunState"] == "WAITING"
    finish(jobs, second)
    finish(jobs, third)
    assert jobs.ended(job, third)["JobRunState"] == "SUCCEEDED"
    assert [run["Id"] for run in jobs.glue.get_job_runs(JobName=job)["JobRuns"]] == [third, second, first]


def test_as_many_runs_work_at_once_as_the_job_allows(jobs: Jobs) -> None:
    job = jobs.create(WAIT, JobRunQueuingEnabled=True, ExecutionProperty={"MaxConcurrentRuns": 2})

    first, second, third = (jobs.start(job) for _ in range(3))

    for run_id in (first, second):
        jobs.wait_for_state(job, run_id, "RUNNING")
    assert jobs.get(job, third)["JobRunState"] == "WAITING"
    for run_id in (first, second, third):
        finish(jobs, run_id)
    jobs.ended(job, third)


def test_the_queueing_of_a_run_goes_before_the_jobs(jobs: Jobs) -> None:
    job = jobs.create(WAIT, JobRunQueuingEnabled=True)
    first = jobs.start(job)

    with pytest.raises(ClientError, match="ConcurrentRunsExceededException"):
        jobs.start(job, JobRunQueuingEnabled=False)

    finish(jobs, first)


def test_a_failed_run_is_tried_again(jobs: Jobs) -> None:
    job = jobs.create("raise SystemExit(1)", MaxRetries=1)

    first = jobs.start(job)

    assert jobs.ended(job, first)["JobRunState"] == "FAILED"
    retry = jobs.ended(job, f"{first}_attempt_1")
    assert (retry["JobRunState"], retry["Attempt"], retry["PreviousRunId"]) == ("FAILED", 1, first)
    assert len(jobs.glue.get_job_runs(JobName=job)["JobRuns"]) == 2


def test_a_stopped_run_may_give_back_its_work_and_is_not_tried_again(jobs: Jobs) -> None:
    stop = "import signal, sys\nsignal.signal(15, lambda *_: print('given back') or sys.exit(1))\nprint('ready')\n"
    job = jobs.create(stop + WAIT, MaxRetries=1)
    run_id = jobs.start(job)
    jobs.wait_for_output(run_id, "ready")

    answer = jobs.glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id, "other"])

    assert [entry["JobRunId"] for entry in answer["SuccessfulSubmissions"]] == [run_id]
    assert answer["Errors"][0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    assert jobs.ended(job, run_id)["JobRunState"] == "STOPPED"
    assert jobs.output(run_id) == ["ready", "given back"]
    assert len(jobs.glue.get_job_runs(JobName=job)["JobRuns"]) == 1


def test_what_a_driver_leaves_behind_ends_with_the_run(jobs: Jobs) -> None:
    job = jobs.create(
        "import subprocess as s; print(s.Popen(['sleep', '600'], stdout=s.DEVNULL, stderr=s.DEVNULL).pid)"
    )

    run_id = jobs.start(job)

    assert jobs.ended(job, run_id)["JobRunState"] == "SUCCEEDED"
    assert psutil.wait_procs(processes(int(jobs.output(run_id)[0])), timeout=10)[1] == []


def processes(pid: int) -> list[psutil.Process]:
    """The process, if it is still there."""
    return [psutil.Process(pid)] if psutil.pid_exists(pid) else []


def test_a_waiting_run_can_be_stopped(jobs: Jobs) -> None:
    job = jobs.create(WAIT, JobRunQueuingEnabled=True)
    first, second = jobs.start(job), jobs.start(job)

    jobs.glue.batch_stop_job_run(JobName=job, JobRunIds=[second])

    assert jobs.ended(job, second)["JobRunState"] == "STOPPED"
    finish(jobs, first)
    assert jobs.ended(job, first)["JobRunState"] == "SUCCEEDED"


def test_a_run_over_its_timeout_is_ended(aws: LocalAws, jobs: Jobs) -> None:
    job = jobs.create("import time; print('ready'); time.sleep(600)", MaxRetries=1)
    # The real API takes whole minutes, for which no test has time.
    glue = clients(aws, parameter_validation=False)("glue")

    run_id = glue.start_job_run(JobName=job, Timeout=0.03)["JobRunId"]

    assert jobs.ended(job, run_id)["JobRunState"] == "TIMEOUT"
    assert len(jobs.glue.get_job_runs(JobName=job)["JobRuns"]) == 1


@pytest.mark.parametrize("glue_python", GLUE_PYTHONS, ids=lambda path: path.parents[1].name)
def test_spark_runs_with_python_workers(glue_python: Path) -> None:
    with LocalAws(glue_python=glue_python) as aws:
        jobs = Jobs(clients(aws))
        job = jobs.create(SPARK)
        run_id = jobs.start(job)

        run = jobs.ended(job, run_id)

        assert run["JobRunState"] == "SUCCEEDED", run["ErrorMessage"]
        version = "3" if "glue5" in str(glue_python) else "4"
        assert jobs.output(run_id) == [f"{version} UTC [0, 1, 4, 9]"]
