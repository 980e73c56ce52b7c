"""The example evaluator with one fault, to see that the conformance suite finds it: broken_evaluator.py --fault NAME ..."""

import pathlib
import signal
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "examples/python-evaluator"))

from assay_sdk import engine, identity, messages, recipe, server, session, statement  # noqa: E402
from assay_sdk.errors import RPCError, Status  # noqa: E402
from evaluator import Peaks  # noqa: E402

Engine, Failure = engine.Engine, engine.Failure


def forgets_keys():
    Engine._earlier = lambda *_: None


def signs_with_another_key():
    sign, other = statement.sign, identity.IdentityKey.generate()
    statement.sign = lambda kind, subject, predicate, key: sign(kind, subject, predicate, other)


def shows_prediction_output():
    ended = Engine._ended

    def tells(self, db, row, report, holder):
        if row["input_group"] and report.exit_code:
            self._end(db, row["run_id"], row["trial"], row["purpose"], Failure("crash", f"it printed {report.log}"))
        ended(self, db, row, report, holder)

    Engine._ended = tells


def charges_infrastructure():
    create = Failure.__init__
    Failure.__init__ = lambda self, label, *rest, **more: create(
        self, "crash" if label == "harness_abort" else label, *rest, **more)


def takes_any_token():
    def held(self, db, job_id, token, peer, holder=None):
        row = db.execute("SELECT * FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        if row is None or row["state"] != "leased":
            raise self._lost()
        return row

    Engine._held = held


def checks_no_values():
    messages.check = lambda *_: None


def tells_strangers():
    handshake = server.Server._handshake

    def tells(self, request):
        if messages.method(request.method) is None:
            raise RPCError(Status.UNIMPLEMENTED, "no such method", "UNKNOWN_METHOD")
        return handshake(self, request)

    server.Server._handshake = tells


def ignores_partitions():
    recipe.violations = lambda *_: []


def takes_replays():
    session.ReplayWindow.accept = lambda *_: True


def changes_verdicts():
    wait = Engine.wait_verdict

    def changed(self, request, call):
        response = wait(self, request, call)
        if response.decided:
            response.verdict.decided_at_ms = int(time.time() * 1e6)
        return response

    Engine.wait_verdict = changed


def ignores_roles():
    find = identity.TrustStore.find

    def everybody(self, key):
        known = find(self, key)
        return known and (known[0], frozenset({"agent", "evaluator", "lineage", "observer", "operator", "runner"}))

    identity.TrustStore.find = everybody
    # Its own check by name would let an operator through.
    check = Engine._check
    Engine._check = lambda self, proposal, call: check(
        self, proposal,
        call if call.peer == "operator" else server.dataclasses.replace(call, roles=frozenset({"agent"})))


def takes_any_specialist():
    check = Engine._check
    Engine._check = lambda self, proposal, call: check(
        self, proposal, server.dataclasses.replace(call, roles=frozenset({"operator"})))


def keeps_nothing():
    connect = sqlite3.connect
    sqlite3.connect = lambda _, **options: connect(":memory:", **options)


def never_expires():
    Engine._expire = lambda _: None


def takes_any_bytes():
    put = Engine.put_blob

    def any_bytes(self, request, call):
        honest = engine._sha256
        engine._sha256 = lambda _: request.digest
        try:
            return put(self, request, call)
        finally:
            engine._sha256 = honest

    Engine.put_blob = any_bytes


def ignores_terminate():
    handle = signal.signal
    signal.signal = lambda number, action: handle(number, signal.SIG_IGN if number == signal.SIGTERM else action)


def keeps_escapes():
    engine._clean = lambda text, most: text[:most]


def calls_size_a_crash():
    create = Failure.__init__
    Failure.__init__ = lambda self, label, *rest, **more: create(
        self, "crash" if label == "size_blocked" else label, *rest, **more)


def calls_time_a_crash():
    create = Failure.__init__
    Failure.__init__ = lambda self, label, *rest, **more: create(
        self, "crash" if label == "train_budget_overrun" else label, *rest, **more)


def none():
    """No fault: passes everything."""


if __name__ == "__main__":
    place = sys.argv.index("--fault")
    globals()[sys.argv[place + 1].replace("-", "_")]()
    engine.LEASE_SECONDS = 3
    Peaks.main(sys.argv[1:place] + sys.argv[place + 2:])
