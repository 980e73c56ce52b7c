"""What the harness calls: train(data, seed, seconds), load(artifact), losses(model, texts, middles), generate(model, prompt, length)."""
import json
import math
import os

import numpy as np

from nanochat import gpt
from scripts import base_train


# --- section: launch ---
def train(data, seed, seconds):
    text = np.fromfile(os.path.join(data, "text.bin"), "<u2")
    params = base_train.train(text, seed, seconds)
    head = json.dumps({name: value.shape for name, value in params.items()}).encode()
    return len(head).to_bytes(4, "little") + head + b"".join(value.astype("<f4").tobytes() for value in params.values())


# --- section: answers ---
def load(artifact):
    start = 4 + int.from_bytes(artifact[:4], "little")
    params = {}
    for name, shape in json.loads(artifact[4:start]).items():
        value = np.frombuffer(artifact, "<f4", math.prod(shape), start)
        params[name] = value.reshape(shape)
        start += value.nbytes
    return params


def losses(model, texts, middles):
    """For each text, the mean loss of its tokens from a place on."""
    result = []
    for text, middle in zip(texts, middles):
        log_probs, _ = gpt.forward(model, np.full(len(text) - 1, text[0]), text[:-1])
        result.append(-log_probs[np.arange(len(text) - 1), text[1:]][middle - 1:].mean())
    return np.array(result)


def generate(model, prompt, length):
    tokens = list(prompt)
    for _ in range(length):
        log_probs, _ = gpt.forward(model, np.array([tokens[0]]), np.array([tokens[-1]]))
        tokens.append(int(log_probs[0].argmax()))
    return np.array(tokens[len(prompt):])
