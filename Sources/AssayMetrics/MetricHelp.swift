/// What each metric means, as the exposition tells it; docs/operations.md has the same list.
enum MetricHelp {
  static let texts: [String: String] = [
    "assay_rpc_calls_total": "Calls answered, by method.",
    "assay_rpc_failures_total": "Calls that failed, by method and status code.",
    "assay_rpc_duration_seconds": "Time a call was in a handler's hands, by method.",
    "assay_rpc_client_calls_total": "Calls made to other services, by method and status code.",
    "assay_trials_total": "Trials decided by this process, by label.",
    "assay_trials_undecided": "Trials accepted and not decided.",
    "assay_verdict_latency_seconds": "Time from the acceptance of a trial to its verdict.",
    "assay_gpus": "GPUs of hosts heard of in the last minute: leased, free or out_of_service.",
    "assay_jobs": "Jobs by state: queued or leased.",
    "assay_jobs_taken_back_total": "Leases that ran out without an answer.",
    "assay_runner_slots_seen": "Runner slots that were heard of in the last minute.",
    "assay_outbox_entries": "Records that the lineage has not acknowledged yet.",
    "assay_runs": "Runs by phase.",
    "assay_log_statements": "Signed statements in the logs of all runs.",
    "assay_record_events": "Sequence number of the record's newest event.",
    "assay_runner_slots": "Slots of this runner.",
    "assay_runner_slots_busy": "Slots of this runner that have a job.",
    "assay_runner_jobs_total": "Jobs of this runner, by phase and outcome.",
    "assay_sandbox_failures_total": "Jobs that failed for reasons of ours, never charged to the recipe.",
    "assay_store_free_bytes": "Free space of the file system that holds the state folder.",
    "process_start_time_seconds": "When this process started, in seconds since 1970.",
    "process_cpu_seconds_total": "User and system time of this process.",
    "process_resident_memory_bytes": "Memory of this process in RAM.",
    "process_open_fds": "Open file descriptors.",
  ]
}
