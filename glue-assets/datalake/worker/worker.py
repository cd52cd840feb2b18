"""A process that works on objects: a Python worker of Spark, or the driver when it charges a dead task."""

import functools
import gc
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from datalake import policy
from datalake.arguments import Arguments
from datalake.lake.arrival import Arrival
from datalake.lake.claims import Task
from datalake.lake.clients import Clients
from datalake.lake.contract_store import new_memory
from datalake.lake.manifest import Manifest, Run
from datalake.lake.recent import Recent
from datalake.lake.tenant import Tenant
from datalake.worker.outcome import Outcome
from datalake.worker.processing import Processor
from datalake.worker.stage import Stage


@dataclass(frozen=True)
class Settings:
    """What all tasks of a run share.

    Attributes:
        lease_seconds: length of a claim's lease, and of a received message's visibility.
        backoff_seconds: wait before the second try of an object; each further one waits twice as long.
    """

    arguments: Arguments
    lease_seconds: float
    backoff_seconds: float = policy.BACKOFF_SECONDS


class Worker:
    """The customers of a process, each with one session of its own."""

    def __init__(self, stage: Stage, settings: Settings) -> None:
        """Calls nothing yet."""
        self._stage, self._settings = stage, settings
        self._clients, self._contracts = Clients(settings.arguments), new_memory()
        self._processors: Recent[str, Processor] = Recent(policy.MOST_CUSTOMERS)

    def processor(self, arrival: Arrival) -> Processor:
        """The processor of the customer whose object has arrived."""
        if arrival.customer not in self._processors:
            arguments = self._settings.arguments
            tenant = Tenant(arrival, self._clients)
            run = Run(arguments.JOB_NAME, arguments.JOB_RUN_ID)
            manifest = Manifest(tenant.manifest, run, self._settings.lease_seconds)
            self._processors[arrival.customer] = Processor(self._stage, tenant, manifest, self._contracts)
        return self._processors[arrival.customer]


def work(stage: Stage, settings: Settings, tasks: Sequence[Task]) -> list[Outcome]:
    """Works on one object version after the other. Spark calls this on its workers."""
    worker = _worker(stage, settings)
    outcomes = [worker.processor(task.arrival).process(task) for task in tasks]
    _keep_for_ever()
    return outcomes


@functools.cache
def _worker(stage: Stage, settings: Settings) -> Worker:
    """The worker of this process. Spark keeps its Python processes from task to task, and with them the sessions.

    A process has one core, the slot of its task. The other cores have processes of their own.
    """
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    if "mimalloc" in pa.supported_memory_backends():
        pa.set_memory_pool(pa.mimalloc_memory_pool())  # takes less CPU than jemalloc, the default of pyarrow 17
    return Worker(stage, settings)


@functools.cache
def _keep_for_ever() -> None:
    """Excludes what a process has loaded by the end of its first task from garbage collection.

    Spark's daemon collects after each task. That took 80 ms of CPU for 150,000 objects (modules, models of APIs), which
    are never freed.
    """
    gc.collect()
    gc.freeze()
