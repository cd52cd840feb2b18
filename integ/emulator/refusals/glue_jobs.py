"""Jobs with job run queuing: retries and Flex are not for them.

Source: AWS's blog post on Glue's job queuing, and the checks of the CDK's own Job (aws-cdk pull request 31830). The
code is that of CreateJob's page; no source shows the words.
"""

from ministack.services import glue

from emulator.answers import Properties
from emulator.refusals.refusal import RefusalError, guarded


def install_calls() -> None:
    """CreateJob and UpdateJob; CloudFormation's handler makes the same calls."""
    glue._create_job = guarded(glue._create_job, check)
    glue._update_job = guarded(glue._update_job, lambda data: check(data.get("JobUpdate", {})))


def check(job: Properties) -> None:
    """Raises RefusalError."""
    if not job.get("JobRunQueuingEnabled"):
        return
    if int(job.get("MaxRetries") or 0) > 0:
        raise RefusalError("Glue", "InvalidInputException", "MaxRetries must be 0 when JobRunQueuingEnabled is true.")
    if job.get("ExecutionClass") == "FLEX":
        raise RefusalError("Glue", "InvalidInputException", "JobRunQueuingEnabled is not supported for FLEX jobs.")
