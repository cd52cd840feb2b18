"""The environment of a Glue job: Java, Spark's settings, credentials of its role, its libraries."""

import functools
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from ministack import app
from ministack.services import s3, sts

from emulator.answers import Record, succeeded
from emulator.java import java_home
from emulator.settings import INHERITED, REGION, Server

#: Only two task slots and little memory: the drivers and tasks of both stages share this machine.
SPARK_DEFAULTS = {
    "spark.master": "local[2]",
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
}
#: Short runs never warm up the JVM. Without the second compiler it starts a third faster.
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


class JobEnvironment:
    """Prepares the folder and the variables of runs."""

    def __init__(self, server: Server) -> None:
        """Files are written only when the first run needs them."""
        self._server = server
        self._lock = threading.Lock()

    @functools.cached_property
    def _java_home(self) -> Path:
        """The Java of all runs."""
        return java_home(self._server.glue_python, self._server.directory / "java")

    @functools.cached_property
    def _spark_configuration(self) -> Path:
        folder = self._server.directory / "spark"
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"{name} {value}\n" for name, value in SPARK_DEFAULTS.items()]
        (folder / "spark-defaults.conf").write_text("".join(lines))
        return folder

    def variables(self, role: str, run_id: str, folder: Path, libraries: list[Path]) -> Mapping[str, str]:
        """The environment of a run's process.

        Args:
            role: name or ARN of the job's role; the run gets its credentials.
            run_id: becomes part of the session's name.
            folder: the run's own.
            libraries: files for the module path.
        """
        credentials = assume_role(role, f"GlueJobRunnerSession-{run_id}")
        with self._lock:  # the first runs of two jobs may start at the same time
            java, spark = self._java_home, self._spark_configuration
        return {
            **{name: os.environ[name] for name in INHERITED if name in os.environ},
            "AWS_ENDPOINT_URL": self._server.endpoint,
            "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": credentials["SessionToken"],
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "JAVA_HOME": str(java),
            "JDK_JAVA_OPTIONS": JAVA_OPTIONS,
            "PYSPARK_PYTHON": str(self._server.glue_python),
            "PYTHONPATH": os.pathsep.join(map(str, libraries)),
            "PYTHONUNBUFFERED": "1",
            "SPARK_CONF_DIR": str(spark),
            "SPARK_LOCAL_DIRS": str(folder),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "TMPDIR": str(folder),
            "TZ": "UTC",
        }


def fetch(location: str, folder: Path) -> Path:
    """Copies an object into the folder.

    Args:
        location: s3://bucket/key.
        folder: receives it under the last part of its key.

    Raises:
        FileNotFoundError: the object does not exist.
    """
    bucket, _, key = location.removeprefix("s3://").partition("/")
    content = s3._get_object_data(bucket, key)
    if content is None:
        raise FileNotFoundError(f"{location} does not exist")
    path = folder / key.rsplit("/", 1)[-1]
    path.write_bytes(bytes(content))
    return path


def assume_role(role: str, session: str) -> Record:
    """Credentials of a role session, like those that a service gives to a run."""
    request = {"RoleArn": role, "RoleSessionName": session[:64]}
    headers = {
        "x-amz-target": "AWSSecurityTokenServiceV20110615.AssumeRole",
        "content-type": "application/x-amz-json-1.1",
    }
    body = json.dumps(request).encode()
    answer = app.call_service_handler_sync(sts.handle_request, "POST", "/", headers, body, {})
    found: Record = succeeded(answer)["Credentials"]
    return found
