"""The durable state of an evaluator: one SQLite file, one connection, each change a transaction that is on disk before it is
acknowledged."""

import contextlib
import os
import sqlite3
import threading

_CONFIRMATION = """
ALTER TABLE runs ADD COLUMN policy BLOB;
ALTER TABLE runs ADD COLUMN incumbent_seeds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN challenger INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN challenges INTEGER NOT NULL DEFAULT 0;
CREATE TABLE challengers (run_id TEXT NOT NULL, trial INTEGER NOT NULL, PRIMARY KEY (run_id, trial)) STRICT;
PRAGMA user_version = 2;
"""

_SCHEMA = """
CREATE TABLE runs (
  run_id TEXT PRIMARY KEY, request BLOB NOT NULL, phase INTEGER NOT NULL, reason TEXT NOT NULL DEFAULT '',
  closing INTEGER NOT NULL DEFAULT 0, accepted INTEGER NOT NULL DEFAULT 0, decided INTEGER NOT NULL DEFAULT 0,
  incumbent INTEGER NOT NULL DEFAULT 0, incumbent_score TEXT NOT NULL DEFAULT '',
  baseline_scores TEXT NOT NULL DEFAULT '[]', version INTEGER NOT NULL DEFAULT 1, secret BLOB NOT NULL, report BLOB
) STRICT;
CREATE TABLE trials (
  run_id TEXT NOT NULL, trial INTEGER NOT NULL, specialist TEXT NOT NULL, snapshot_id TEXT NOT NULL,
  record BLOB NOT NULL, verdict BLOB, envelope BLOB, log TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (run_id, trial)
) STRICT;
CREATE INDEX trials_by_recipe ON trials (run_id, snapshot_id);
CREATE TABLE snapshots (
  run_id TEXT NOT NULL, snapshot_id TEXT NOT NULL, files BLOB NOT NULL, PRIMARY KEY (run_id, snapshot_id)
) STRICT;
CREATE TABLE submissions (
  run_id TEXT NOT NULL, peer TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, trial INTEGER NOT NULL,
  PRIMARY KEY (run_id, peer, key)
) STRICT;
CREATE TABLE measurements (
  run_id TEXT NOT NULL, trial INTEGER NOT NULL, purpose TEXT NOT NULL, state TEXT NOT NULL, stage TEXT NOT NULL,
  PRIMARY KEY (run_id, trial, purpose)
) STRICT;
CREATE TABLE jobs (
  job_id TEXT PRIMARY KEY, run_id TEXT NOT NULL, trial INTEGER NOT NULL, purpose TEXT NOT NULL, seed INTEGER NOT NULL,
  input_group TEXT NOT NULL, job BLOB NOT NULL, state TEXT NOT NULL, token INTEGER NOT NULL DEFAULT 0,
  holder TEXT NOT NULL DEFAULT '', expires REAL NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0, report BLOB
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state);
CREATE TABLE job_outputs (job_id TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (job_id, digest)) STRICT;
CREATE TABLE blobs (digest TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, method TEXT NOT NULL, request BLOB NOT NULL) STRICT;
PRAGMA user_version = 1;
"""


class Store:
    """Transactions, one at a time, and a condition that is notified after each."""

    def __init__(self, folder: str):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self._db = sqlite3.connect(
            os.path.join(folder, "evaluator.sqlite"), isolation_level=None, check_same_thread=False, timeout=5.0)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "locking_mode = EXCLUSIVE"):
            self._db.execute(f"PRAGMA {pragma}")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version < 2:
            self._db.executescript("BEGIN;" + (_SCHEMA if version == 0 else "") + _CONFIRMATION + "COMMIT;")
        elif version != 2:
            raise RuntimeError(f"{folder} was written by a newer version ({version}); nothing was changed")
        self._lock = threading.RLock()
        self.changed = threading.Condition(self._lock)

    @contextlib.contextmanager
    def transaction(self):
        """Everything in the block happens, or nothing of it."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            self.changed.notify_all()

    @contextlib.contextmanager
    def reading(self):
        with self._lock:
            yield self._db

    def wait(self, seconds: float) -> None:
        """Until something changes; call it inside `reading`."""
        self.changed.wait(seconds)
