"""Tries on a GPU host what docs/gpu-hosts.md promises, with real trainings: PyTorch has to be there for /usr/bin/python3.

    tools/gpu-check/check.py --bin .build/release

Prints a line for each promise, and exits 1 when one is not kept. It takes about five minutes, and needs all GPUs of the host for itself.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
# What each specialist makes of the recipe, and what comes of it.
EDITS = {
    "plain": ("STEPS = 300", "STEPS = 310"),
    "compiled": ("COMPILED = False", "COMPILED = True"),
    "several": ("SEVERAL = False", "SEVERAL = True"),
    "leftover": ("LEFTOVER = False", "LEFTOVER = True"),
    "memory": ("GIGABYTES = 0", "GIGABYTES = 4000"),
    "address": ('KERNEL = "ret;"', 'KERNEL = "mov.u64 %a, 81985529216486895; mov.u32 %b, 1; st.global.u32 [%a], %b; ret;"'),
    "endless": ("TIMES = 1", "TIMES = 2"),
}
GOOD = ("plain", "compiled", "several", "leftover")
STRANGER = """
import time, torch
kept = torch.zeros(1 << 28, device="cuda")
torch.cuda.synchronize()
print("up", flush=True)
time.sleep(10000)
"""

failures = []


def check(holds, promise, seen=""):
    print(f"{'ok    ' if holds else 'FAILED'} {promise}" + (f": {seen}" if seen != "" else ""), flush=True)
    if not holds:
        failures.append(promise)


class Host:
    """The programs, and what NVIDIA's own one says."""

    def __init__(self, folder, nvml, work):
        self.folder, self.nvml, self.work = folder, nvml, work

    def assay(self, *words, check_status=True):
        done = subprocess.run([f"{self.folder}/assay", *words], capture_output=True, text=True)
        if check_status and done.returncode not in (0, 1):
            print(f"       assay {' '.join(words)}: {done.returncode} {done.stderr[-2000:]}", flush=True)
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def inventory(self):
        options = ["--nvml", self.nvml] if self.nvml else []
        done = subprocess.run(
            [f"{self.folder}/assay-runner", "gpus", *options], input='{"inventory":{}}\n', capture_output=True, text=True)
        return json.loads(done.stdout).get("inventory") or {}

    @staticmethod
    def smi(*words):
        done = subprocess.run(["nvidia-smi", *words, "--format=csv,noheader,nounits"], capture_output=True, text=True)
        return [[part.strip() for part in line.split(",")] for line in done.stdout.splitlines() if line.strip()]

    @classmethod
    def computing(cls):
        return [(int(pid), uuid) for pid, uuid in cls.smi("--query-compute-apps=pid,gpu_uuid") if pid.isdigit()]


class Watch(threading.Thread):
    """Whose processes NVIDIA's own program sees on each GPU, again and again."""

    def __init__(self):
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.looks, self.most, self.seen = 0, 0, set()

    def run(self):
        while not self.over.is_set():
            jobs = {}
            for pid, uuid in Host.computing():
                job = self.job(pid)
                if job:
                    jobs.setdefault(uuid, set()).add(job)
                    self.seen.add(job)
            self.looks += 1
            self.most = max([self.most, *(len(each) for each in jobs.values())])
            self.over.wait(0.1)

    @staticmethod
    def job(pid):
        """The launcher that a process is below; nil for what is gone or a stranger's."""
        while pid > 1:
            try:
                name = os.readlink(f"/proc/{pid}/exe")
                if name.endswith("/assay-sandbox"):
                    return pid
                with open(f"/proc/{pid}/status") as status:
                    pid = int(next(line for line in status if line.startswith("PPid:")).split()[1])
            except (OSError, StopIteration):
                return None
        return None

    def end(self):
        self.over.set()
        self.join()


def make_task(folder):
    shutil.copytree(REPOSITORY / "tasks/tiny-regression", folder)
    data = folder / "data/prepare.py"
    data.write_text(data.read_text().replace("tiny-regression", "gpu-check"))
    for name, place in (("task.yaml", ""), ("train.py", "harness"), ("recipe.py", "recipe")):
        shutil.copy(HERE / name, folder / place / name)
    # Two slots share the host's cores.
    settings = folder / "task.yaml"
    settings.write_text(settings.read_text().replace("cores: 4", f"cores: {min(4, max(1, os.cpu_count() // 2))}"))


