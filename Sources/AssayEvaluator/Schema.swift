import AssayStore

/// The evaluator's tables. A run is never updated in place by hand: every change is an event of a state machine.
enum Schema {
  static let migrations = [
    """
    CREATE TABLE runs (
      run_id TEXT PRIMARY KEY, task_name TEXT NOT NULL, task_digest TEXT NOT NULL, seed INTEGER NOT NULL,
      max_trials INTEGER NOT NULL, lineage_enabled INTEGER NOT NULL, created_at_ms INTEGER NOT NULL,
      secret BLOB NOT NULL, phase INTEGER NOT NULL, reason TEXT NOT NULL DEFAULT '', closing INTEGER NOT NULL DEFAULT 0,
      accepted INTEGER NOT NULL DEFAULT 0, decided INTEGER NOT NULL DEFAULT 0,
      incumbent INTEGER NOT NULL DEFAULT 0, incumbent_score REAL, incumbent_seeds INTEGER NOT NULL DEFAULT 0,
      baseline_score REAL, keep_rule TEXT, version INTEGER NOT NULL DEFAULT 1, report BLOB
    ) STRICT;
    CREATE TABLE snapshots (
      run_id TEXT NOT NULL, snapshot_id TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (run_id, snapshot_id)
    ) STRICT;
    CREATE TABLE trials (
      run_id TEXT NOT NULL, trial INTEGER NOT NULL, specialist TEXT NOT NULL, record BLOB NOT NULL,
      parent INTEGER NOT NULL, snapshot_id TEXT NOT NULL, decided INTEGER NOT NULL DEFAULT 0,
      verdict BLOB, envelope BLOB, log TEXT NOT NULL DEFAULT '', PRIMARY KEY (run_id, trial)
    ) STRICT;
    CREATE INDEX trials_by_snapshot ON trials (run_id, snapshot_id);
    CREATE INDEX trials_in_flight ON trials (run_id, specialist) WHERE decided = 0;
    CREATE TABLE measurements (
      run_id TEXT NOT NULL, trial INTEGER NOT NULL, purpose TEXT NOT NULL, machine BLOB NOT NULL,
      work TEXT, PRIMARY KEY (run_id, trial, purpose)
    ) STRICT;
    CREATE INDEX measurements_with_work ON measurements (work) WHERE work IS NOT NULL;
    CREATE TABLE jobs (
      number INTEGER PRIMARY KEY AUTOINCREMENT, job_id TEXT NOT NULL UNIQUE,
      run_id TEXT NOT NULL, trial INTEGER NOT NULL, purpose TEXT NOT NULL, specialist TEXT NOT NULL,
      key BLOB NOT NULL, phase TEXT NOT NULL, spec BLOB NOT NULL, state TEXT NOT NULL, token INTEGER NOT NULL DEFAULT 0,
      holder TEXT NOT NULL DEFAULT '', expires_at_ms INTEGER NOT NULL DEFAULT 0,
      available_at_ms INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX jobs_open ON jobs (state, number) WHERE state IN ('queued', 'leased');
    CREATE INDEX jobs_by_measurement ON jobs (run_id, trial, purpose);
    CREATE TABLE job_outputs (
      job_id TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (job_id, digest)
    ) STRICT;
    CREATE TABLE turns (specialist TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
    CREATE TABLE outbox (
      number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, body BLOB NOT NULL
    ) STRICT;
    """ + IdempotencyTable.schema,
    // The policy of a run, and what the evaluator knows of the log that the lineage keeps of it.
    """
    ALTER TABLE runs ADD COLUMN policy BLOB;
    ALTER TABLE outbox ADD COLUMN run_id TEXT NOT NULL DEFAULT '';
    CREATE TABLE witness (
      run_id TEXT PRIMARY KEY, size INTEGER NOT NULL, frontier BLOB NOT NULL, cosigned INTEGER NOT NULL DEFAULT 0,
      refused INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    """,
    // Trials that look better than the incumbent, until they were measured beside it.
    """
    ALTER TABLE runs ADD COLUMN challenger INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE runs ADD COLUMN challenges INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE challengers (run_id TEXT NOT NULL, trial INTEGER NOT NULL, PRIMARY KEY (run_id, trial)) STRICT;
    """,
    // The hosts of runners, what jobs ask of them, and whose turn it is, by run and by specialist.
    """
    CREATE TABLE runner_hosts (
      host TEXT PRIMARY KEY, state TEXT NOT NULL, reason TEXT NOT NULL, changed_at_ms INTEGER NOT NULL,
      labels TEXT NOT NULL, memory_bytes INTEGER NOT NULL, isolation TEXT NOT NULL, jobs_done INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE host_failures (
      host TEXT NOT NULL, job_id TEXT NOT NULL, at_ms INTEGER NOT NULL, reason TEXT NOT NULL,
      finished_by TEXT NOT NULL DEFAULT '', PRIMARY KEY (host, job_id)
    ) STRICT;
    CREATE INDEX host_failures_by_job ON host_failures (job_id);
    ALTER TABLE jobs ADD COLUMN needs TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
    DROP TABLE turns;
    CREATE TABLE turns (
      run_id TEXT NOT NULL, specialist TEXT NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (run_id, specialist)
    ) STRICT;
    CREATE TABLE run_turns (run_id TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
    """,
    // Recipes in canonical form.
    """
    CREATE TABLE meanings (
      run_id TEXT NOT NULL, snapshot_id TEXT NOT NULL, meaning TEXT NOT NULL, content BLOB NOT NULL,
      PRIMARY KEY (run_id, snapshot_id)
    ) STRICT;
    CREATE INDEX meanings_by_digest ON meanings (run_id, meaning);
    """,
    // The rules of a run, which an audit may change; what screening found, so that an audit goes on where it was; revocations.
    """
    ALTER TABLE runs ADD COLUMN frame TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN rules TEXT;
    ALTER TABLE runs ADD COLUMN audited_digest TEXT NOT NULL DEFAULT '';
    ALTER TABLE challengers ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE screenings (
      rules TEXT NOT NULL, snapshot_id TEXT NOT NULL, rule TEXT NOT NULL, evidence TEXT NOT NULL,
      PRIMARY KEY (rules, snapshot_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE revocations (
      run_id TEXT NOT NULL, trial INTEGER NOT NULL, body BLOB NOT NULL, by_rule INTEGER NOT NULL,
      PRIMARY KEY (run_id, trial)
    ) STRICT;
    """,
    // What trials cost, seed by seed, and what was predicted of them.
    """
    CREATE TABLE outlays (
      run_id TEXT NOT NULL, trial INTEGER NOT NULL, position INTEGER NOT NULL, specialist TEXT NOT NULL, parent INTEGER NOT NULL,
      change TEXT NOT NULL, broke INTEGER NOT NULL, whole TEXT NOT NULL, probe TEXT, PRIMARY KEY (run_id, trial, position)
    ) STRICT;
    CREATE INDEX outlays_by_specialist ON outlays (run_id, specialist, trial);
    CREATE TABLE predictions (
      run_id TEXT NOT NULL, trial INTEGER NOT NULL, cap TEXT NOT NULL, basis TEXT NOT NULL, expected REAL NOT NULL,
      lower REAL NOT NULL, refused INTEGER NOT NULL, actual REAL, PRIMARY KEY (run_id, trial, cap, basis)
    ) STRICT;
    """,
    // Arms, bounds and pauses of runs, and what was spent.
    """
    CREATE TABLE run_controls (
      run_id TEXT PRIMARY KEY, arm BLOB, bounds BLOB, stop TEXT NOT NULL, refunded INTEGER NOT NULL, aborts INTEGER NOT NULL,
      improved_at_ms INTEGER NOT NULL, improved_after INTEGER NOT NULL, paused_at_ms INTEGER, paused_ms INTEGER NOT NULL,
      paused_specialists TEXT NOT NULL
    ) STRICT;
    CREATE TABLE accounts (
      run_id TEXT NOT NULL, specialist TEXT NOT NULL, exhausted INTEGER NOT NULL, settled BLOB NOT NULL, reserved BLOB NOT NULL,
      PRIMARY KEY (run_id, specialist)
    ) STRICT;
    CREATE TABLE trial_spend (
      run_id TEXT NOT NULL, trial INTEGER NOT NULL, specialist TEXT NOT NULL, state TEXT NOT NULL, amount BLOB NOT NULL,
      PRIMARY KEY (run_id, trial)
    ) STRICT;
    CREATE TABLE model_spend (
      run_id TEXT NOT NULL, request TEXT NOT NULL, specialist TEXT NOT NULL, session TEXT NOT NULL, provider TEXT NOT NULL,
      model TEXT NOT NULL, purpose TEXT NOT NULL, state TEXT NOT NULL, priced INTEGER NOT NULL, body TEXT NOT NULL,
      closing TEXT NOT NULL DEFAULT '', usage BLOB NOT NULL, amount BLOB NOT NULL, PRIMARY KEY (run_id, request)
    ) STRICT;
    CREATE INDEX model_spend_by_session ON model_spend (run_id, specialist, session);
    """,
    // Short runs that are no trials.
    """
    CREATE TABLE smoke_runs (
      number INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, specialist TEXT NOT NULL, name TEXT NOT NULL,
      body TEXT NOT NULL, seconds INTEGER NOT NULL, trials INTEGER NOT NULL, amount BLOB NOT NULL, answer BLOB,
      UNIQUE (run_id, specialist, name)
    ) STRICT;
    CREATE INDEX smoke_runs_open ON smoke_runs (run_id) WHERE answer IS NULL;
    CREATE TABLE refused_duplicates (
      run_id TEXT NOT NULL, specialist TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (run_id, specialist, name)
    ) STRICT, WITHOUT ROWID;
    """,
    // What runners signed of each job that counts.
    """
    CREATE TABLE provenance (
      number INTEGER PRIMARY KEY AUTOINCREMENT, job_id TEXT NOT NULL UNIQUE, run_id TEXT NOT NULL, trial INTEGER NOT NULL,
      purpose TEXT NOT NULL, runner_key TEXT NOT NULL, envelope BLOB NOT NULL
    ) STRICT;
    CREATE INDEX provenance_by_trial ON provenance (run_id, trial);
    """,
    // GPUs of hosts, and those that jobs hold which nobody wants any more.
    """
    ALTER TABLE runner_hosts ADD COLUMN gpus BLOB;
    CREATE INDEX jobs_ending ON jobs (expires_at_ms) WHERE state = 'cancelled';
    """,
    // Hosts that are kept for jobs of many GPUs.
    """
    CREATE TABLE host_reservations (needs TEXT PRIMARY KEY, host TEXT NOT NULL, asked_at_ms INTEGER NOT NULL) STRICT;
    """,
    // What the clock said when the state was last opened.
    """
    CREATE TABLE clock (boot TEXT NOT NULL, uptime_ms INTEGER NOT NULL, now_ms INTEGER NOT NULL) STRICT;
    """,
    // What runs are measured on.
    """
    ALTER TABLE runs ADD COLUMN hardware TEXT NOT NULL DEFAULT '';
    ALTER TABLE runner_hosts ADD COLUMN processor TEXT NOT NULL DEFAULT '';
    """,
  ]
}
