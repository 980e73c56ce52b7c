/// The tables of the record. What happened is append-only; what is derived from it (`standing`, `tally`, `in_flight`, `descent`)
/// may change and can be rebuilt.
enum LineageSchema {
  static let migrations = [version1, version2, version3, version4, version5, version6, version7]

  private static let recordTables = [
    "run", "run_end", "trial", "verdict", "snapshot", "snapshot_file", "blob", "insight", "event",
  ]

  private static func guards(_ tables: [String]) -> String {
    tables.map { table in
      """
      CREATE TRIGGER \(table)_no_update BEFORE UPDATE ON \(table) BEGIN SELECT RAISE(ABORT, '\(table) is append-only'); END;
      CREATE TRIGGER \(table)_no_delete BEFORE DELETE ON \(table) BEGIN SELECT RAISE(ABORT, '\(table) is append-only'); END;
      """
    }.joined(separator: "\n")
  }

  /// Lessons are found by what they say.
  private static let version2 = "CREATE INDEX insight_by_text ON insight (run_id, specialist, body);"

  /// The log of signed statements of each run, and how far it is.
  private static let version3 = """
    CREATE TABLE policy (run_id TEXT PRIMARY KEY REFERENCES run (run_id), envelope BLOB NOT NULL) STRICT;
    CREATE TABLE log_entry (
      run_id TEXT NOT NULL REFERENCES run (run_id), position INTEGER NOT NULL, kind INTEGER NOT NULL,
      trial INTEGER NOT NULL, PRIMARY KEY (run_id, position)
    ) STRICT, WITHOUT ROWID;
    \(guards(["policy", "log_entry"]))
    CREATE TABLE log_head (run_id TEXT PRIMARY KEY, size INTEGER NOT NULL, frontier BLOB NOT NULL) STRICT;
    CREATE TABLE log_checkpoint (run_id TEXT PRIMARY KEY, note BLOB NOT NULL) STRICT;
    """

  /// What an edit changed, by which the same change on another parent is found.
  private static let version4 = """
    ALTER TABLE trial ADD COLUMN change TEXT NOT NULL DEFAULT '';
    CREATE INDEX trial_by_change ON trial (run_id, change, number);
    """

  /// Audits and revocations, and which trials descend from revoked ones: `barred` where no rule says what was wrong, so that
  /// nothing shows that a descendant is without it.
  private static let version5 = """
    CREATE TABLE audit (
      run_id TEXT NOT NULL REFERENCES run (run_id), number INTEGER NOT NULL, digest TEXT NOT NULL, envelope BLOB NOT NULL,
      sequence INTEGER NOT NULL REFERENCES event (sequence), PRIMARY KEY (run_id, number)
    ) STRICT;
    CREATE TABLE revocation (
      run_id TEXT NOT NULL, number INTEGER NOT NULL, by_rule INTEGER NOT NULL, body BLOB NOT NULL, envelope BLOB NOT NULL,
      sequence INTEGER NOT NULL REFERENCES event (sequence),
      PRIMARY KEY (run_id, number), FOREIGN KEY (run_id, number) REFERENCES verdict (run_id, number)
    ) STRICT;
    \(guards(["audit", "revocation"]))
    CREATE TABLE descent (
      run_id TEXT NOT NULL, number INTEGER NOT NULL, ancestor INTEGER NOT NULL, barred INTEGER NOT NULL,
      PRIMARY KEY (run_id, number)
    ) STRICT, WITHOUT ROWID;
    """

  /// What runners signed of the jobs that a verdict rests on.
  private static let version6 = """
    CREATE TABLE provenance (
      run_id TEXT NOT NULL REFERENCES run (run_id), number INTEGER NOT NULL, position INTEGER NOT NULL, envelope BLOB NOT NULL,
      PRIMARY KEY (run_id, number, position)
    ) STRICT;
    \(guards(["provenance"]))
    """

  /// What submitters had been answered before each of their trials.
  private static let version7 = """
    CREATE TABLE reading (
      run_id TEXT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL,
      PRIMARY KEY (run_id, number), FOREIGN KEY (run_id, number) REFERENCES trial (run_id, number)
    ) STRICT;
    \(guards(["reading"]))
    """

  private static let version1 = """
    CREATE TABLE event (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      run_id TEXT NOT NULL, kind INTEGER NOT NULL, trial INTEGER NOT NULL, recorded_at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX event_by_run ON event (run_id, sequence);

    CREATE TABLE run (
      run_id TEXT PRIMARY KEY, body BLOB NOT NULL, evaluator_key BLOB NOT NULL, minimize INTEGER NOT NULL,
      sequence INTEGER NOT NULL REFERENCES event (sequence)
    ) STRICT;
    CREATE TABLE run_end (
      run_id TEXT PRIMARY KEY REFERENCES run (run_id), report BLOB NOT NULL,
      sequence INTEGER NOT NULL REFERENCES event (sequence)
    ) STRICT;

    CREATE TABLE blob (digest TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;
    CREATE TABLE snapshot (snapshot_id TEXT PRIMARY KEY) STRICT;
    CREATE TABLE snapshot_file (
      snapshot_id TEXT NOT NULL REFERENCES snapshot (snapshot_id), path TEXT NOT NULL,
      digest TEXT NOT NULL REFERENCES blob (digest), PRIMARY KEY (snapshot_id, path)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE trial (
      run_id TEXT NOT NULL REFERENCES run (run_id), number INTEGER NOT NULL, parent INTEGER, specialist TEXT NOT NULL,
      snapshot_id TEXT REFERENCES snapshot (snapshot_id), body BLOB NOT NULL,
      sequence INTEGER NOT NULL REFERENCES event (sequence), PRIMARY KEY (run_id, number)
    ) STRICT;
    CREATE INDEX trial_by_specialist ON trial (run_id, specialist, number);
    CREATE INDEX trial_by_parent ON trial (run_id, parent, number);

    CREATE TABLE verdict (
      run_id TEXT NOT NULL, number INTEGER NOT NULL, label INTEGER NOT NULL,
      rank REAL, body BLOB NOT NULL, envelope BLOB NOT NULL, log TEXT NOT NULL,
      sequence INTEGER NOT NULL REFERENCES event (sequence),
      PRIMARY KEY (run_id, number), FOREIGN KEY (run_id, number) REFERENCES trial (run_id, number)
    ) STRICT;
    CREATE INDEX verdict_by_label ON verdict (run_id, label, number);
    CREATE INDEX verdict_by_rank ON verdict (run_id, rank, number) WHERE rank IS NOT NULL;
    CREATE INDEX verdict_failed ON verdict (run_id, number) WHERE label NOT IN (1, 2, 3);

    CREATE TABLE insight (
      sequence INTEGER PRIMARY KEY REFERENCES event (sequence), run_id TEXT NOT NULL REFERENCES run (run_id),
      specialist TEXT NOT NULL, body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX insight_by_run ON insight (run_id, sequence);

    \(guards(recordTables))

    CREATE TABLE in_flight (run_id TEXT NOT NULL, number INTEGER NOT NULL, specialist TEXT NOT NULL, PRIMARY KEY (run_id, number)) STRICT, WITHOUT ROWID;
    CREATE TABLE tally (
      run_id TEXT NOT NULL, specialist TEXT NOT NULL, label INTEGER NOT NULL, count INTEGER NOT NULL,
      PRIMARY KEY (run_id, specialist, label)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE standing (
      run_id TEXT PRIMARY KEY, incumbent INTEGER NOT NULL, incumbent_rank REAL, incumbent_score TEXT NOT NULL,
      baseline_score TEXT NOT NULL, trials INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """
}
