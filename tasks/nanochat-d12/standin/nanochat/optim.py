"""A stand-in for upstream's optimizer."""
import numpy as np

LR = 8.0
MOMENTUM = 0.9
WEIGHT_DECAY = 0.0


class Optimizer:
    def __init__(self, params):
        self.velocity = {name: np.zeros_like(value) for name, value in params.items()}

    def step(self, params, grads, scale):
        for name, grad in grads.items():
            self.velocity[name] = MOMENTUM * self.velocity[name] + (1 - MOMENTUM) * grad
            params[name] -= LR * scale * (self.velocity[name] + WEIGHT_DECAY * params[name])
