"""A stand-in for upstream's script, written for the smoke profile: the same sections and the same contract with entry.py, a small
language model in NumPy that trains for a second on one core.
"""
import json
import math
import time
import zlib

import numpy as np

# --- section: hyperparameters ---
WIDTH = 16
BATCH = 256
LR = 0.5
VOCABULARY = 64


# --- section: optimiser ---
MOMENTUM = 0.9


class Optimizer:
    """Stochastic gradient descent with momentum."""

    def __init__(self, params):
        self.velocity = {name: np.zeros_like(value) for name, value in params.items()}

    def step(self, params, grads, rate):
        for name, grad in grads.items():
            self.velocity[name] = MOMENTUM * self.velocity[name] + grad
            params[name] -= rate * (1 - MOMENTUM) * self.velocity[name]


# --- section: tokens ---
INIT_SCALE = 0.3


def init_embedding(rng):
    return rng.normal(0, INIT_SCALE, (VOCABULARY, WIDTH)).astype(np.float32)


# --- section: validation ---
def loss_of(params, pairs):
    log_probs, _ = forward(params, pairs[:, 0], pairs[:, 1])
    return -float(np.take_along_axis(log_probs, pairs[:, 2:3].astype(np.int64), axis=1).mean())


# --- section: quantisation ---
BITS = 16


def pack(params):
    """Weights rounded to BITS bits with one scale a tensor, then compressed."""
    limit = 2 ** (BITS - 1) - 1
    header, body = {}, []
    for name, value in params.items():
        scale = float(np.abs(value).max()) / limit + 1e-12
        header[name] = [list(value.shape), scale]
        body.append(np.round(value / scale).astype(np.int8 if BITS <= 8 else np.int16).tobytes())
    head = json.dumps(header).encode()
    return zlib.compress(len(head).to_bytes(4, "little") + head + b"".join(body), 9)


def unpack(artifact):
    content = zlib.decompress(artifact)
    start = 4 + int.from_bytes(content[:4], "little")
    kind = np.dtype(np.int8 if BITS <= 8 else np.int16)
    params = {}
    for name, (shape, scale) in json.loads(content[4:start]).items():
        value = np.frombuffer(content, kind, math.prod(shape), start)
        params[name] = value.reshape(shape).astype(np.float32) * scale
        start += value.nbytes
    return params


# --- section: data ---
REPLACE = True


def batches(tokens, rng):
    """Endless batches of (token before, token, next token)."""
    triples = np.stack([tokens[:-2], tokens[1:-1], tokens[2:]], axis=1)
    while True:
        yield triples[rng.choice(len(triples), BATCH) if REPLACE else rng.permutation(len(triples))[:BATCH]]


# --- section: norms ---
EPSILON = 1e-5


def normalise(x):
    scale = 1 / np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + EPSILON)
    return x * scale, scale


# --- section: attention ---
MIX = 0.3


def context(params, before, last):
    """What the model knows of a position: the last token's vector and a share of the one before it."""
    return params["embed"][last] + MIX * params["embed"][before]


# --- section: blocks ---
def hidden(x):
    return np.maximum(x, 0) + 0.5 * x


def hidden_slope(x):
    return (x > 0) + 0.5


# --- section: model ---
LABEL_SMOOTHING = 0.0


def forward(params, before, last):
    """Log-probabilities of the next token, and what the backward pass needs."""
    x = context(params, before, last)
    y = hidden(x)
    logits = y @ params["head"] + params["bias"]
    top = logits.max(axis=-1, keepdims=True)
    return logits - top - np.log(np.exp(logits - top).sum(axis=-1, keepdims=True)), (x, y)


def gradients(params, triples):
    before, last, target = triples.T.astype(np.int64)
    log_probs, (x, y) = forward(params, before, last)
    wanted = np.full_like(log_probs, LABEL_SMOOTHING / VOCABULARY)
    wanted[np.arange(len(target)), target] += 1 - LABEL_SMOOTHING
    delta = (np.exp(log_probs) - wanted) / len(target)
    back = (delta @ params["head"].T) * hidden_slope(x)
    embed = np.zeros_like(params["embed"])
    np.add.at(embed, last, back)
    np.add.at(embed, before, MIX * back)
    return {"embed": embed, "head": y.T @ delta, "bias": delta.sum(axis=0)}


# --- section: training ---
WEIGHT_DECAY = 0.0
WARMDOWN = 0.5


def schedule(progress):
    """Multiplier of the learning rate when this share (0 to 1) of the time is gone."""
    return min(1.0, (1 - progress) / WARMDOWN)


def train(tokens, seed, seconds):
    rng = np.random.default_rng(seed)
    params = {
        "embed": init_embedding(rng),
        "head": rng.normal(0, INIT_SCALE, (WIDTH, VOCABULARY)).astype(np.float32),
        "bias": np.zeros(VOCABULARY, np.float32),
    }
    optimizer = Optimizer(params)
    begin, end, steps = time.process_time(), 0.9 * seconds, 0
    for triples in batches(tokens, rng):
        now = time.process_time()
        if now >= end:
            break
        grads = gradients(params, triples)
        for name in ("embed", "head"):
            grads[name] = grads[name] + WEIGHT_DECAY * params[name]
        optimizer.step(params, grads, 64 * LR * schedule((now - begin) / max(end - begin, 1e-9)))
        steps += 1
    print(f"steps {steps}", flush=True)
    return params
