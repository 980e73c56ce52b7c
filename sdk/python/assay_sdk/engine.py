"""What an evaluator does with calls (docs/evaluator-protocol.md): submissions, jobs, leases, decisions, signed verdicts."""

import dataclasses
import hashlib
import hmac
import json
import logging
import re
import secrets
import subprocess
import sys
import threading
import time
import unicodedata

from . import messages, policy, recipe, statement, statistics
from .confirmation import Confirming, side
from .errors import RPCError, Status
from .failure import LABELS, Failure
from .gate import Gate
from .judgement import Illegal, Judgement, Malformed
from .store import Store

_log = logging.getLogger("assay_sdk")
M = messages.of
# Asked once: leases and the times in the record do not follow a clock that somebody sets.
_BEGAN = time.time() - time.monotonic()
LEASE_SECONDS = 20
ATTEMPTS = 3
IN_FLIGHT = 8
MEASURING, ACCEPTING, DRAINING, RESCORING, FINISHED, FAILED = 1, 2, 3, 4, 5, 6
EXITED, WALL, CPU = 1, 2, 3
INFRASTRUCTURE = 8
PRESENT, MISSING, TOO_LARGE = 1, 2, 3
_LIMITS = {4: "memory", 5: "process", 6: "disk", 7: "output"}
_ESCAPES = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|[\\]P][^\x07\n]*\x07?|.)?")
_PARSES = "import ast,sys\ntry: ast.parse(sys.stdin.buffer.read())\nexcept Exception as e: print(f'line {getattr(e, \"lineno\", None) or 1}: {e}'[:300])"


def _refuse(code: Status, reason: str, message: str, **metadata) -> RPCError:
    return RPCError(code, message, reason, metadata)


