"""What the harness calls, on top of upstream's programs: train(data, seed, seconds), load(artifact), losses(model, texts, middles) and
generate(model, prompt, length).

Upstream's program trains and leaves a checkpoint; its own evaluations are switched off. The artifact is that checkpoint, loaded again in
another process.
"""
import glob
import io
import json
import os
import subprocess
import sys

import numpy as np

DEPTH = 12
RECIPE = os.path.dirname(os.path.abspath(__file__))


# --- section: launch ---
def train(data, seed, seconds):
    base = os.path.join(os.environ.get("TMPDIR", "/tmp"), "base")
    os.makedirs(base)
    for name in os.listdir(data):
        os.symlink(os.path.join(data, name), os.path.join(base, name))
    # Upstream fixes its own seed; what is left to chance is the order in which kernels add up.
    environment = dict(os.environ, NANOCHAT_BASE_DIR=base, PYTHONPATH=RECIPE, WANDB_MODE="disabled")
    subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=8", "-m", "scripts.base_train", "--",
         f"--depth={DEPTH}", "--model-tag=trial", "--eval-every=-1", "--core-metric-every=-1", "--sample-every=-1", "--save-every=-1"],
        cwd=base, env=environment, check=True)
    folder = os.path.join(base, "base_checkpoints", "trial")
    meta = sorted(glob.glob(os.path.join(folder, "meta_*.json")))[-1]
    with open(meta, "rb") as file:
        head = json.dumps(json.load(file)["model_config"]).encode()
    with open(sorted(glob.glob(os.path.join(folder, "model_*.pt")))[-1], "rb") as file:
        return len(head).to_bytes(4, "little") + head + file.read()


# --- section: answers ---
def load(artifact):
    import torch
    from nanochat.gpt import GPT, GPTConfig

    start = 4 + int.from_bytes(artifact[:4], "little")
    config = json.loads(artifact[4:start])
    if config["n_layer"] != DEPTH:
        sys.exit(f"the model has depth {config['n_layer']}, the task is depth {DEPTH}")
    state = torch.load(io.BytesIO(artifact[start:]), map_location="cuda")
    with torch.device("meta"):
        model = GPT(GPTConfig(**config))
    model.to_empty(device="cuda")
    model.init_weights()
    model.load_state_dict({name.removeprefix("_orig_mod."): value for name, value in state.items()}, strict=True, assign=True)
    return model.eval()


def logits(model, tokens):
    import torch

    with torch.inference_mode(), torch.autocast(device_type="cuda", dtype=torch.bfloat16):
        return model(torch.from_numpy(tokens).cuda()[None])[0].float()


def losses(model, texts, middles):
    """For each text, the mean loss of its tokens from a place on."""
    import torch

    result = []
    for text, middle in zip(texts, middles):
        rows = logits(model, text)[middle - 1:-1]
        result.append(float(torch.nn.functional.cross_entropy(rows, torch.from_numpy(text[middle:]).cuda())))
    return np.array(result)


def generate(model, prompt, length):
    """The likeliest tokens, one after the other."""
    tokens = list(prompt)
    for _ in range(length):
        tokens.append(int(logits(model, np.array(tokens))[-1].argmax()))
    return np.array(tokens[len(prompt):])
