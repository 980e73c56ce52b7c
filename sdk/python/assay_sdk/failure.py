"""A label and a reason instead of a score."""

from . import messages

#: Numbers of the labels by their words.
LABELS = {
    value.name.removeprefix("VERDICT_LABEL_").lower(): value.number
    for value in messages.of("assay.lineage.v1.Verdict").DESCRIPTOR.fields_by_name["label"].enum_type.values
}


class Failure(Exception):
    """Why a measurement has no score. `position` is that of the seed which failed; None for failures of ours."""

    def __init__(self, label: str, reason: str, rule: str = "", position: int | None = None):
        super().__init__(reason)
        self.label, self.reason, self.rule, self.position = label, reason, rule, position
