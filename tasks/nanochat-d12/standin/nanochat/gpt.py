"""A stand-in for upstream's model, written for the smoke profile: what comes next, from the last token and the sentence's first."""
import math

import numpy as np

from nanochat.flash_attention import mix

WIDTH = 24
TOPIC = 0.0
INIT_SCALE = 0.3
VOCABULARY = 64


def init(rng):
    def weights(*shape):
        return (INIT_SCALE * rng.normal(0, 1 / math.sqrt(shape[0]), shape)).astype(np.float32)

    return {"embed": weights(VOCABULARY, WIDTH) * 4, "first": weights(VOCABULARY, WIDTH) * 4, "head": weights(WIDTH, VOCABULARY),
            "bias": np.zeros(VOCABULARY, np.float32)}


def forward(params, first, last):
    """Log-probabilities of the next token, and the hidden vectors."""
    x = mix(params["embed"][last], params["first"][first], TOPIC)
    y = np.tanh(x)
    logits = y @ params["head"] + params["bias"]
    top = logits - logits.max(axis=-1, keepdims=True)
    return top - np.log(np.exp(top).sum(axis=-1, keepdims=True)), y


def gradients(params, first, last, target):
    log_probs, y = forward(params, first, last)
    delta = np.exp(log_probs)
    delta[np.arange(len(target)), target] -= 1
    delta /= len(target)
    back = (delta @ params["head"].T) * (1 - y * y)
    grads = {name: np.zeros_like(params[name]) for name in ("embed", "first")}
    np.add.at(grads["embed"], last, back)
    np.add.at(grads["first"], first, TOPIC * back)
    return {**grads, "head": y.T @ delta, "bias": delta.sum(axis=0)}