def agents(work, edits):
    """A specialist each that makes one edit."""
    specialists = {}
    for name, (old, new) in edits.items():
        program = work / f"{name}.py"
        program.write_text(
            "text = open('recipe.py').read()\n"
            f"open('recipe.py', 'w').write(text.replace({old!r}, {new!r}))\n"
            f"open('hypothesis.txt', 'w').write('The host copes with {name}.')\n")
        specialists[name] = {"proposer": "command", "command": ["/usr/bin/python3", str(program)], "mounts": [str(program)]}
    path = work / f"agents-{'-'.join(edits)}.json"
    path.write_text(json.dumps({"assay_agents": 1, "specialists": specialists}))
    return str(path)


def start(host, task, state, edits, slots):
    words = [
        f"{host.folder}/assay", "run", str(task), "--state", str(state), "--json", "--slots", str(slots), "--trials", str(len(edits)),
        "--agents", agents(host.work, edits), "--specialists", ",".join(edits), "--specialist-budget", "trials=1",
        "--prepared", str(host.work / "prepared"), "--max-time", "5m",
    ]
    errors = open(f"{state}.errors", "w")
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, text=True)


def end(process, state, seconds):
    """What a run printed."""
    try:
        printed, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
    check(process.returncode == 0, "a run ends", process.returncode)
    if process.returncode != 0:
        print(pathlib.Path(f"{state}.errors").read_text()[-1500:], flush=True)
        for log in sorted(pathlib.Path(state).glob("**/*.log")):
            print(f"       {log.name}: {log.read_text()[-1200:]}", flush=True)
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


def discovery(host):
    began = time.monotonic()
    inventory = host.inventory()
    print(f"       asked in {time.monotonic() - began:.2f} s: {json.dumps(inventory)[:3000]}", flush=True)
    told = Host.smi("--query-gpu=uuid,name,memory.total,driver_version,compute_cap")
    found = [[d["uuid"], d["model"], d["memoryBytes"] >> 20, inventory["driver"], f"{d['major']}.{d['minor']}"] for d in inventory["devices"]]
    check(len(told) > 0 and found == [[u, n, int(m), v, c] for u, n, m, v, c in told], "what is found is what nvidia-smi lists", told)
    check(not inventory["faults"], "nothing is wrong with it", inventory["faults"])
    for row in host.assay("doctor", "--json", check_status=False):
        if row.get("check", row.get("name")) in ("gpus", "sandbox", "isolation", "cgroups", "control groups") or "GPU" in json.dumps(row):
            print("       doctor", json.dumps(row)[:600], flush=True)


def trials(host, task):
    """Trials that behave well and badly, two slots at a time."""
    state = host.work / "state"
    watch = Watch()
    watch.start()
    began = time.monotonic()
    end(start(host, task, state, EDITS, 2), state, 280)
    watch.end()
    print(f"       {time.monotonic() - began:.0f} s, {watch.looks} looks, {len(watch.seen)} jobs seen", flush=True)
    check(watch.looks > 20 and len(watch.seen) > 0 and watch.most == 1, "no two jobs were on one GPU at once", f"at most {watch.most}")
    check(Host.computing() == [], "nothing is left on a GPU", Host.computing())

    spans = []
    shown = {}
    for number in [row["trial"] for row in host.assay("trials", "--json", "--state", str(state))]:
        trial = host.assay("show", str(number), "--json", "--state", str(state))[0]
        shown[trial["specialist"] or "baseline"] = trial
        print(f"       {number} {trial['specialist'] or 'baseline'}: {trial['label']}, {trial['reason'][:300]}", flush=True)
        log = (trial["log"] or "").replace("\n", " | ")
        print(f"         {log[:200]} ... {log[-500:] if len(log) > 200 else ''}", flush=True)
        print(f"         {json.dumps(trial['provenance'])[:1500]}", flush=True)
        for use in trial["usage"]:
            spans.append(use)
    for name in ("baseline", *GOOD):
        trial = shown.get(name, {})
        check(trial.get("label") in ("baseline", "keep", "discard"), f"{name} is scored", trial.get("reason", "no trial"))
    seen = shown.get("baseline", {}).get("log") or ""
    uuids = [device["uuid"] for device in host.inventory()["devices"]]
    check(any(f"SEES {uuid} " in seen for uuid in uuids) and "DEVICES 1 " in seen, "a job sees its GPU, by its UUID, and no other")
    check("NCCL 1 1.0" in (shown.get("several", {}).get("log") or ""), "torchrun with NCCL works inside a sandbox")
    check("LEFT b'up" in (shown.get("leftover", {}).get("log") or ""), "a process was left on the GPU by its recipe, and is gone")
    facts = [gpu for gpu in (shown.get("baseline", {}).get("provenance") or {}).get("gpus", []) if gpu.get("phase") == "train"]
    check(
        len(facts) > 0 and all(gpu.get("peak_memory_bytes", 0) > 1 << 27 and gpu.get("listened") == "whole" for gpu in facts),
        "what the GPU did is in the signed statement", ", ".join(sorted(facts[0])) if facts else "nothing")
    for name in ("memory", "address"):
        check(shown.get(name, {}).get("label") == "crash", f"{name} is a crash, the recipe's", shown.get(name, {}).get("reason"))
    check(
        "wall" in json.dumps(shown.get("endless", {}).get("reason") or ""), "a kernel that never ends meets the wall limit",
        shown.get("endless", {}).get("label"))
    return shown


