"""A trial that looks better than the best is measured again beside it, on fresh seeds of both, before it is kept (docs/statistics.md)."""

import json

from . import statement, statistics
from .failure import LABELS, Failure

#: Who is measured at each position: what drifts on a host meets both alike.
SIDES = ("trial", "incumbent", "incumbent", "trial")


def side(position: int) -> str:
    return SIDES[position % 4]


class Confirming:
    """The part of the engine that confirms: one trial of a run at a time, in the order of their numbers."""

    def _provisional(self, db, run_id: str, trial: int) -> None:
        """Puts a trial in line."""
        db.execute("INSERT OR IGNORE INTO challengers VALUES (?, ?)", (run_id, trial))
        self._challenge(db, run_id)

    def _challenge(self, db, run_id: str) -> None:
        """Begins the next confirmation; who no longer looks better than the incumbent is decided by what was measured."""
        while not self._run(db, run_id)["challenger"]:
            row = db.execute(
                "SELECT trial FROM challengers WHERE run_id = ? ORDER BY trial LIMIT 1", (run_id,)).fetchone()
            if row is None:
                return
            state = self._measurement(db, run_id, row["trial"], "trial")
            if not self._ruling(self._run(db, run_id), state["scores"])[0]:
                self._leave_line(db, run_id, row["trial"])
                self._decide(db, run_id, row["trial"], state["scores"], state)
                continue
            db.execute(
                "UPDATE runs SET challenger = ?, challenges = challenges + 1 WHERE run_id = ?", (row["trial"], run_id))
            self._measure(db, run_id, row["trial"], "confirm", self._task.seeds_confirm, repeat=2)

    @staticmethod
    def _leave_line(db, run_id: str, trial: int) -> None:
        db.execute("DELETE FROM challengers WHERE run_id = ? AND trial = ?", (run_id, trial))

    @staticmethod
    def _measurement(db, run_id: str, trial: int, purpose: str) -> dict:
        return json.loads(db.execute(
            "SELECT state FROM measurements WHERE run_id = ? AND trial = ? AND purpose = ?",
            (run_id, trial, purpose)).fetchone()["state"])

    def _confirmed(self, db, run_id: str, trial: int, outcome, state: dict) -> None:
        """Decides the challenger by what was measured of it and of the incumbent."""
        run, metric = self._run(db, run_id), self._task.metric
        screened = self._measurement(db, run_id, trial, "trial")
        verdict = self._verdict(run_id, trial, run["incumbent"])
        artifacts = {
            index: files for index, files in state["trained"].items() if side(int(index)) == "trial"}
        whole = {
            "log": screened["log"], "usage": screened["usage"] + state["usage"],
            "trained": {**{f"screening {i}": files for i, files in screened["trained"].items()}, **artifacts},
        }
        if isinstance(outcome, Failure):
            if outcome.position is not None and side(outcome.position) == "incumbent":
                outcome = Failure(
                    "harness_abort",
                    f"the incumbent, trial {run['incumbent']}, could not be measured beside it on a fresh seed "
                    f"({outcome.label}: {outcome.reason[:800]}). The trial is not charged.")
            else:
                outcome = Failure(
                    outcome.label, f"on a fresh seed of its confirmation: {outcome.reason}", outcome.rule)
            verdict.label, verdict.reason, verdict.rule = LABELS[outcome.label], outcome.reason[:1900], outcome.rule
        else:
            of = {who: [score for i, score in enumerate(outcome) if side(i) == who] for who in ("trial", "incumbent")}
            gains = [
                b - a if metric.minimize else a - b for a, b in zip(of["trial"], of["incumbent"])]
            gain = sum(gains) / len(gains)
            width = statistics.confirmation_half_width(
                gains, json.loads(run["baseline_scores"]), run["challenges"])
            needed = max(width, float(metric.smallest_effect))
            kept = gain - width > 0 and gain >= float(metric.smallest_effect)
            mean = sum(of["trial"]) / len(gains)
            verdict.label = LABELS["keep" if kept else "discard"]
            verdict.score = statement.decimal(mean)
            verdict.seed_scores.extend(statement.decimal(value) for value in of["trial"])
            verdict.delta = statement.decimal(mean - sum(of["incumbent"]) / len(gains))
            verdict.noise = statement.decimal(width)
            screening = statement.decimal(sum(screened["scores"]) / len(screened["scores"]))
            verdict.reason = (
                f"{'confirmed' if kept else 'withdrawn'}: on {len(gains)} fresh seeds beside trial {run['incumbent']} it gained "
                f"{statement.decimal(gain)}, and to be sure, after {run['challenges']} challenge(s) of that trial, takes more "
                f"than {statement.decimal(needed) or 'can be told'}; its screening gave {screening}")
            if kept:
                db.execute(
                    "UPDATE runs SET incumbent = ?, incumbent_score = ?, incumbent_seeds = ?, challenges = 0 WHERE run_id = ?",
                    (trial, verdict.score, len(gains), run_id))
        self._leave_line(db, run_id, trial)
        db.execute("UPDATE runs SET challenger = 0 WHERE run_id = ?", (run_id,))
        self._publish(db, run_id, trial, verdict, whole)
        self._challenge(db, run_id)
        self._settle(db, run_id)
