"""What a benchmark's owner says about predictions."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Judgement:
    """Metrics by name; the task's own metric is among them."""

    metrics: dict


class Illegal(Exception):
    """The predictions, or the recipe, break a rule of the task."""

    def __init__(self, rule: str, evidence: str):
        super().__init__(f"{rule}: {evidence}")
        self.rule, self.evidence = rule, evidence


class Malformed(Exception):
    """The predictions cannot be used; the text says what is wrong with them, without telling what is hidden."""
