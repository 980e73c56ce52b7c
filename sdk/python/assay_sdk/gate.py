"""What a recipe has to reach beside its score (docs/statistics.md): not by the mean of its seeds, by the confidence bound of that mean."""

import dataclasses
import math

from . import statement, statistics

#: In policies; another formula gets another name.
RULE = "one-sided-t-pooled/v1"
USUAL_CONFIDENCE = "0.95"


@dataclasses.dataclass(frozen=True)
class Gate:
    """A bound of a metric. `confidence`, 0.5 to 0.9999: how sure it has to be that it is met; 0.5 asks for the mean alone."""

    metric: str
    sign: str
    threshold: str
    confidence: str = USUAL_CONFIDENCE

    def __post_init__(self):
        if self.sign not in (">=", "<="):
            raise ValueError(f"the gate of {self.metric} has the sign '{self.sign}'; give '>=' or '<='")
        if not 0.5 <= float(self.confidence) <= 0.9999:
            raise ValueError(f"the gate of {self.metric} has the confidence {self.confidence}; give one from 0.5 to 0.9999")
        if not math.isfinite(float(self.threshold)):
            raise ValueError(f"the gate of {self.metric} has the bound {self.threshold}; give a number")

    @classmethod
    def of(cls, task) -> list:
        """The gates of a task, from (sign, threshold) or (sign, threshold, confidence) by metric."""
        return [cls(metric, *map(str, gate)) for metric, gate in task.gates.items()]

    @property
    def asks_for_mean(self) -> bool:
        return float(self.confidence) <= 0.5

    def __str__(self) -> str:
        words = "at least" if self.sign == ">=" else "at most"
        return f"{self.metric} {words} {self.threshold} " + (
            "in the mean" if self.asks_for_mean else f"with confidence {self.confidence}")

    def bound(self, values: list, baseline: list) -> float:
        """What has to meet the threshold: the mean less t s / sqrt(n) (`>=`) or plus it (`<=`), the spread pooled with the baseline's."""
        mean = sum(values) / len(values)
        own, others = len(values) - 1, max(0, len(baseline) - 1)
        if own + others == 0 or self.asks_for_mean:
            return mean
        variance = (
            others * statistics.deviation(baseline) ** 2 + own * statistics.deviation(values) ** 2) / (own + others)
        width = statistics.student_t(float(self.confidence), own + others) * math.sqrt(variance / len(values))
        return mean - width if self.sign == ">=" else mean + width

    def failure(self, values: list, baseline: list) -> str | None:
        """Why it is missed, with the numbers; None when it is met. What is no number does not meet it.

        `baseline` has the baseline's values of the same metric; none while it is the baseline that is judged.
        """
        if not all(map(math.isfinite, values)):
            return f"{self.metric} is not a finite number; the gate: {self}"
        bound = self.bound(values, baseline)
        if bound >= float(self.threshold) if self.sign == ">=" else bound <= float(self.threshold):
            return None
        mean, of = statement.decimal(sum(values) / len(values)), f"in the mean of {len(values)} seed(s)"
        short = f"{statement.decimal(abs(bound - float(self.threshold)))} away from the gate: {self}"
        if self.asks_for_mean:
            return f"{self.metric} is {mean} {of}, {short}"
        side = "lower" if self.sign == ">=" else "upper"
        beside = f" and {len(baseline)} of the baseline" if baseline else ""
        return f"{self.metric} is {mean} {of}, its {side} bound {statement.decimal(bound)} (the spread is of them{beside}), {short}"
