"""Makes ministack the AWS that the lake needs. Import it when the variables that ministack reads are set."""

from emulator import (
    alarms,
    express,
    glue_api,
    job_results,
    metrics,
    queues,
    refusals,
    rule_targets,
    s3_encryption,
    s3_events,
    state_machines,
)
from emulator.glue_runs import GlueRuns
from emulator.job_process import JobProcesses
from emulator.settings import Server
from emulator.workflows import Workflows


def install(server: Server) -> JobProcesses:
    """Changes the services, in the order in which they stand on each other; CloudFormation comes by itself.

    Returns:
        The Glue runs' processes, to be ended with the server.
    """
    processes = JobProcesses(server)
    runs = GlueRuns(processes, ended=job_results.report)
    workflows = Workflows(runs)
    runs.install()
    workflows.install()
    glue_api.install()
    refusals.install_calls()
    s3_encryption.install()
    s3_events.install()
    rule_targets.install(workflows.notify_event)
    queues.install()
    state_machines.install(runs)
    express.install()
    metrics.install()
    alarms.install()
    return processes