def strangers(host, task):
    """A process that is no job's, before a run and amid it."""
    state = host.work / "stranger"
    stranger = subprocess.Popen(["/usr/bin/python3", "-c", STRANGER], stdout=subprocess.PIPE, text=True)
    stranger.stdout.readline()
    run = start(host, task, state, {"plain": ("STEPS = 300", "STEPS = 6000")}, 1)
    reason, deadline = "", time.monotonic() + 30
    while not reason and time.monotonic() < deadline:
        text = json.dumps(host.assay("runners", "--json", "--state", str(state), check_status=False))
        if "no job's" in text:
            reason = text[text.index("process "):][:80]
        time.sleep(0.5)
    check(f"process {stranger.pid}, which is no job's, uses it" in reason, "a stranger takes its GPU out of service", reason)
    stranger.kill()
    stranger.wait()

    # Once it is gone jobs come; another one comes amid the first.
    deadline = time.monotonic() + 60
    while not Host.computing() and time.monotonic() < deadline:
        time.sleep(0.1)
    check(Host.computing() != [], "the GPU is in service again when the stranger is gone", f"{time.monotonic() - deadline + 60:.0f} s")
    other = subprocess.Popen(["/usr/bin/python3", "-c", STRANGER], stdout=subprocess.PIPE, text=True)
    other.stdout.readline()
    found, deadline = "", time.monotonic() + 30
    while not found and time.monotonic() < deadline:
        text = json.dumps(host.assay("runners", "--json", "--state", str(state), check_status=False))
        if f"process {other.pid}" in text:
            found = text[text.index(f"process {other.pid}"):][:120]
        time.sleep(0.3)
    check(found != "", "a stranger beside a running job is found", found)
    other.kill()
    other.wait()
    end(run, state, 120)
    for row in host.assay("trials", "--json", "--state", str(state)):
        print("      ", json.dumps({key: row.get(key) for key in ("trial", "label", "score", "reason")}), flush=True)
        check(row["label"] in ("baseline", "keep", "discard"), "what it disturbed ran again, charged to nobody")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="folder of Assay's programs")
    parser.add_argument("--nvml", help="NVIDIA's management library, where it is not found by its name")
    parser.add_argument("--only", choices=["discovery", "trials", "strangers"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="assay-gpu-check-") as work:
        os.chmod(work, 0o755)
        work = pathlib.Path(work)
        host = Host(arguments.bin, arguments.nvml, work)
        task = work / "gpu-check"
        make_task(task)
        parts = {"discovery": lambda: discovery(host), "trials": lambda: trials(host, task), "strangers": lambda: strangers(host, task)}
        for name, part in parts.items():
            if arguments.only in (None, name):
                part()
    print(f"{len(failures)} promises are not kept" if failures else "every promise is kept", flush=True)
    return 1 if failures else 0


sys.exit(main())
