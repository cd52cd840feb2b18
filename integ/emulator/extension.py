"""Turns ministack into the AWS that the lake needs. Import it only after setting the variables that ministack reads."""

from emulator import (
    alarms,
    athena_results,
    catalog_settings,
    express,
    glue_api,
    guarded_catalog,
    job_results,
    lake_formation,
    metrics,
    queues,
    refusals,
    rule_targets,
    s3_copies,
    s3_encryption,
    s3_events,
    service_quotas,
    session_policies,
    state_machines,
)
from emulator.glue_runs import GlueRuns
from emulator.job_process import JobProcesses
from emulator.settings import Server
from emulator.workflows import Workflows


def install(server: Server) -> JobProcesses:
    """Changes the services in the order of their dependencies. CloudFormation is installed separately.

    Returns:
        The processes of Glue runs, to be stopped with the server.
    """
    processes = JobProcesses(server)
    runs = GlueRuns(processes, ended=job_results.report)
    workflows = Workflows(runs)
    runs.install()
    workflows.install()
    glue_api.install()
    refusals.install_calls()
    s3_copies.install()
    s3_encryption.install()
    s3_events.install()
    rule_targets.install(workflows.notify_event)
    queues.install()
    state_machines.install(runs, server.endpoint)
    express.install()
    metrics.install()
    alarms.install()
    athena_results.install()
    catalog_settings.install()
    lake_formation.install()
    guarded_catalog.install()
    service_quotas.install()
    session_policies.install()
    return processes
