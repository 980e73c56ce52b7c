"""What an evaluator binds itself to before the first trial of a run (docs/proof-format.md): signed, and the first entry of its log."""

import hashlib

from . import gate, statement, statistics
from .gate import Gate


def envelope(task, run_id: str, secret: bytes, key) -> bytes:
    """The policy of a run, signed. `secret` is what all seeds follow from; the policy holds its digest."""
    metric, confirms = task.metric, task.seeds_confirm > 0
    seeds = {
        "perTrial": task.seeds_per_trial, "baseline": task.seeds_baseline, "final": task.seeds_final,
        "commitment": hashlib.sha256(secret).hexdigest(),
    }
    predicate = {
        "run": run_id, "task": task.name, "taskDigest": task.digest,
        "metric": {
            "name": metric.name, "direction": "minimize" if metric.minimize else "maximize", "unit": metric.unit,
            "source": "score", "smallestEffect": metric.smallest_effect,
        },
        "gates": [str(gate) for gate in Gate.of(task)],
        "rules": [], "rulesVersion": 0, "seeds": seeds, "keepRule": "two-sample-t-baseline-sd/v1",
        "keepConfidence": statement.decimal(statistics.CONFIDENCE), "evaluatorVersion": task.version,
        "nonClaims": [
            "That the metric measures what matters.",
            "That the runner's host and clock were honest: the verdict rests on what runners measured.",
            "That a kept trial is better by the amount measured"
            + (", only that it is better: see the final report." if confirms
               else ": the best of many tries is flattered; see the final report."),
        ],
    }
    if task.gates:
        predicate["gateRule"] = gate.RULE
    if confirms:
        seeds["confirm"] = task.seeds_confirm
        predicate["confirmationRule"] = "paired-t-alpha-spending/v1"
        predicate["confirmationErrorRate"] = statement.decimal(statistics.ERROR_RATE)
    return statement.sign(
        statement.POLICY, [{"name": "task", "digest": {"sha256": task.digest}}], predicate, key)
