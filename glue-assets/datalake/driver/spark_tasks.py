"""Groups of objects as Spark jobs, each of one task."""

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from datalake import policy
from datalake.lake.claims import Task
from datalake.worker.outcome import Outcome
from datalake.worker.stage import Stage
from datalake.worker.worker import Settings, work


class TaskDiedError(Exception):
    """The process that worked on a group died.

    Attributes:
        is_alone: it died by itself; otherwise its whole executor died, with all tasks on it.
    """

    def __init__(self, reason: str, *, is_alone: bool) -> None:
        """Says how it died, in Spark's words."""
        super().__init__(reason)
        self.is_alone = is_alone


class SparkTasks:
    """Runs each group as a Spark job of one task, so that a dying task takes no other group with it."""

    def __init__(self, stage: Stage, settings: Settings) -> None:
        """Starts Spark."""
        name = settings.arguments.JOB_NAME
        builder = SparkSession.builder.appName(name).config("spark.task.maxFailures", policy.TASK_TRIES)
        self._context = builder.getOrCreate().sparkContext
        _tell_glue(self._context)
        self._work = partial(work, stage, settings)

    @property
    def slots(self) -> int:
        """Groups to run at once: more than there are cores, since Glue adds workers only when tasks wait."""
        cores: int = self._context.defaultParallelism
        return cores + max(1, cores // 2)

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Works on a group.

        Raises:
            TaskDiedError: the process of the group died.
            py4j.protocol.Py4JError: the task is not to blame, and the run cannot go on.
        """
        try:
            outcomes: list[Outcome] = self._context.parallelize([tasks], 1).flatMap(self._work).collect()
        except Py4JJavaError as error:
            reason = str(error.java_exception.getMessage())
            # No object raises a Python exception here: the worker catches those.
            if "Job aborted due to stage failure" not in reason or "PythonException" in reason:
                raise
            raise TaskDiedError(_cause(reason), is_alone="Python worker exited unexpectedly" in reason) from error
        return outcomes


def _tell_glue(context: Any) -> None:
    """Initializes a GlueContext, without which Glue sends none of the metrics of a run. Only Glue has awsglue."""
    if find_spec("awsglue"):
        import_module("awsglue.context").GlueContext(context)


def _cause(reason: str) -> str:
    """The line of Spark's message that says what happened."""
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    return lines[0] if lines else reason
