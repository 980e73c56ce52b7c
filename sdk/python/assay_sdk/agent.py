"""A Python program as a specialist: reads the lineage, submits trials, waits for their verdicts."""

import difflib
import time
import uuid

from . import messages, recipe
from .client import Client
from .errors import RPCError, Status
from .identity import IdentityKey, PublicIdentity
from .tls import TLSFiles

M = messages.of


def diff(before: dict, after: dict) -> bytes:
    """The unified diff between two recipe trees that have the same files."""
    parts = []
    for path in sorted(before):
        old, new = (recipe.lines(tree[path].decode("utf-8", "surrogateescape")) for tree in (before, after))
        for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"):
            parts.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
    return "".join(parts).encode("utf-8", "surrogateescape")


class Agent:
    """One specialist of one run.

        agent = Agent("opt", run, evaluator=(url, key), lineage=(url, key), key="keys/agent-opt.key")
        trial = agent.submit(0, {**recipe, "recipe.py": edited}, "A higher learning rate learns more in the time given.")
        verdict = agent.wait(trial)
    """

    def __init__(self, specialist: str, run: str, evaluator: tuple, key: IdentityKey | str, lineage: tuple | None = None,
                 tls: TLSFiles | None = None):
        self.specialist, self.run = specialist, run
        own = IdentityKey.load(key) if isinstance(key, str) else key
        connect = lambda end: Client(end[0], PublicIdentity.parse(end[1]), own, tls)  # noqa: E731
        self._evaluator = connect(evaluator)
        self._lineage = connect(lineage) if lineage else None

    def __enter__(self) -> "Agent":
        return self

    def __exit__(self, *_) -> None:
        self._evaluator.close()
        if self._lineage:
            self._lineage.close()

    def task(self):
        """The task as the evaluator describes it."""
        answer = self._call("DescribeTask", M("assay.evaluator.v1.DescribeTaskRequest")(), wait_for_ready=True)
        return answer.task

    def baseline(self) -> dict:
        """The files of the recipe that the run began with."""
        return {file.path: file.content for file in self.task().baseline.files}

    def state(self, after_version: int = 0, wait: float = 0.0):
        """The run's state; with `wait` the next one after a version."""
        return self._call("GetRunState", M("assay.evaluator.v1.GetRunStateRequest")(
            run_id=self.run, after_version=after_version, wait_ms=int(wait * 1000)), timeout=wait + 15).state

    def wait_until_accepting(self) -> bool:
        """True once the baseline is measured; False when the run takes no trials any more."""
        state = self.state()
        while state.phase == 1:
            state = self.state(state.version, 20)
        return state.phase == 2

    def submit(self, parent: int, after: dict, hypothesis: str, expected_delta: str = "", key: str = "") -> int:
        """Submits the recipe `after` as an edit of a trial's. Returns its number once it is accepted durably.

        The same `key` with the same content is the same trial, however often it is sent; by default each call is a new one.
        """
        proposal = M("assay.agent.v1.Proposal")(
            specialist=self.specialist, parent=parent, hypothesis=hypothesis, expected_delta=expected_delta,
            edit=diff(self.recipe(parent), after))
        request = M("assay.evaluator.v1.SubmitTrialRequest")(run_id=self.run, proposal=proposal)
        return self._call("SubmitTrial", request, idempotency_key=key or str(uuid.uuid4()), wait_for_ready=True).trial

    def recipe(self, trial: int) -> dict:
        """The files of a trial's recipe."""
        if trial == 0:
            return self.baseline()
        snapshot = self._recorded(trial).trial.snapshot_id
        answer = self._view("GetSnapshot", M("assay.lineage.v1.GetSnapshotRequest")(
            run_id=self.run, snapshot_id=snapshot))
        return {file.path: file.content for file in answer.snapshot.files}

    def _recorded(self, trial: int):
        """The record of a trial that the evaluator accepted: the lineage is told of it a moment later."""
        end = time.monotonic() + 30
        while True:
            try:
                return self.record(trial)
            except RPCError as error:
                if error.code != Status.NOT_FOUND or time.monotonic() >= end:
                    raise
            time.sleep(0.05)

    def wait(self, trial: int):
        """The verdict of a trial."""
        while True:
            answer = self._call("WaitVerdict", M("assay.evaluator.v1.WaitVerdictRequest")(
                run_id=self.run, trial=trial, wait_ms=20_000), timeout=40, wait_for_ready=True)
            if answer.decided:
                return answer.verdict

    # The lineage

    def record(self, trial: int):
        """Everything the lineage has of a trial."""
        return self._view("GetTrial", M("assay.lineage.v1.GetTrialRequest")(run_id=self.run, trial=trial)).record

    def view(self, characters: int = 16000) -> str:
        """The lineage as text, as it is shown to this specialist. Words of other agents in it are quoted, not facts."""
        return self._view("RenderView", M("assay.lineage.v1.RenderViewRequest")(
            run_id=self.run, specialist=self.specialist, max_characters=characters)).text

    def leaderboard(self, count: int = 20) -> list:
        """The best trials first."""
        return list(self._view("ListTrials", M("assay.lineage.v1.ListTrialsRequest")(
            run_id=self.run, view=2, page_size=count, brief=True)).records)

    def _call(self, name: str, request, **options):
        return self._evaluator.call(f"/assay.evaluator.v1.EvaluatorService/{name}", request, **options)

    def _view(self, name: str, request):
        if self._lineage is None:
            raise RuntimeError("this run gives its agents no lineage")
        return self._lineage.call(f"/assay.lineage.v1.LineageService/{name}", request, timeout=30)
