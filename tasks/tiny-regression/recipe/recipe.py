"""Fits y = f(x) on [-1, 1] by gradient descent on a model that is linear in its features.

train(examples, seconds, seed) -> bytes      the artifact: the weights, little-endian float64
predict(artifact, xs) -> list of floats      one prediction an input
"""
import random
import struct

# --- section: model ---
DEGREE = 3


def features(x):
    """Powers of x up to DEGREE."""
    return [x ** k for k in range(DEGREE + 1)]


def forward(weights, x):
    return sum(w * f for w, f in zip(weights, features(x)))


# --- section: data ---
BATCH = 16
SHUFFLE = False


def batches(examples, rng):
    """One pass over the examples in batches."""
    if SHUFFLE:
        rng.shuffle(examples)
    for start in range(0, len(examples), BATCH):
        yield examples[start:start + BATCH]


# --- section: optimiser ---
LR = 0.05
MOMENTUM = 0.0
WEIGHT_DECAY = 0.0


def learning_rate(progress):
    """Learning rate at a share of the training done, 0 to 1."""
    return LR


def update(weights, velocity, gradient, rate):
    for i, g in enumerate(gradient):
        velocity[i] = MOMENTUM * velocity[i] + g + WEIGHT_DECAY * weights[i]
        weights[i] -= rate * velocity[i]


# --- section: training ---
EPOCHS = 15


def train(examples, seconds, seed):
    rng = random.Random(seed)
    weights = [rng.gauss(0, 0.1) for _ in features(0.0)]
    velocity = [0.0] * len(weights)
    for epoch in range(EPOCHS):
        for batch in batches(examples, rng):
            gradient = [0.0] * len(weights)
            for x, y in batch:
                error = forward(weights, x) - y
                for i, f in enumerate(features(x)):
                    gradient[i] += 2 * error * f / len(batch)
            update(weights, velocity, gradient, learning_rate(epoch / EPOCHS))
    return pack(weights)


# --- section: artifact ---
def pack(weights):
    return struct.pack(f"<{len(weights)}d", *weights)


def unpack(artifact):
    return list(struct.unpack(f"<{len(artifact) // 8}d", artifact))


def predict(artifact, xs):
    weights = unpack(artifact)
    return [forward(weights, x) for x in xs]
