"""How often a prediction that a trial breaks a cap is wrong: a run in which every trial is probed, and none is refused.

    python3 tools/gates.py .build/release tasks/golf-mini 60 --probe "budget_seconds: 3, cpu_seconds: 8"

Works on a copy of the task with `enforce: false`, so that each prediction stands beside what became of the trial. `--replace OLD NEW`
changes the copy's task file, for example to a tighter cap. Prints counts, the false-refusal rate, and what enforcing would have saved.
"""

import argparse
import json
import pathlib
import re
import shutil
import sqlite3
import subprocess
import tempfile

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("binaries", type=pathlib.Path)
parser.add_argument("task", type=pathlib.Path)
parser.add_argument("trials", type=int)
parser.add_argument("--probe", required=True)
parser.add_argument("--replace", nargs=2, action="append", default=[], metavar=("OLD", "NEW"))
parser.add_argument("--state", type=pathlib.Path, help="go on with this run instead of beginning one")
arguments = parser.parse_args()

folder = arguments.state or pathlib.Path(tempfile.mkdtemp(prefix="assay-gates-"))
task = folder / "task"
if not task.exists():
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(arguments.task, task)
    file = task / "task.yaml"
    text = re.sub(r"^probe:.*\n", "", file.read_text(), flags=re.MULTILINE)
    for old, new in arguments.replace:
        if old not in text:
            raise SystemExit(f"the task file has no {old!r}")
        text = text.replace(old, new)
    file.write_text(text + f"probe: {{{arguments.probe}, predict: true, enforce: false}}\n")
subprocess.run([arguments.binaries / "assay", "run", task, "--trials", str(arguments.trials), "--state", folder / "state"], check=True)

store = sqlite3.connect(f"file:{next((folder / 'state').rglob('evaluator.sqlite'))}?mode=ro", uri=True)
outlays = [(json.loads(whole), json.loads(probe) if probe else None, broke) for whole, probe, broke in store.execute(
    "SELECT whole, probe, broke FROM outlays WHERE trial > 0 AND position = 0")]
predictions = list(store.execute("SELECT trial, cap, lower, expected, actual FROM predictions"))
within = sum(1 for whole, _, broke in outlays if not broke and whole.get("size") is not None)
broken = sum(1 for _, _, broke in outlays if broke)
refused = {trial: [] for trial, _, lower, _, _ in predictions if lower > 1}
for trial, cap, lower, expected, actual in predictions:
    if lower > 1:
        refused[trial].append((cap, lower, actual))
right = {trial for trial, found in refused.items() if any(actual is not None and actual > 1 for _, _, actual in found)}
wrong = {trial for trial, found in refused.items() if trial not in right and any(actual is not None for _, _, actual in found)}
costs = dict(store.execute("SELECT trial, json_extract(whole, '$.cpuSeconds') FROM outlays WHERE position = 0"))
probes = [probe["cpuSeconds"] for _, probe, _ in outlays if probe]
print(f"{len(outlays)} trials: {within} within all caps, {broken} over one; {len(probes)} were probed")
print(f"would have been refused: {len(right)} that broke the cap, {len(wrong)} that did not {sorted(wrong)}")
print(f"false-refusal rate: {len(wrong)} of {within} trials within all caps ({100 * len(wrong) / max(1, within):.2f} %)")
print(f"CPU seconds: {sum(costs.values()):.1f} of whole trials, {sum(probes):.1f} of probes, "
      f"{sum(costs[trial] for trial in right):.1f} that the right refusals would have saved")
for cap in ("size", "train", "predict"):
    pairs = [(expected, actual) for _, of, _, expected, actual in predictions if of == cap and actual]
    if pairs:
        errors = sorted(abs(expected / actual - 1) for expected, actual in pairs)
        print(f"{cap}: {len(pairs)} predicted, median error {100 * errors[len(errors) // 2]:.1f} %, worst {100 * errors[-1]:.1f} %")
