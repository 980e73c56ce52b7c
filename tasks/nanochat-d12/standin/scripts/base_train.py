"""A stand-in for upstream's training program."""
import time

import numpy as np

from nanochat import dataloader, gpt, optim

WARMDOWN = 0.5


def schedule(progress):
    """Multiplier of the learning rate when this share (0 to 1) of the time is gone."""
    return min(1.0, (1 - progress) / WARMDOWN)


def train(text, seed, seconds):
    rng = np.random.default_rng(seed)
    params = gpt.init(rng)
    optimizer = optim.Optimizer(params)
    begin, steps = time.process_time(), 0
    for first, last, target in dataloader.batches(text, rng):
        now = time.process_time()
        if now >= seconds:
            break
        optimizer.step(params, gpt.gradients(params, first, last, target), schedule((now - begin) / max(seconds - begin, 1e-9)))
        steps += 1
    print(f"steps {steps}", flush=True)
    return params
