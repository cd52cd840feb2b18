"""All names of ministack that the local AWS uses or replaces. An upgrade of ministack breaks only here.

Tests check that the names exist, that the modules use exactly these, and that the version is the one below.
"""

import importlib
from collections.abc import Mapping

VERSION = "1.5.33"
NAMES: Mapping[str, str] = {
    "ministack.app": "SERVICE_HANDLERS _MAIN_LOOP app call_service_handler_sync",
    "ministack.core.iam_actions": (
        "SERVICE_TO_IAM_NAMESPACE _BOTOCORE_SERVICE_MAP access_denied_response extract_iam_action"
    ),
    "ministack.core.responses": "error_response_json json_response",
    "ministack.core.router": "extract_access_key_id",
    "ministack.services.athena": (
        "_create_named_query _delete_named_query _executions _save_query_results _workgroups"
    ),
    "ministack.services.budgets": "_create_budget _delete_budget _update_budget",
    "ministack.services.cloudformation": "_exports _stack_events _stacks",
    "ministack.services.cloudformation.handlers": (
        "_ACTION_HANDLERS _imported_export_names _resolve_stack validate_template_support"
    ),
    "ministack.services.cloudformation.helpers": "_error _p",
    "ministack.services.cloudformation.provisioners": (
        "_GLUE_JOB_DEFAULTS _GLUE_TRIGGER_DEFAULTS _REPLACING_PROPERTIES _RESOURCE_HANDLERS "
        "_S3_BUCKET_CONFIGURATIONS _physical_name"
    ),
    "ministack.services.cloudformation.stacks": "_deploy_stack_async _resolve_stack_outputs _validation_errors",
    "ministack.services.cloudtrail": (
        "_DISPATCH _create_trail _delete_trail _event_selectors _put_event_selectors _start_logging _stop_logging "
        "_trail_tags _trails _update_trail"
    ),
    "ministack.services.cloudwatch": (
        "_alarms _calc_stats _composite_alarms _delete_alarms _dims_from_list _dims_key _dispatch_alarm_actions "
        "_evaluate_alarm _evaluate_all_alarms _evaluate_parent_alarms _metrics _put_composite_alarm "
        "_record_history _resource_tags _stat_value record_metric"
    ),
    "ministack.services.cloudwatch_logs": (
        "_collect_query_records _create_log_group _create_log_stream _put_log_events _queries "
        "_resolve_query_log_groups _start_query"
    ),
    "ministack.services.config": "_config_rules _delete_config_rule _put_config_rule",
    "ministack.services.dynamodb": "_tables _update_continuous_backups _update_table _update_ttl",
    "ministack.services.eventbridge": (
        "_dispatch_event _dispatch_to_sqs _invoke_target _pattern_event_view _put_rule _put_targets _rule_key "
        "_rules _targets"
    ),
    "ministack.services.glue": (
        "_arn _batch_stop_job_run _create_database _create_job _create_security_configuration _create_table "
        "_create_trigger _create_workflow _databases _delete_security_configuration _delete_workflow "
        "_get_job_runs _handle_request_sync _job_runs _jobs _security_configs _start_job_run _start_workflow_run "
        "_tables _tags _triggers _update_job _update_trigger _update_workflow _workflow_runs _workflows"
    ),
    "ministack.services.s3": (
        "_bucket_notifications _bucket_policies _buckets _copy_object _create_bucket _delete_bucket_encryption "
        "_delete_bucket_lifecycle _delete_bucket_ownership_controls _delete_bucket_tagging _deliver_event_to_sqs "
        "_error _fire_s3_event _get_object_data _object_versions _put_bucket_encryption _put_bucket_lifecycle "
        "_put_bucket_logging _put_bucket_notification _put_bucket_ownership_controls _put_bucket_policy "
        "_put_bucket_tagging _resolve_sse_write_headers"
    ),
    "ministack.services.iam": "_IAM_HANDLERS _error _p _roles _users",
    "ministack.services.kms": "_create_key _put_key_policy",
    "ministack.services.scheduler": "_schedule_last_fired _schedules _tick_schedules",
    "ministack.services.sns": "_deliver_to_sqs _error _p _set_topic_attributes _topics",
    "ministack.services.sqs": (
        "_Err _HANDLERS _act_send_message _collect_msgs _dlq_sweep _expire_retained _get_q _queue_by_arn _queues"
    ),
    "ministack.services.stepfunctions": (
        "_AWS_SDK_ERROR_PREFIX _ExecutionError _SERVICE_DISPATCH _apply_jsonata_output _apply_jsonata_template "
        "_describe_execution _emit_execution_status_event _evaluate_jsonata _execute_task _executions "
        "_get_execution_history _invoke_aws_sdk_integration _list_executions _map_runs _next_or_end "
        "_resolve_state_machine_arn _run_distributed_map _run_sub_machine _scaled_sleep _sdk_json_param_value "
        "_sdk_json_value _state_machines _state_query_language now_iso"
    ),
    "ministack.services.sts": "_sessions handle_request",
    "ministack.services.cloudformation.changesets": (
        "_IMPORT_LOOKUPS _IMPORT_NOT_FOUND _deploy_stack_async validate_template_support"
    ),
}


def missing() -> list[str]:
    """Names that the installed ministack lacks."""
    return [
        f"{module}.{name}"
        for module, names in NAMES.items()
        for name in names.split()
        if not hasattr(importlib.import_module(module), name)
    ]
