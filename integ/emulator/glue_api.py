"""Fields of Glue jobs and triggers that ministack's API drops."""

from ministack.services import glue

from emulator.answers import Answer, Properties, Record

#: Properties of a job that ministack drops, with AWS's defaults.
JOB_DEFAULTS: Record = {
    "ExecutionClass": None,
    "ExecutionProperty": {"MaxConcurrentRuns": 1},
    "JobMode": None,
    "JobRunQueuingEnabled": False,
    "LogUri": None,
    "MaintenanceWindow": None,
    "NotificationProperty": None,
}
#: The same for a trigger. Without a batching condition, every event starts the workflow.
TRIGGER_DEFAULTS: Record = {"EventBatchingCondition": None}


def install() -> None:
    """Makes the API keep the fields, whether a caller or CloudFormation sets them."""
    inner_job, inner_job_update = glue._create_job, glue._update_job
    inner_trigger, inner_trigger_update = glue._create_trigger, glue._update_trigger

    def create_job(data: Properties) -> Answer:
        made: Answer = inner_job(data)
        keep(glue._jobs.get(data.get("Name")), JOB_DEFAULTS, data)
        return made

    def update_job(data: Properties) -> Answer:
        made: Answer = inner_job_update(data)
        keep(glue._jobs.get(data.get("JobName")), {}, data.get("JobUpdate", {}), JOB_DEFAULTS)
        return made

    def create_trigger(data: Properties) -> Answer:
        made: Answer = inner_trigger(data)
        trigger = glue._triggers.get(data.get("Name"))
        keep(trigger, TRIGGER_DEFAULTS, data)
        if trigger and trigger["Type"] == "EVENT":
            trigger["State"] = "ACTIVATED"  # EVENT triggers ignore StartOnCreation: events start them
        return made

    def update_trigger(data: Properties) -> Answer:
        made: Answer = inner_trigger_update(data)
        keep(glue._triggers.get(data.get("Name")), {}, data.get("TriggerUpdate", {}), TRIGGER_DEFAULTS)
        return made

    glue._create_job, glue._update_job = create_job, update_job
    glue._create_trigger, glue._update_trigger = create_trigger, update_trigger


def keep(record: Record | None, defaults: Record, given: Properties, names: Record | None = None) -> None:
    """Sets fields of a record: the given values, and defaults for the others."""
    if record is not None:
        found = {**defaults, **{name: given[name] for name in (names or defaults) if name in given}}
        for name, value in found.items():
            if value is None:
                record.pop(name, None)
            else:
                record[name] = value
