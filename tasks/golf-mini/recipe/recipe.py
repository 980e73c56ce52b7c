"""A byte-level language model, trained for a few seconds.

train(text, seconds, seed) -> bytes        the artifact, within the task's size cap
load(artifact) -> model                    whatever `predict` wants
predict(model, windows) -> log-probabilities, shape (windows, positions, 256), of the byte after each position
"""
import json
import math
import time
import zlib

import jax
import jax.numpy as jnp
import numpy as np
import optax
import optax.contrib

# --- section: model ---
WIDTH = 64
LAYERS = 2
HEADS = 4
MLP_RATIO = 4
INIT_SCALE = 1.0


def init_params(rng):
    """Random weights, as a dictionary of float32 arrays."""
    def dense(inputs, outputs):
        return rng.normal(0, INIT_SCALE / math.sqrt(inputs), (inputs, outputs)).astype(np.float32)

    params = {
        "embed": rng.normal(0, 0.02, (256, WIDTH)).astype(np.float32),
        "position": rng.normal(0, 0.02, (CONTEXT, WIDTH)).astype(np.float32),
        "head": dense(WIDTH, 256),
    }
    for i in range(LAYERS):
        params[f"qkv{i}"] = dense(WIDTH, 3 * WIDTH)
        params[f"out{i}"] = dense(WIDTH, WIDTH)
        params[f"up{i}"] = dense(WIDTH, MLP_RATIO * WIDTH)
        params[f"down{i}"] = dense(MLP_RATIO * WIDTH, WIDTH)
    return params


def norm(x):
    return x * jax.lax.rsqrt(jnp.mean(jnp.square(x), axis=-1, keepdims=True) + 1e-6)


def attention(x, qkv, out):
    batch, length, _ = x.shape
    q, k, v = jnp.split((x @ qkv).reshape(batch, length, HEADS, 3 * WIDTH // HEADS), 3, axis=-1)
    scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / math.sqrt(WIDTH // HEADS)
    causal = jnp.tril(jnp.ones((length, length), bool))
    weights = jax.nn.softmax(jnp.where(causal, scores, -1e9), axis=-1)
    mixed = jnp.einsum("bhqk,bkhd->bqhd", weights, v)
    return mixed.reshape(batch, length, WIDTH) @ out


def mlp(x, up, down):
    return jax.nn.relu(x @ up) @ down


def forward(params, tokens):
    """Logits of the next byte at every position of tokens (batch, length)."""
    x = params["embed"][tokens] + params["position"][:tokens.shape[1]]
    for i in range(LAYERS):
        x = x + attention(norm(x), params[f"qkv{i}"], params[f"out{i}"])
        x = x + mlp(norm(x), params[f"up{i}"], params[f"down{i}"])
    return norm(x) @ params["head"]


# --- section: data ---
CONTEXT = 64
BATCH = 32


def batches(text, rng):
    """Endless batches of CONTEXT + 1 bytes: inputs and, one place on, targets."""
    offsets = np.arange(CONTEXT + 1)
    while True:
        starts = rng.integers(0, len(text) - CONTEXT - 1, BATCH)
        yield text[starts[:, None] + offsets].astype(np.int32)


# --- section: objective ---
LABEL_SMOOTHING = 0.0


def loss_fn(params, batch):
    logits = forward(params, batch[:, :-1])
    targets = optax.smooth_labels(jax.nn.one_hot(batch[:, 1:], 256), LABEL_SMOOTHING)
    return optax.softmax_cross_entropy(logits, targets).mean()


# --- section: optimiser ---
LR = 1e-3


def make_optimizer():
    return optax.adam(LR)


# --- section: schedule ---
def schedule(progress):
    """Multiplier of the learning rate when this share (0 to 1) of the time is gone."""
    return 1.0


# --- section: training ---
def train(text, seconds, seed):
    rng = np.random.default_rng(seed)
    optimizer = make_optimizer()
    params = init_params(rng)
    state = jax.jit(optimizer.init)(params)

    @jax.jit
    def step(params, state, batch, scale):
        loss, grads = jax.value_and_grad(loss_fn)(params, batch)
        updates, state = optimizer.update(grads, state, params)
        updates = jax.tree.map(lambda update: update * scale, updates)
        return optax.apply_updates(params, updates), state, loss

    steps, begin, end = 0, time.process_time(), 0.95 * seconds
    for batch in batches(text, rng):
        now = time.process_time()
        if now >= end:
            break
        params, state, loss = step(params, state, batch, schedule((now - begin) / (end - begin)))
        loss.block_until_ready()
        if steps % 50 == 0:
            print(f"step {steps} cpu {now:.1f} s loss {float(loss) / math.log(2):.3f} bits", flush=True)
        steps += 1
    print(f"steps {steps} loss {float(loss) / math.log(2):.3f} bits", flush=True)
    return pack({name: np.asarray(value, np.float32) for name, value in params.items()})


# --- section: artifact ---
BITS = 8


def pack(params):
    """Weights rounded to BITS bits with one scale a column, then compressed."""
    header, body = {}, []
    for name, value in params.items():
        limit = 2 ** (BITS - 1) - 1
        scale = (np.abs(value).max(axis=0) / limit + 1e-12).astype(np.float32)
        rounded = np.round(value / scale).astype(np.int8 if BITS <= 8 else np.int16)
        header[name] = value.shape
        body += [scale.astype("<f4").tobytes(), rounded.tobytes()]
    head = json.dumps(header).encode()
    return zlib.compress(len(head).to_bytes(4, "little") + head + b"".join(body), 9)


def unpack(artifact):
    content = zlib.decompress(artifact)
    start = 4 + int.from_bytes(content[:4], "little")
    params, kind = {}, np.dtype(np.int8 if BITS <= 8 else "<i2")
    for name, shape in json.loads(content[4:start]).items():
        scale = np.frombuffer(content, "<f4", shape[-1], start)
        start += scale.nbytes
        rounded = np.frombuffer(content, kind, math.prod(shape), start)
        start += rounded.nbytes
        params[name] = rounded.reshape(shape).astype(np.float32) * scale
    return params


# --- section: prediction ---
def load(artifact):
    params = unpack(artifact)
    log_probs = jax.jit(lambda params, tokens: jax.nn.log_softmax(forward(params, tokens)))
    return params, log_probs


def predict(model, windows):
    """Log-probabilities; a window longer than CONTEXT is read in pieces of CONTEXT bytes."""
    params, log_probs = model
    pieces = windows.reshape(-1, min(CONTEXT, windows.shape[1])).astype(np.int32)
    return np.asarray(log_probs(params, pieces)).reshape(*windows.shape, 256)
