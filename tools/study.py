"""An A/A study on the real services: trials that change nothing, and how many of them are kept.

    .build/python/bin/python tools/study.py .build/release 400

Each trial adds a constant that nothing reads, so that every difference in score is noise: of the seed, which the evaluator draws
anew for each trial. Prints what was kept with confirmation, what screening alone would have kept, and what "better than the best"
would have.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

from assay_sdk import Agent, Client, IdentityKey, PublicIdentity, messages

binaries, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
state = tempfile.mkdtemp(prefix="assay-study-")


def assay(*arguments):
    return subprocess.run([binaries / "assay", *arguments], check=True, capture_output=True, text=True).stdout


keys = dict(line.split("\t") for line in assay("keys", "init", "--directory", f"{state}/keys", "--specialists", "model").splitlines())
mounts = [word for line in assay("task", "prepare", "tiny-regression").splitlines() if line.startswith("mount ")
          for word in ("--mount", line.removeprefix("mount "))]
prepared = re.search(r"=(.*)/data/", " ".join(mounts))[1]
evaluator, lineage = f"ipc://{state}/evaluator.sock", f"ipc://{state}/lineage.sock"
common = ["--log-level", "error", "--exit-with-stdin"]
commands = [
    ["assay-lineage", "--listen", lineage, "--key", f"{state}/keys/lineage.key", "--trust", f"{state}/keys/trust-lineage.json",
     "--state", f"{state}/lineage"],
    ["assay-evaluator", "--listen", evaluator, "--key", f"{state}/keys/evaluator.key", "--trust",
     f"{state}/keys/trust-evaluator.json", "--state", f"{state}/evaluator", "--task", "tasks/tiny-regression",
     "--prepared", prepared, "--lineage", lineage, "--lineage-key", keys["lineage"]],
    ["assay-runner", "--evaluator", evaluator, "--evaluator-key", keys["evaluator"], "--key", f"{state}/keys/runner-local.key",
     "--slots", "2", "--state", f"{state}/runner", *mounts],
]
# Each ends when this program does.
services = [subprocess.Popen([binaries / command[0], *command[1:], *common], stdin=subprocess.PIPE) for command in commands]

operator = Client(evaluator, PublicIdentity.parse(keys["evaluator"]), IdentityKey.load(f"{state}/keys/operator.key"))
request = messages.of("assay.evaluator.v1.OpenRunRequest")()
request.run_id, request.task_name, request.seed = "study", "tiny-regression", 1
operator.call("/assay.evaluator.v1.EvaluatorService/OpenRun", request, timeout=60, idempotency_key="study", wait_for_ready=True)

screened, kept, challenged = [], 0, 0
with Agent("model", "study", (evaluator, keys["evaluator"]), f"{state}/keys/agent-model.key") as agent:
    if not agent.wait_until_accepting():
        raise SystemExit("the run takes no trials")
    begun = agent.state()
    baseline, margin = float(begun.baseline_score), float(begun.keep_margin)
    files = agent.baseline()
    waiting = []

    def settle():
        global kept, challenged
        verdict = agent.wait(waiting.pop(0))
        screening = re.search(r"; its screening gave (\S+)$", verdict.reason)
        kept += verdict.reason.startswith("confirmed:")
        challenged += screening is not None
        screened.append(float(screening[1] if screening else verdict.score))

    for number in range(count):
        text = files["recipe.py"].decode().replace("# --- section: model ---\n", f"# --- section: model ---\nUNUSED = {number}\n")
        waiting.append(agent.submit(0, {**files, "recipe.py": text.encode()}, "Nothing reads this constant."))
        if len(waiting) == 2:
            settle()
    while waiting:
        settle()

best, alone, naive_best, naive = baseline, 0, baseline, 0
for score in screened:
    if score < naive_best:
        naive, naive_best = naive + 1, score
    if score < best - margin:
        alone, best = alone + 1, score
for service in services:
    service.stdin.close()
print(f"{count} trials that change nothing; baseline {baseline:g}, a keep must gain more than {margin:g}")
print(f"kept: {kept} of {challenged} that looked better and were confirmed or withdrawn")
print(f"beside it: {alone} by screening alone, {naive} by 'better than the best so far'")