def _now() -> float:
    """Seconds since the Unix epoch, moved by time alone."""
    return _BEGAN + time.monotonic()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Engine(Confirming):
    """One task's evaluator over a folder of state. `task` is an `Evaluator`."""

    def __init__(self, task, key, folder: str, lineage, stopping: threading.Event):
        self._task, self._key, self._lineage, self._stopping = task, key, lineage, stopping
        self._store = Store(folder)
        with self._store.transaction() as db:
            # No heartbeat could arrive while we were away, and the clock may have been another one.
            db.execute("UPDATE jobs SET expires = ? WHERE state = 'leased'", (_now() + LEASE_SECONDS,))
        self._gates = Gate.of(task)
        self._uploads: dict = {}
        self._runners: dict = {}
        self._groups: dict = {}
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._score, self._expire)]
        if lineage is not None:
            self._threads.append(threading.Thread(target=self._tell, daemon=True))

    def register(self, server) -> None:
        evaluator, jobs = "/assay.evaluator.v1.EvaluatorService/", "/assay.runner.v1.JobService/"
        for name, handler in {
            evaluator + "DescribeTask": self.describe_task, evaluator + "OpenRun": self.open_run,
            evaluator + "GetRunState": self.get_run_state, evaluator + "SubmitTrial": self.submit_trial,
            evaluator + "WaitVerdict": self.wait_verdict, evaluator + "CloseRun": self.close_run,
            jobs + "LeaseJob": self.lease_job, jobs + "Heartbeat": self.heartbeat,
            jobs + "CompleteJob": self.complete_job, jobs + "GetBlob": self.get_blob, jobs + "PutBlob": self.put_blob,
        }.items():
            server.handle(name, handler)
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        for thread in self._threads:
            thread.join(timeout=5)

    # The task

    def describe_task(self, request, call):
        task = self._task
        self._known(request.task_name)
        description = M("assay.evaluator.v1.TaskDescription")(
            name=task.name, title=task.title or task.name, summary=task.summary, task_digest=task.digest,
            metric=self._metric(), baseline=self._snapshot(task.recipe), recipe_max_bytes=task.recipe_max_bytes,
            train=self._budget(task.train), predict=self._budget(task.predict), seeds_per_trial=task.seeds_per_trial,
            evaluator_key=self._key.public.key)
        for gate in Gate.of(task):
            description.gates.add(
                metric=gate.metric, confidence=gate.confidence,
                **{"at_least" if gate.sign == ">=" else "at_most": gate.threshold})
        for name, regions in task.partitions.items():
            partition = description.partitions.add(name=name, title=name)
            for file, names in regions.items():
                partition.regions.add(file=file, sections=names)
        for name, text in task.knowledge.items():
            description.knowledge.add(path=name, text=text)
        return M("assay.evaluator.v1.DescribeTaskResponse")(task=description)

    def _known(self, name: str) -> None:
        if name not in ("", self._task.name):
            raise _refuse(
                Status.NOT_FOUND, "UNKNOWN_TASK", f"this evaluator owns no task '{name}'; it owns {self._task.name}")

    def _metric(self):
        metric = self._task.metric
        return M("assay.lineage.v1.Metric")(
            name=metric.name, direction=1 if metric.minimize else 2, unit=metric.unit,
            smallest_effect=metric.smallest_effect)

    @staticmethod
    def _snapshot(files: dict):
        snapshot = M("assay.lineage.v1.Snapshot")(snapshot_id=recipe.digest(files))
        for path in sorted(files):
            snapshot.files.add(path=path, content=files[path])
        return snapshot

    @staticmethod
    def _budget(phase):
        return M("assay.evaluator.v1.PhaseBudget")(
            wall_ms=int(phase.wall_seconds * 1000), cpu_ms=int(phase.cpu_seconds * 1000),
            memory_bytes=phase.memory_mb << 20, processes=phase.processes, disk_bytes=phase.disk_mb << 20,
            output_bytes=phase.output_kb << 10, artifact_bytes=sum(phase.outputs.values()))

    # Runs

    def open_run(self, request, call):
        self._known(request.task_name)
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", request.run_id):
            raise _refuse(Status.INVALID_ARGUMENT, "INVALID_RUN_ID", "a run's id is letters, digits, '.', '_' and '-'")
        kept = M("assay.evaluator.v1.RunBounds")(wall_ms=request.bounds.wall_ms)
        if request.bounds != kept:
            raise _refuse(
                Status.UNIMPLEMENTED, "BOUNDS_NOT_KEPT",
                "this evaluator bounds a run by its number of trials and its time alone; leave out budgets, patience and target")
        with self._store.transaction() as db:
            row = db.execute("SELECT request FROM runs WHERE run_id = ?", (request.run_id,)).fetchone()
            if row is None:
                self._begin_run(db, request)
            elif not self._reopens(M("assay.evaluator.v1.OpenRunRequest").FromString(row["request"]), request):
                raise _refuse(
                    Status.FAILED_PRECONDITION, "RUN_DIFFERS",
                    f"run '{request.run_id}' was opened with another task, seed, number of trials, arm or lineage setting; "
                    "open it as it was")
            return M("assay.evaluator.v1.OpenRunResponse")(state=self._state(db, request.run_id))

    @staticmethod
    def _reopens(opened, request) -> bool:
        """Whether a run is opened again as it was. What is left out stays; its time may change, and whoever opens it keeps it."""
        again = M("assay.evaluator.v1.OpenRunRequest")()
        again.CopyFrom(opened)
        again.ClearField("bounds")
        if request.HasField("bounds"):
            again.bounds.CopyFrom(request.bounds)
        if not request.max_trials:
            again.max_trials = 0
        if not request.HasField("arm"):
            again.ClearField("arm")
        return again == request

    def _begin_run(self, db, request) -> None:
        now, secret = int(_now() * 1000), secrets.token_bytes(32)
        rules = policy.envelope(self._task, request.run_id, secret, self._key)
        db.execute(
            "INSERT INTO runs (run_id, request, phase, secret, policy) VALUES (?, ?, ?, ?, ?)",
            (request.run_id, request.SerializeToString(), MEASURING, secret, rules))
        run = M("assay.lineage.v1.Run")(
            run_id=request.run_id, task_name=self._task.name, task_digest=self._task.digest, metric=self._metric(),
            evaluator_key=self._key.public.key, specialists=list(self._task.partitions), seed=request.seed,
            lineage_enabled=request.lineage_enabled, created_at_ms=now)
        self._post(db, "RegisterRun", M("assay.lineage.v1.RegisterRunRequest")(run=run, policy=rules))
        proposal = M("assay.agent.v1.Proposal")(hypothesis="The recipe as the task's author wrote it.")
        self._record(db, request.run_id, 0, proposal, self._task.recipe, "", "evaluator", now)
        self._measure(db, request.run_id, 0, "trial", self._task.seeds_baseline)

    def _run(self, db, run_id: str):
        row = db.execute("SELECT * FROM runs WHERE run_id = ?", (run_id,)).fetchone()
        if row is None:
            raise _refuse(Status.NOT_FOUND, "UNKNOWN_RUN", f"no run '{run_id[:64]}' is open here; open it first")
        return row

    def _state(self, db, run_id: str):
        run = self._run(db, run_id)
        asked = M("assay.evaluator.v1.OpenRunRequest").FromString(run["request"])
        state = M("assay.evaluator.v1.RunState")(
            run_id=run_id, phase=run["phase"], reason=run["reason"], accepted=run["accepted"], decided=run["decided"],
            max_trials=asked.max_trials, incumbent=run["incumbent"], incumbent_score=run["incumbent_score"],
            version=run["version"], runners=sum(1 for seen in self._runners.values() if seen > time.monotonic() - 60))
        scores = json.loads(run["baseline_scores"])
        if scores:
            state.baseline_score = statement.decimal(sum(scores) / len(scores))
            state.noise_sd = statement.decimal(statistics.deviation(scores))
            state.keep_margin = statement.decimal(self._margin(run, scores))
        for state_name, field in (("queued", "queued_jobs"), ("leased", "leased_jobs")):
            count = db.execute(
                "SELECT COUNT(*) FROM jobs WHERE run_id = ? AND state = ?", (run_id, state_name)).fetchone()[0]
            setattr(state, field, count)
        if run["report"]:
            state.final_report.ParseFromString(run["report"])
        return state

    def _margin(self, run, scores: list) -> float:
        seeds = run["incumbent_seeds"] or (len(scores) if run["incumbent"] == 0 else self._task.seeds_per_trial)
        return statistics.margin(scores, float(self._task.metric.smallest_effect), seeds, self._task.seeds_per_trial)

    def get_run_state(self, request, call):
        end = time.monotonic() + call.wait_limit(request.wait_ms)
        with self._store.reading() as db:
            while True:
                state = self._state(db, request.run_id)
                left = end - time.monotonic()
                if state.version > request.after_version or left <= 0 or self._done(call):
                    return M("assay.evaluator.v1.GetRunStateResponse")(state=state)
                self._store.wait(min(left, 0.5))

    def _done(self, call) -> bool:
        return call.cancelled.is_set() or self._stopping.is_set()

    def close_run(self, request, call):
        with self._store.transaction() as db:
            run = self._run(db, request.run_id)
            if run["phase"] in (MEASURING, ACCEPTING) and not run["closing"]:
                db.execute("UPDATE runs SET closing = 1 WHERE run_id = ?", (request.run_id,))
                self._settle(db, request.run_id)
            return M("assay.evaluator.v1.CloseRunResponse")(state=self._state(db, request.run_id))

    def _settle(self, db, run_id: str) -> None:
        """Moves a run on when what it waited for is there."""
        db.execute("UPDATE runs SET version = version + 1 WHERE run_id = ?", (run_id,))
        run = self._run(db, run_id)
        if not run["closing"] or run["phase"] not in (ACCEPTING, DRAINING):
            return
        open_trials = db.execute(
            "SELECT COUNT(*) FROM trials WHERE run_id = ? AND verdict IS NULL", (run_id,)).fetchone()[0]
        phase = DRAINING if open_trials else RESCORING
        db.execute("UPDATE runs SET phase = ? WHERE run_id = ?", (phase, run_id))
        if phase == RESCORING:
            for trial in sorted({0, run["incumbent"]}):
                self._measure(db, run_id, trial, "final", self._task.seeds_final)

    # Submissions

    def submit_trial(self, request, call):
        if not call.idempotency_key:
            raise _refuse(
                Status.INVALID_ARGUMENT, "MISSING_IDEMPOTENCY_KEY",
                "send an idempotency key with the call, the same for every attempt at this submission")
        body = _sha256(request.SerializeToString(deterministic=True))
        proposal = request.proposal
        with self._store.reading() as db:
            run = self._run(db, request.run_id)
            earlier = self._earlier(db, request.run_id, call, body)
            if earlier is not None:
                return earlier
        allowed = self._check(proposal, call)
        with self._store.reading() as db:
            parent_id, parent = self._parent(db, request.run_id, proposal.parent)
        edited, failure = None, None
        try:
            edited = recipe.apply(parent, recipe.parse(proposal.edit))
            self._preflight(parent, edited, allowed, proposal.specialist)
        except recipe.EditError as error:
            failure = Failure("preflight_crash", f"the edit does not apply to the parent's recipe: {error}")
        except Failure as error:
            failure = error
        with self._store.transaction() as db:
            earlier = self._earlier(db, request.run_id, call, body)
            if earlier is not None:
                return earlier
            run = self._run(db, request.run_id)
            self._admit(db, run, proposal, edited)
            trial = run["accepted"] + 1
            db.execute("UPDATE runs SET accepted = ? WHERE run_id = ?", (trial, request.run_id))
            self._record(
                db, request.run_id, trial, proposal, edited, parent_id, call.peer, int(_now() * 1000))
            db.execute(
                "INSERT INTO submissions VALUES (?, ?, ?, ?, ?)",
                (request.run_id, call.peer, call.idempotency_key, body, trial))
            if failure is not None:
                self._decide(db, request.run_id, trial, failure, {})
            else:
                self._measure(db, request.run_id, trial, "trial", self._task.seeds_per_trial)
        return M("assay.evaluator.v1.SubmitTrialResponse")(trial=trial)

    def _earlier(self, db, run_id: str, call, body: str):
        row = db.execute(
            "SELECT body, trial FROM submissions WHERE run_id = ? AND peer = ? AND key = ?",
            (run_id, call.peer, call.idempotency_key)).fetchone()
        if row is None:
            return None
        if row["body"] != body:
            raise _refuse(
                Status.FAILED_PRECONDITION, "IDEMPOTENCY_KEY_REUSED",
                "this idempotency key was used for another submission; take a new one for new content")
        return M("assay.evaluator.v1.SubmitTrialResponse")(trial=row["trial"])

    def _check(self, proposal, call) -> dict:
        """Refuses what is no trial at all. Returns what the specialist may edit."""
        if "operator" not in call.roles and call.peer != f"agent/{proposal.specialist}":
            raise _refuse(
                Status.PERMISSION_DENIED, "NOT_YOUR_SPECIALIST",
                f"{call.peer} may not submit as specialist '{proposal.specialist}'; submit as the one of your own name")
        if proposal.specialist not in self._task.partitions:
            raise _refuse(
                Status.INVALID_ARGUMENT, "UNKNOWN_SPECIALIST",
                f"the task has no specialist '{proposal.specialist}'; it has {', '.join(self._task.partitions)}")
        if not proposal.hypothesis.strip():
            raise _refuse(
                Status.INVALID_ARGUMENT, "MISSING_HYPOTHESIS", "say in a sentence why the edit should help")
        try:
            recipe.parse(proposal.edit)
        except recipe.EditError as error:
            raise _refuse(Status.INVALID_ARGUMENT, "INVALID_EDIT", f"the edit cannot be read: {error}") from None
        return self._task.partitions[proposal.specialist]

    def _parent(self, db, run_id: str, number: int):
        row = db.execute(
            "SELECT s.snapshot_id, s.files FROM trials t JOIN snapshots s USING (run_id, snapshot_id) "
            "WHERE t.run_id = ? AND t.trial = ?", (run_id, number)).fetchone()
        if row is None:
            raise _refuse(
                Status.NOT_FOUND, "UNKNOWN_PARENT",
                f"run '{run_id}' has no trial {number} with a recipe; name a trial whose edit applied, or 0")
        return row["snapshot_id"], self._files(row["files"])

    @staticmethod
    def _files(blob: bytes) -> dict:
        return {file.path: file.content for file in M("assay.lineage.v1.Snapshot").FromString(blob).files}

    def _preflight(self, parent: dict, edited: dict, allowed: dict, specialist: str) -> None:
        if edited == parent:
            raise _refuse(
                Status.INVALID_ARGUMENT, "EMPTY_EDIT", "the edit leaves the recipe as it is; change something")
        outside = recipe.violations(parent, edited, allowed)
        if outside:
            raise Failure(
                "preflight_crash", f"the edit leaves the partition of '{specialist}': {'; '.join(outside[:5])}",
                "partition")
        size = sum(len(data) for data in edited.values())
        if size > self._task.recipe_max_bytes:
            raise Failure(
                "size_blocked",
                f"the recipe is {size:,} bytes, {size - self._task.recipe_max_bytes:,} over the cap of "
                f"{self._task.recipe_max_bytes:,}; shorten it")
        for path, data in edited.items():
            # In a process of its own: the parser of an interpreter may be brought to its knees.
            if path.endswith(".py") and data != parent.get(path):
                done = subprocess.run(
                    [sys.executable, "-I", "-c", _PARSES], input=data, capture_output=True, timeout=20, check=False)
                if done.stdout or done.returncode:
                    text = done.stdout.decode("utf-8", "replace").strip() or "it cannot be parsed"
                    raise Failure("preflight_crash", f"{path}, {_clean(text, 400)}", "syntax")

    def _admit(self, db, run, proposal, edited) -> None:
        if run["phase"] == MEASURING:
            raise _refuse(
                Status.FAILED_PRECONDITION, "RUN_NOT_READY",
                "the baseline is still being measured; wait for the run to accept trials")
        if run["phase"] != ACCEPTING or run["closing"]:
            raise _refuse(Status.FAILED_PRECONDITION, "RUN_CLOSED", "the run accepts no more trials; begin a new run")
        most = M("assay.evaluator.v1.OpenRunRequest").FromString(run["request"]).max_trials
        if most and run["accepted"] >= most:
            raise _refuse(Status.FAILED_PRECONDITION, "RUN_FULL", f"the run has its {most} trials; begin a new run")
        open_trials = db.execute(
            "SELECT COUNT(*) FROM trials WHERE run_id = ? AND specialist = ? AND verdict IS NULL",
            (run["run_id"], proposal.specialist)).fetchone()[0]
        if open_trials >= IN_FLIGHT:
            raise _refuse(
                Status.RESOURCE_EXHAUSTED, "TOO_MANY_IN_FLIGHT",
                f"'{proposal.specialist}' has {open_trials} trials without a verdict; wait for one of them")
        if edited is not None:
            known = db.execute(
                "SELECT trial FROM trials WHERE run_id = ? AND snapshot_id = ? ORDER BY trial",
                (run["run_id"], recipe.digest(edited))).fetchone()
            if known is not None:
                raise _refuse(
                    Status.ALREADY_EXISTS, "DUPLICATE_RECIPE",
                    f"trial {known['trial']} has exactly this recipe; read its verdict instead", trial=known["trial"])

    def _record(self, db, run_id, trial, proposal, files, parent_id, peer, now) -> None:
        snapshot = None if files is None else self._snapshot(files)
        record = M("assay.lineage.v1.Trial")(
            run_id=run_id, trial=trial, proposal=proposal, parent_snapshot_id=parent_id,
            snapshot_id=snapshot.snapshot_id if snapshot else "", submitted_by=peer, submitted_at_ms=now)
        db.execute(
            "INSERT INTO trials (run_id, trial, specialist, snapshot_id, record) VALUES (?, ?, ?, ?, ?)",
            (run_id, trial, proposal.specialist, record.snapshot_id, record.SerializeToString()))
        if snapshot is not None:
            db.execute(
                "INSERT OR IGNORE INTO snapshots VALUES (?, ?, ?)",
                (run_id, snapshot.snapshot_id, snapshot.SerializeToString()))
        self._post(
            db, "AppendTrial", M("assay.lineage.v1.AppendTrialRequest")(trial=record, snapshot=snapshot))

    def wait_verdict(self, request, call):
        end = time.monotonic() + call.wait_limit(request.wait_ms)
        with self._store.reading() as db:
            while True:
                row = db.execute(
                    "SELECT verdict, envelope, log FROM trials WHERE run_id = ? AND trial = ?",
                    (request.run_id, request.trial)).fetchone()
                if row is None:
                    self._run(db, request.run_id)
                    raise _refuse(
                        Status.NOT_FOUND, "UNKNOWN_TRIAL", f"run '{request.run_id}' has no trial {request.trial}")
                response = M("assay.evaluator.v1.WaitVerdictResponse")()
                if row["verdict"] is not None:
                    response.decided = True
                    response.verdict.ParseFromString(row["verdict"])
                    response.envelope = row["envelope"]
                    response.log_excerpt = row["log"]
                    return response
                left = end - time.monotonic()
                if left <= 0 or self._done(call):
                    stage = db.execute(
                        "SELECT stage FROM measurements WHERE run_id = ? AND trial = ? AND purpose = 'trial'",
                        (request.run_id, request.trial)).fetchone()
                    response.stage = stage["stage"] if stage else "queued"
                    return response
                self._store.wait(min(left, 0.5))

    # Measurements

    def _measure(self, db, run_id: str, trial: int, purpose: str, count: int, repeat: int = 1) -> None:
        secret = self._run(db, run_id)["secret"]
        # Nobody can tell them beforehand, and the owner can show later that they were not picked.
        seeds = [
            int.from_bytes(hmac.digest(secret, f"{trial}/{purpose}/{i}".encode(), "sha256")[:4], "big") >> 1
            for i in range(count) for _ in range(repeat)
        ]
        state = {"seeds": seeds, "trained": {}, "predicted": {}, "usage": [], "log": "", "tries": 0}
        db.execute(
            "INSERT INTO measurements VALUES (?, ?, ?, ?, 'queued')", (run_id, trial, purpose, json.dumps(state)))
        for index in range(len(seeds)):
            self._enqueue(db, run_id, trial, purpose, index, "", state)

    def _inputs(self, sealed: bool) -> dict:
        if sealed not in self._groups:
            self._groups[sealed] = {
                group: files if isinstance(files, dict) else {"inputs": files}
                for group, files in self._task.inputs(sealed).items()
            }
        return self._groups[sealed]

    def _enqueue(self, db, run_id, trial, purpose, index: int, group: str, state: dict) -> None:
        task = self._task
        phase = task.predict if group else task.train
        measured = trial
        if purpose == "confirm" and side(index) == "incumbent":
            measured = self._run(db, run_id)["incumbent"]
        row = db.execute(
            "SELECT s.files FROM trials t JOIN snapshots s USING (run_id, snapshot_id) WHERE t.run_id = ? AND t.trial = ?",
            (run_id, measured)).fetchone()
        job = M("assay.runner.v1.Job")(
            job_id=f"{run_id}/{trial}/{purpose}/{'predict' if group else 'train'}/{index}" + (f"/{group}" if group else ""),
            phase="predict" if group else "train", run_id=run_id, trial=trial, budget=self._budget(phase), cores=1,
            lease_ms=LEASE_SECONDS * 1000, heartbeat_ms=LEASE_SECONDS * 250)
        seed = 0 if group else state["seeds"][index]
        job.command.extend(part.replace("{seed}", str(seed)) for part in phase.command)
        trees = [("/recipe", self._files(row["files"])), ("/harness", task.harness)]
        if group:
            trees.append(("/inputs", self._inputs(purpose == "final")[group]))
            for path, digest in state["trained"][str(index)].items():
                size = db.execute("SELECT LENGTH(data) FROM blobs WHERE digest = ?", (digest,)).fetchone()[0]
                job.files.add(path=f"/artifact/{path}", digest=digest, size=size)
        for folder, files in trees:
            for path in sorted(files):
                digest = _sha256(files[path])
                db.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (digest, files[path]))
                job.files.add(path=f"{folder}/{path}", digest=digest, size=len(files[path]))
        for path, most in phase.outputs.items():
            job.outputs.add(path=path, max_bytes=most)
        if not group:
            for path, name in task.mounts.items():
                job.mounts.add(name=name, task_name=task.name, task_digest=task.digest, path=path)
        db.execute(
            "INSERT INTO jobs (job_id, run_id, trial, purpose, seed, input_group, job, state) VALUES (?, ?, ?, ?, ?, ?, ?, 'queued')",
            (job.job_id, run_id, trial, purpose, index, group, job.SerializeToString()))

    # Jobs

    def lease_job(self, request, call):
        holder = self._holder(request.runner, call)
        response = M("assay.runner.v1.LeaseJobResponse")
        end = time.monotonic() + call.wait_limit(request.wait_ms)
        while not self._done(call):
            with self._store.transaction() as db:
                row = db.execute(
                    "SELECT * FROM jobs WHERE state = 'leased' AND holder = ? UNION ALL "
                    "SELECT * FROM (SELECT * FROM jobs WHERE state = 'queued' ORDER BY rowid LIMIT 1) LIMIT 1",
                    (holder,)).fetchone()
                if row is not None:
                    token = row["token"] + (row["state"] == "queued")
                    db.execute(
                        "UPDATE jobs SET state = 'leased', token = ?, holder = ?, expires = ? WHERE job_id = ?",
                        (token, holder, _now() + LEASE_SECONDS, row["job_id"]))
                    db.execute(
                        "UPDATE measurements SET stage = ? WHERE run_id = ? AND trial = ? AND purpose = ?",
                        ("predicting" if row["input_group"] else "training", row["run_id"], row["trial"],
                         row["purpose"]))
                    job = M("assay.runner.v1.Job").FromString(row["job"])
                    job.fencing_token = token
                    return response(job=job)
            left = end - time.monotonic()
            if left <= 0:
                break
            with self._store.reading():
                self._store.wait(min(left, 0.5))
        return response()

    def _holder(self, runner: str, call) -> str:
        if not runner:
            raise _refuse(Status.INVALID_ARGUMENT, "MISSING_RUNNER", "name the runner's slot, such as 'host-1/0'")
        holder = f"{call.peer}#{runner}"
        self._runners[holder] = time.monotonic()
        return holder

    @staticmethod
    def _lost() -> RPCError:
        return _refuse(
            Status.FAILED_PRECONDITION, "LEASE_LOST", "this lease is not the job's newest; drop the job and ask for another")

    def _held(self, db, job_id: str, token: int, peer: str, holder: str | None = None):
        row = db.execute("SELECT * FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        if row is None or row["token"] != token or row["state"] != "leased" or not row["holder"].startswith(peer + "#"):
            raise self._lost()
        if holder is not None and row["holder"] != holder or row["expires"] < _now():
            raise self._lost()
        return row

    def heartbeat(self, request, call):
        holder = self._holder(request.runner, call)
        response = M("assay.runner.v1.HeartbeatResponse")(lease_ms=LEASE_SECONDS * 1000)
        with self._store.transaction() as db:
            try:
                self._held(db, request.job_id, request.fencing_token, call.peer, holder)
                db.execute(
                    "UPDATE jobs SET expires = ? WHERE job_id = ?", (_now() + LEASE_SECONDS, request.job_id))
            except RPCError:
                response.cancel = True
        return response

    def get_blob(self, request, call):
        with self._store.reading() as db:
            row = self._held(db, request.job_id, request.fencing_token, call.peer)
            job = M("assay.runner.v1.Job").FromString(row["job"])
            if request.digest not in {file.digest for file in job.files}:
                raise _refuse(
                    Status.PERMISSION_DENIED, "NOT_AN_INPUT",
                    "this job has no input with this digest; read those that the job lists")
            data = db.execute("SELECT data FROM blobs WHERE digest = ?", (request.digest,)).fetchone()["data"]
        if request.offset > len(data):
            raise _refuse(Status.OUT_OF_RANGE, "PAST_END", "the offset is past the end of the blob")
        most = min(request.max_bytes or 1 << 20, 1 << 20)
        return M("assay.runner.v1.GetBlobResponse")(
            data=data[request.offset:request.offset + most], size=len(data))

    def put_blob(self, request, call):
        if not re.fullmatch(r"[0-9a-f]{64}", request.digest):
            raise _refuse(
                Status.INVALID_ARGUMENT, "INVALID_DIGEST", "a digest is 64 lower-case hex digits of SHA-256")
        response = M("assay.runner.v1.PutBlobResponse")
        with self._store.transaction() as db:
            row = self._held(db, request.job_id, request.fencing_token, call.peer)
            job = M("assay.runner.v1.Job").FromString(row["job"])
            allowance = sum(output.max_bytes for output in job.outputs)
            if request.size > allowance or request.offset + len(request.data) > request.size:
                raise _refuse(
                    Status.INVALID_ARGUMENT, "OUTPUT_TOO_LARGE",
                    f"the job's outputs may have {allowance} bytes in all; report larger ones instead of uploading them")
            key = (request.job_id, request.fencing_token, request.digest)
            known = db.execute("SELECT 1 FROM blobs WHERE digest = ?", (request.digest,)).fetchone()
            data = self._uploads.setdefault(key, bytearray())
            if known is None:
                if request.offset > len(data):
                    return response(received=len(data))
                data[request.offset:] = request.data
                if len(data) < request.size:
                    return response(received=len(data))
                if _sha256(bytes(data)) != request.digest:
                    del self._uploads[key]
                    raise _refuse(
                        Status.FAILED_PRECONDITION, "BLOB_REFUSED", "the bytes have another digest; send them again")
                db.execute("INSERT INTO blobs VALUES (?, ?)", (request.digest, bytes(data)))
            self._uploads.pop(key, None)
            db.execute("INSERT OR IGNORE INTO job_outputs VALUES (?, ?)", (request.job_id, request.digest))
            return response(received=request.size, complete=True)

    def complete_job(self, request, call):
        holder = self._holder(request.runner, call)
        response = M("assay.runner.v1.CompleteJobResponse")
        body = request.SerializeToString(deterministic=True)
        with self._store.transaction() as db:
            row = db.execute("SELECT * FROM jobs WHERE job_id = ?", (request.job_id,)).fetchone()
            if row is not None and row["state"] == "done" and row["report"] == body:
                return response()
            row = self._held(db, request.job_id, request.fencing_token, call.peer, holder)
            if request.outcome == INFRASTRUCTURE:
                self._again(db, row, request.infrastructure_reason)
                return response()
            for output in request.outputs:
                if output.state == PRESENT and db.execute(
                        "SELECT 1 FROM job_outputs WHERE job_id = ? AND digest = ?",
                        (request.job_id, output.digest)).fetchone() is None:
                    raise _refuse(
                        Status.FAILED_PRECONDITION, "OUTPUT_NOT_UPLOADED",
                        f"the output '{output.path}' was not uploaded under this lease; upload it, then complete")
            db.execute("UPDATE jobs SET state = 'done', report = ? WHERE job_id = ?", (body, request.job_id))
            self._ended(db, row, request, holder)
        return response()

    def _again(self, db, row, reason: str) -> None:
        """A failure of ours: once more elsewhere, and at worst a verdict that charges nobody."""
        failures = row["failures"] + 1
        db.execute(
            "UPDATE jobs SET state = 'queued', holder = '', failures = ? WHERE job_id = ?", (failures, row["job_id"]))
        if failures >= ATTEMPTS:
            self._end(
                db, row["run_id"], row["trial"], row["purpose"],
                Failure(
                    "harness_abort",
                    f"{failures} attempts failed for reasons of ours, not charged to the recipe ({_clean(reason, 200)})"))

    def _ended(self, db, row, report, holder: str) -> None:
        run_id, trial, purpose = row["run_id"], row["trial"], row["purpose"]
        measurement = db.execute(
            "SELECT state, stage FROM measurements WHERE run_id = ? AND trial = ? AND purpose = ?",
            (run_id, trial, purpose)).fetchone()
        if measurement["stage"] == "decided":
            return
        state = json.loads(measurement["state"])
        phase = self._task.predict if row["input_group"] else self._task.train
        name = "predict" if row["input_group"] else "train"
        outputs = {output.path: output for output in report.outputs}
        prefix = "" if purpose != "confirm" else "incumbent-" if side(row["seed"]) == "incumbent" else "confirm-"
        state["usage"].append({
            "phase": prefix + name, "seed": state["seeds"][row["seed"]], "wallNs": report.wall_ns, "cpuNs": report.cpu_ns,
            "memoryBytes": report.max_memory_bytes,
            "artifactBytes": 0 if row["input_group"] else sum(o.size for o in report.outputs if o.state == PRESENT),
            "wallLimitNs": int(phase.wall_seconds * 1e9), "cpuLimitNs": int(phase.cpu_seconds * 1e9),
            "artifactLimitBytes": 0 if row["input_group"] else sum(phase.outputs.values()), "runner": holder.split("#")[1],
        })
        if not row["input_group"]:
            # Training has seen nothing that is hidden; what prediction says never gets out.
            state["log"] = state["log"] or _clean(report.log, 8000)
        failure = _failure(report, outputs, phase, name)
        digests = {path: outputs[path].digest for path in phase.outputs} if failure is None else {}
        if failure is None and row["input_group"]:
            state["predicted"].setdefault(str(row["seed"]), {})[row["input_group"]] = digests
        elif failure is None:
            state["trained"][str(row["seed"])] = digests
        db.execute(
            "UPDATE measurements SET state = ? WHERE run_id = ? AND trial = ? AND purpose = ?",
            (json.dumps(state), run_id, trial, purpose))
        if failure is not None:
            failure.position = row["seed"]
            self._end(db, run_id, trial, purpose, failure)
        elif not row["input_group"]:
            for group in self._inputs(purpose == "final"):
                self._enqueue(db, run_id, trial, purpose, row["seed"], group, state)
        elif all(
                len(state["predicted"].get(str(i), {})) == len(self._inputs(purpose == "final"))
                for i in range(len(state["seeds"]))):
            db.execute(
                "UPDATE measurements SET stage = 'scoring' WHERE run_id = ? AND trial = ? AND purpose = ?",
                (run_id, trial, purpose))
        db.execute("UPDATE runs SET version = version + 1 WHERE run_id = ?", (run_id,))

    def _expire(self) -> None:
        """Takes jobs back whose lease ran out."""
        while not self._stopping.wait(0.5):
            with self._store.reading() as db:
                due = db.execute(
                    "SELECT 1 FROM jobs WHERE state = 'leased' AND expires < ?", (_now(),)).fetchone()
            if due is None:
                continue
            with self._store.transaction() as db:
                for row in db.execute(
                        "SELECT * FROM jobs WHERE state = 'leased' AND expires < ?", (_now(),)).fetchall():
                    self._again(db, row, "the runner was not heard of in time")

    # Decisions

    def _score(self) -> None:
        while not self._stopping.is_set():
            with self._store.reading() as db:
                row = db.execute("SELECT * FROM measurements WHERE stage = 'scoring' LIMIT 1").fetchone()
                if row is None:
                    self._store.wait(0.5)
                    continue
                state = json.loads(row["state"])
                predictions = [
                    {
                        group: {
                            path: db.execute("SELECT data FROM blobs WHERE digest = ?", (digest,)).fetchone()["data"]
                            for path, digest in files.items()
                        }
                        for group, files in state["predicted"][str(index)].items()
                    }
                    for index in range(len(state["seeds"]))
                ]
            outcome = self._judged(predictions, row, state)
            with self._store.transaction() as db:
                if outcome is None:
                    state["tries"] += 1
                    outcome = None if state["tries"] < ATTEMPTS else Failure(
                        "harness_abort", "the scorer failed several times; this is not charged to the recipe")
                    db.execute(
                        "UPDATE measurements SET state = ? WHERE run_id = ? AND trial = ? AND purpose = ?",
                        (json.dumps(state), row["run_id"], row["trial"], row["purpose"]))
                if outcome is not None:
                    self._end(db, row["run_id"], row["trial"], row["purpose"], outcome, state.get("gated"))

    def _judged(self, predictions: list, row, state: dict):
        """Scores by seed, or a failure; None when the scorer itself broke. The values of the baseline's gates are put into `state`."""
        name, purpose, judgements = self._task.metric.name, row["purpose"], []
        try:
            for files in predictions:
                judged = self._task.judge(files, purpose == "final")
                metrics = judged.metrics if isinstance(judged, Judgement) else {name: judged}
                judgements.append({metric: float(value) for metric, value in metrics.items()})
                for gate in self._gates:
                    judgements[-1][gate.metric]
        except Illegal as error:
            return Failure("illegal", f"{error.rule}: {_clean(error.evidence, 1000)}", error.rule[:128], len(judgements))
        except Malformed as error:
            return Failure("crash", f"the predictions cannot be used: {_clean(str(error), 1000)}", position=len(judgements))
        except Exception:
            _log.exception("the scorer failed")
            return None
        gated = self._baseline_gates(row["run_id"])
        for gate in self._gates:
            # The incumbent has been through its gates.
            own = [
                judged[gate.metric] for i, judged in enumerate(judgements)
                if purpose != "confirm" or side(i) == "trial"]
            if purpose == "final":
                # Of what was admitted before, half of those for which the bound just held would miss it a second time.
                gate = dataclasses.replace(gate, confidence="0.5")
            missed = gate.failure(own, gated.get(gate.metric, []))
            if missed:
                return Failure("disqualified", missed, gate.metric)
            if row["trial"] == 0 and purpose == "trial":
                state.setdefault("gated", {})[gate.metric] = own
        scores = [judged[name] for judged in judgements]
        for position, score in enumerate(scores):
            if not statement.decimal(score):
                return Failure(
                    "crash", f"'{name}' is not a finite number of reasonable size; the predictions are not usable",
                    position=position)
        return scores

    def _baseline_gates(self, run_id: str) -> dict:
        """What was measured of the baseline, by metric; empty while it is the baseline that is judged."""
        with self._store.reading() as db:
            row = db.execute(
                "SELECT state FROM measurements WHERE run_id = ? AND trial = 0 AND purpose = 'trial'", (run_id,)).fetchone()
        return json.loads(row["state"]).get("gated", {}) if row else {}

    def _end(self, db, run_id: str, trial: int, purpose: str, outcome, gated: dict | None = None) -> None:
        """Ends a measurement with scores or a `Failure`."""
        row = db.execute(
            "SELECT state, stage FROM measurements WHERE run_id = ? AND trial = ? AND purpose = ?",
            (run_id, trial, purpose)).fetchone()
        if row["stage"] == "decided":
            return
        state = json.loads(row["state"])
        state["scores"] = outcome if isinstance(outcome, list) else None
        if gated:
            state["gated"] = gated
        db.execute(
            "UPDATE measurements SET stage = 'decided', state = ? WHERE run_id = ? AND trial = ? AND purpose = ?",
            (json.dumps(state), run_id, trial, purpose))
        db.execute(
            "UPDATE jobs SET state = 'cancelled' WHERE run_id = ? AND trial = ? AND purpose = ? AND state IN ('queued', 'leased')",
            (run_id, trial, purpose))
        if purpose == "trial":
            self._decide(db, run_id, trial, outcome, state)
        elif purpose == "confirm":
            self._confirmed(db, run_id, trial, outcome, state)
        else:
            self._finish(db, run_id)

    @staticmethod
    def _verdict(run_id: str, trial: int, incumbent: int):
        return M("assay.lineage.v1.Verdict")(
            run_id=run_id, trial=trial, incumbent=incumbent, decided_at_ms=int(_now() * 1000))

    def _ruling(self, run, scores: list) -> tuple:
        """Whether scores are better than the incumbent by more than noise gives, by how much, and that margin."""
        best, score = float(run["incumbent_score"]), sum(scores) / len(scores)
        margin = self._margin(run, json.loads(run["baseline_scores"]))
        gain = best - score if self._task.metric.minimize else score - best
        return gain > margin, gain, margin

    def _decide(self, db, run_id: str, trial: int, outcome, state: dict) -> None:
        run = self._run(db, run_id)
        verdict = self._verdict(run_id, trial, run["incumbent"])
        if isinstance(outcome, Failure):
            verdict.label, verdict.reason, verdict.rule = LABELS[outcome.label], outcome.reason[:1900], outcome.rule
            if trial == 0:
                db.execute(
                    "UPDATE runs SET phase = ?, reason = ? WHERE run_id = ?",
                    (FAILED, f"the baseline has no score: {outcome.reason}"[:1900], run_id))
        else:
            score = sum(outcome) / len(outcome)
            verdict.score = statement.decimal(score)
            verdict.seed_scores.extend(statement.decimal(value) for value in outcome)
            if trial == 0:
                verdict.label, verdict.delta = LABELS["baseline"], "0"
                margin = self._margin(run, outcome)
                verdict.reason = (
                    f"measured over {len(outcome)} seeds; a keep has to be better by more than {statement.decimal(margin)}")
                db.execute(
                    "UPDATE runs SET phase = ?, baseline_scores = ?, incumbent_score = ?, incumbent_seeds = ? WHERE run_id = ?",
                    (ACCEPTING, json.dumps(outcome), verdict.score, len(outcome), run_id))
            else:
                kept, gain, margin = self._ruling(run, outcome)
                if kept and self._task.seeds_confirm > 0:
                    self._provisional(db, run_id, trial)
                    return
                verdict.label = LABELS["keep" if kept else "discard"]
                verdict.delta = statement.decimal(score - float(run["incumbent_score"]))
                verdict.reason = (
                    f"{'better' if gain > 0 else 'not better'} than trial {run['incumbent']} ({run['incumbent_score']}) "
                    f"by {statement.decimal(abs(gain))}; a keep needs more than {statement.decimal(margin)}")
                if kept:
                    db.execute(
                        "UPDATE runs SET incumbent = ?, incumbent_score = ?, incumbent_seeds = ? WHERE run_id = ?",
                        (trial, verdict.score, len(outcome), run_id))
            verdict.noise = statement.decimal(margin)
        self._publish(db, run_id, trial, verdict, state)
        self._settle(db, run_id)

    def _publish(self, db, run_id: str, trial: int, verdict, state: dict) -> None:
        """Signs a verdict, keeps it, and has the lineage told."""
        row = db.execute("SELECT record FROM trials WHERE run_id = ? AND trial = ?", (run_id, trial)).fetchone()
        record = M("assay.lineage.v1.Trial").FromString(row["record"])
        log = state.get("log", "")
        artifacts = [digest for files in state.get("trained", {}).values() for digest in files.values()]
        subject = [{"name": "recipe", "digest": {"sha256": record.snapshot_id}}]
        subject += [{"name": "artifact", "digest": {"sha256": digest}} for digest in artifacts]
        for usage in state.get("usage", []):
            verdict.usage.add(
                phase=usage["phase"], seed=usage["seed"], wall_ns=usage["wallNs"], cpu_ns=usage["cpuNs"],
                max_memory_bytes=usage["memoryBytes"], artifact_bytes=usage["artifactBytes"],
                wall_limit_ns=usage["wallLimitNs"], cpu_limit_ns=usage["cpuLimitNs"],
                artifact_limit_bytes=usage["artifactLimitBytes"], runner=usage["runner"])
        words = {number: word for word, number in LABELS.items()}
        rules = self._run(db, run_id)["policy"]
        envelope = statement.sign(statement.VERDICT, subject, {
            "run": run_id, "trial": trial, "label": words[verdict.label], "score": verdict.score,
            "seedScores": list(verdict.seed_scores), "delta": verdict.delta, "incumbent": verdict.incumbent,
            "noise": verdict.noise, "reason": verdict.reason, "rule": verdict.rule,
            "decidedAtMs": verdict.decided_at_ms, "usage": state.get("usage", []),
            "facts": {
                "task_digest": self._task.digest, "specialist": record.proposal.specialist,
                "parent": record.proposal.parent, "snapshot": record.snapshot_id,
                "proposal_sha256": _sha256(record.proposal.SerializeToString()), "log_sha256": _sha256(log.encode()),
                "artifacts_sha256": artifacts, "evaluator_version": self._task.version,
                **({"policy_sha256": _sha256(rules)} if rules else {}),
            },
        }, self._key)
        db.execute(
            "UPDATE trials SET verdict = ?, envelope = ?, log = ? WHERE run_id = ? AND trial = ?",
            (verdict.SerializeToString(), envelope, log, run_id, trial))
        if trial:
            db.execute("UPDATE runs SET decided = decided + 1 WHERE run_id = ?", (run_id,))
        signed = M("assay.lineage.v1.SignedVerdict")(envelope=envelope, log_excerpt=log)
        self._post(db, "AppendVerdict", M("assay.lineage.v1.AppendVerdictRequest")(verdict=signed))

    def _finish(self, db, run_id: str) -> None:
        """The best recipe beside the baseline, on fresh seeds and the sealed data."""
        run, rows = self._run(db, run_id), db.execute(
            "SELECT trial, state, stage FROM measurements WHERE run_id = ? AND purpose = 'final'", (run_id,)).fetchall()
        if any(row["stage"] != "decided" for row in rows):
            return
        scores = {row["trial"]: json.loads(row["state"])["scores"] for row in rows}
        report = M("assay.evaluator.v1.FinalReport")(best=run["incumbent"], split="sealed")
        best, baseline = scores[run["incumbent"]], scores[0]
        for name, values in (("best", best), ("baseline", baseline)):
            if values:
                getattr(report, f"{name}_scores").extend(statement.decimal(value) for value in values)
                setattr(report, f"{name}_mean", statement.decimal(sum(values) / len(values)))
        if best and baseline:
            difference = sum(best) / len(best) - sum(baseline) / len(baseline)
            gain = -difference if self._task.metric.minimize else difference
            width = statistics.half_width(best, baseline) if run["incumbent"] else None
            report.improvement = statement.decimal(gain)
            report.half_width = "" if width is None else statement.decimal(width)
            report.better_beyond_noise = width is not None and gain > width
        snapshot = db.execute(
            "SELECT snapshot_id FROM trials WHERE run_id = ? AND trial = ?", (run_id, run["incumbent"])).fetchone()[0]
        report.envelope = statement.sign(
            statement.REPORT, [{"name": "recipe", "digest": {"sha256": snapshot}}], {
                "run": run_id, "best": report.best, "bestScores": list(report.best_scores),
                "baselineScores": list(report.baseline_scores), "bestMean": report.best_mean,
                "baselineMean": report.baseline_mean, "improvement": report.improvement,
                "halfWidth": report.half_width, "betterBeyondNoise": report.better_beyond_noise, "split": report.split,
            }, self._key)
        db.execute(
            "UPDATE runs SET phase = ?, report = ?, version = version + 1 WHERE run_id = ?",
            (FINISHED, report.SerializeToString(), run_id))
        self._post(db, "FinishRun", M("assay.lineage.v1.FinishRunRequest")(run_id=run_id, report=report.envelope))

    # The lineage

    def _post(self, db, method: str, request) -> None:
        if self._lineage is not None:
            db.execute("INSERT INTO outbox (method, request) VALUES (?, ?)", (method, request.SerializeToString()))

    def _tell(self) -> None:
        """Tells the lineage everything, in order, until it knows."""
        while not self._stopping.is_set():
            with self._store.reading() as db:
                row = db.execute("SELECT * FROM outbox ORDER BY id LIMIT 1").fetchone()
                if row is None:
                    self._store.wait(0.5)
                    continue
            name = f"/assay.lineage.v1.LineageService/{row['method']}"
            try:
                self._lineage.call(name, messages.method(name).request.FromString(row["request"]), timeout=10)
            except RPCError as error:
                _log.warning("the lineage was not told of %s: %s", row["method"], error)
                self._stopping.wait(1.0)
                continue
            with self._store.transaction() as db:
                db.execute("DELETE FROM outbox WHERE id = ?", (row["id"],))


def _clean(text: str, most: int) -> str:
    """Untrusted text without escapes and control characters, bounded."""
    text = "".join(
        c for c in _ESCAPES.sub("", text) if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cn", "Cs"))
    return text if len(text) <= most else f"{text[:most // 2]}\n[...]\n{text[-most // 2:]}"


def _failure(report, outputs: dict, phase, name: str) -> Failure | None:
    """What the runner's report says against the recipe."""
    overrun = "eval_budget_overrun" if name == "predict" else "train_budget_overrun"
    if report.outcome in (CPU, WALL) or report.cpu_ns > phase.cpu_seconds * 1e9:
        return Failure(
            overrun, f"{name} used {report.cpu_ns / 1e9:.1f} s of CPU in {report.wall_ns / 1e9:.1f} s; the caps are "
            f"{phase.cpu_seconds:.1f} s of CPU and {phase.wall_seconds:.1f} s; do less work")
    if report.outcome in _LIMITS:
        return Failure("crash", f"{name} met its {_LIMITS[report.outcome]} limit and was stopped")
    if report.exit_code or report.signal:
        if name == "predict":
            return Failure("crash", "prediction failed; its output is not shown because it has seen held-out inputs")
        how = f"signal {report.signal}" if report.signal else f"exit status {report.exit_code}"
        return Failure("crash", f"training ended with {how}; the log excerpt says why")
    for path, most in phase.outputs.items():
        output = outputs.get(path)
        if output is None or output.state == MISSING:
            return Failure("crash", f"{name} left no {path} in its output folder; write it there")
        if output.state == TOO_LARGE or output.size > most:
            return Failure(
                "size_blocked", f"{path} is {output.size:,} bytes, {output.size - most:,} over the cap of {most:,}")
        if output.state != PRESENT:
            return Failure("crash", f"{path} is something else than a plain file")
    return None
