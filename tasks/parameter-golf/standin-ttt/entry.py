"""What the harness calls: train(data, seed, seconds), load(artifact), predict(model, seen). Predict, then reveal."""
import os

import numpy as np

import train_gpt


def train(data, seed, seconds):
    tokens = np.fromfile(os.path.join(data, "fineweb_train_000001.bin"), "<u2")
    params = train_gpt.train(tokens, seed, seconds)
    check = np.fromfile(os.path.join(data, "fineweb_val_000000.bin"), "<u2")
    pairs = np.stack([check[:-2], check[1:-1], check[2:]], axis=1)
    print(f"public validation {train_gpt.loss_of(params, pairs):.4f} nats a token", flush=True)
    return train_gpt.pack(params)


def load(artifact):
    return train_gpt.unpack(artifact)


# --- section: adaptation ---
PSEUDO = 0.0


def adapt(log_probs, seen):
    """Mixes in what followed the last token so far, in all windows; the model counts for PSEUDO observations. 0 is without."""
    if PSEUDO == 0:
        return log_probs
    size = log_probs.shape[-1]
    pairs = np.bincount((seen[:, :-1] * size + seen[:, 1:]).ravel(), minlength=size * size).reshape(size, size)
    counts = pairs[seen[:, -1]]
    return np.log((PSEUDO * np.exp(log_probs) + counts) / (PSEUDO + counts.sum(axis=-1, keepdims=True)))


# --- section: prediction ---
TEMPERATURE = 1.0


def predict(model, seen):
    """Log-probabilities (windows, vocabulary) of the next token of each window, from all tokens (windows, positions) so far."""
    seen = seen.astype(np.int64)
    before = seen[:, -2] if seen.shape[1] > 1 else seen[:, -1]
    log_probs, _ = train_gpt.forward(model, before, seen[:, -1])
    log_probs = log_probs / TEMPERATURE
    log_probs = log_probs - np.log(np.exp(log_probs).sum(axis=-1, keepdims=True))
    return adapt(log_probs, seen)
