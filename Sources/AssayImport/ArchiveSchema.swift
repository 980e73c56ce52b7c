/// The database of an imported run: written once, in one file, then only read.
enum ArchiveSchema {
  /// Version of the layout, in `PRAGMA user_version`.
  static let version = 1

  static let tables = """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE trial (
      position INTEGER PRIMARY KEY, id TEXT NOT NULL, parent_raw TEXT NOT NULL, parent INTEGER,
      specialist TEXT NOT NULL, domain TEXT NOT NULL, label TEXT NOT NULL, outcome TEXT NOT NULL,
      score_raw TEXT NOT NULL, score REAL, delta_raw TEXT NOT NULL, delta REAL,
      expected_raw TEXT NOT NULL, expected REAL, artifact_raw TEXT NOT NULL, artifact REAL,
      train_raw TEXT NOT NULL, train REAL, eval_raw TEXT NOT NULL, eval REAL, total_raw TEXT NOT NULL, total REAL,
      recorded_at TEXT NOT NULL, hypothesis TEXT NOT NULL, notes TEXT NOT NULL, extra TEXT, line INTEGER
    ) STRICT;
    CREATE INDEX trial_by_id ON trial (id, position);
    CREATE TABLE source_line (
      line INTEGER PRIMARY KEY, span INTEGER NOT NULL, ended INTEGER NOT NULL, omitted INTEGER NOT NULL, raw BLOB NOT NULL
    ) STRICT;
    CREATE TABLE flag (position INTEGER, kind TEXT NOT NULL, line INTEGER, detail TEXT NOT NULL) STRICT;
    CREATE TABLE file (name TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;
    CREATE TABLE recipe_file (
      position INTEGER NOT NULL, path TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (position, path)
    ) STRICT;
    """

  /// Made after the rows, when they cost the least; from then on nothing can be changed by accident.
  static let seal =
    "CREATE INDEX flag_by_trial ON flag (position); CREATE INDEX flag_by_kind ON flag (kind, position);"
    + ["meta", "trial", "source_line", "flag", "file", "recipe_file"].flatMap { table in
      ["UPDATE", "DELETE", "INSERT"].map { change in
        "CREATE TRIGGER \(table)_no_\(change.lowercased()) BEFORE \(change) ON \(table) BEGIN SELECT RAISE(ABORT, 'an imported record does not change'); END;"
      }
    }.joined()
    + "PRAGMA user_version = \(version);"
}
