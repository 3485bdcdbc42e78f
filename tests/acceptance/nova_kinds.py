"""By which names the kinds of indirection are known in Nova's source, and what of them is not counted."""

from __future__ import annotations

CALLED = {
    "notifications sent": ("notify_about_", "_notify_about_", "send_update", "emit"),
    "resource claims": ("instance_claim", "rebuild_claim", "resize_claim", "live_migration_claim",
                        "drop_move_claim", "drop_move_claim_at_source", "drop_move_claim_at_dest"),
    "waits for external events": ("wait_for_instance_event",),
    "filters and weighers loaded": ("get_matching_classes", "get_all_classes"),
    "native objects made proxies": ("tpool_wrap",),
    "REST: neutron, cinder, glance": ("get_client", "cinderclient", "_call_cyborg", "get_sdk_adapter",
                                      "get_ksa_adapter"),
}  # fmt: skip
"""Calls by the name called (or how it begins, with an underscore at the end)."""
HANDED = {
    "threads and executors": ("thread_pool_factory.spawn", "spawn_on", "_start_recorded_task", "submit",
                              "Thread", "add_done_callback", "NetworkInfoAsyncWrapper"),
    "looping calls": ("FixedIntervalLoopingCall", "DynamicLoopingCall", "BackOffLoopingCall",
                      "FixedIntervalWithTimeoutLoopingCall"),
    "callbacks of the hypervisor": ("domainEventRegisterAny", "registerCloseCallback",
                                    "registerErrorHandler"),
}  # fmt: skip
"""Calls by the name called that are handed a function which somebody calls later."""
CALLED_ANYWHERE = {
    "partial functions, called by anybody": ("partial",),
    "listeners of a driver, called by anybody": ("register_event_listener",),
    "functions scattered over cells, called by anybody": (
        "scatter_gather_cells", "scatter_gather_all_cells", "scatter_gather_single_cell",
        "scatter_gather_skip_cell0"),
}  # fmt: skip
"""The same, where the function is called far from there."""
DECORATED = {
    "API decorators": ("response", "expected_errors", "action", "api_version", "removed", "schema",
                       "query_schema", "response_body_schema"),
    "service decorators": ("wrap_exception", "reverts_task_state", "wrap_instance_event",
                           "wrap_instance_fault", "errors_out_migration", "delete_image_on_error",
                           "check_instance_lock", "check_instance_state", "check_instance_host",
                           "targets_cell", "expected_exceptions", "skip_automatic_rpc_tracking",
                           "safe_connect", "retries", "refresh_cache", "trace_request_filter"),
    "database decorators": ("pick_context_manager_reader", "pick_context_manager_writer",
                            "pick_context_manager_reader_allow_async", "require_context", "writer", "reader",
                            "wrap_db_retry", "select_db_reader_mode"),
    "locks as decorators": ("synchronized",),
    "remotable methods": ("remotable",),
    "privileged functions": ("entrypoint",),
    "notifications if enabled": ("if_notifications_enabled",),
}  # fmt: skip
"""Decorators by their last name."""


NOT_COUNTED = {
    "nova.api.openstack.wsgi:ResponseObject.headers": "no line of Nova reads it",
    "nova.db.api.models:QuotaUsage.total": "no line of Nova reads it",
    "nova.db.main.models:QuotaUsage.total": "no line of Nova reads it",
    "nova.thread_pool_factory:StaticallyDelayingCancellableTaskExecutorWrapper.is_alive": "tests read it",
    "nova.utils:nested_contexts": "only tests call it",
    "nova.virt.block_device:DriverBlockDevice.__getattr__": "its base, a dict, has no method of that name",
    "nova.virt.vmwareapi.session:StableMoRefProxy.__class__": "only the library reads it that is sent one",
    "nova.virt.zvm.driver:ZVMDriver._neutron_failed_callback": "another driver was chosen for the reading",
}
"""Functions whose name some line reads, but of something else, and calls of what is not there: looked up by
hand in the release."""
