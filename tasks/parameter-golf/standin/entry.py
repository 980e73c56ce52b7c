"""What the harness calls: train(data, seed, seconds), load(artifact), predict(model, windows)."""
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
ADAPT = 0.0


def adapt(log_probs, windows):
    """Mixes in how often tokens came in this window so far; the share is ADAPT. Later tokens and other windows stay out of it."""
    if ADAPT == 0:
        return log_probs
    seen = np.cumsum(np.eye(log_probs.shape[-1])[windows], axis=1)
    mixed = (1 - ADAPT) * np.exp(log_probs) + ADAPT * seen / seen.sum(axis=-1, keepdims=True)
    return np.log(mixed)


# --- section: prediction ---
TEMPERATURE = 1.0


def predict(model, windows):
    """Log-probabilities (windows, positions, vocabulary) of the token after each position."""
    windows = windows.astype(np.int64)
    before = np.concatenate([windows[:, :1], windows[:, :-1]], axis=1)
    log_probs, _ = train_gpt.forward(model, before, windows)
    log_probs = log_probs / TEMPERATURE
    log_probs = log_probs - np.log(np.exp(log_probs).sum(axis=-1, keepdims=True))
    return adapt(log_probs, windows)
