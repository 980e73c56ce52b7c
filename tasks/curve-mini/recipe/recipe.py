"""Fits y = f(x, z) on [-1, 1]^2 by gradient descent on a model that is linear in its features.

train(examples, seconds, seed) -> bytes      the artifact: the weights, little-endian float64
predict(artifact, inputs) -> list of floats  one prediction an input
"""
import math
import random
import struct

# --- section: features ---
DEGREE_X = 3
DEGREE_Z = 1
WAVES = 0
CROSS = False


def features(x, z):
    """Powers of x and z, waves of x, and their products with z where CROSS is set."""
    values = [x ** k for k in range(DEGREE_X + 1)]
    for k in range(1, WAVES + 1):
        values += [math.sin(2 * k * x), math.cos(2 * k * x)]
    if CROSS:
        values += [value * z for value in values[1:]]
    return values + [z ** k for k in range(1, DEGREE_Z + 1)]


# --- section: initialisation ---
INIT_SCALE = 0.2


def initial(count, rng):
    return [rng.gauss(0, INIT_SCALE) for _ in range(count)]


# --- section: loss ---
CLIP = 10.0


def slope(error):
    """Derivative of the loss of one example by its prediction."""
    return 2 * max(-CLIP, min(CLIP, error))


# --- section: data ---
BATCH = 25
SHUFFLE = False
TRIM = 0.0


def cleaned(examples):
    """The examples without the share of them that lies furthest from the middle."""
    kept = len(examples) - int(TRIM * len(examples))
    middle = sorted(y for _, _, y in examples)[len(examples) // 2]
    return sorted(examples, key=lambda example: abs(example[2] - middle))[:kept] if TRIM else examples


def batches(examples, rng):
    """One pass over the examples in batches."""
    if SHUFFLE:
        rng.shuffle(examples)
    for start in range(0, len(examples), BATCH):
        yield examples[start:start + BATCH]


# --- section: optimiser ---
LR = 0.01
MOMENTUM = 0.0
WEIGHT_DECAY = 0.01


def learning_rate(progress):
    """Learning rate at a share of the training done, 0 to 1."""
    return LR


def update(weights, velocity, gradient, rate):
    for i, g in enumerate(gradient):
        velocity[i] = MOMENTUM * velocity[i] + g + WEIGHT_DECAY * weights[i]
        weights[i] -= rate * velocity[i]


# --- section: training ---
EPOCHS = 12
AVERAGING = 0.0


def train(examples, seconds, seed):
    rng = random.Random(seed)
    examples = [(features(x, z), y) for x, z, y in cleaned(examples)]
    weights = initial(len(examples[0][0]), rng)
    velocity = [0.0] * len(weights)
    average = list(weights)
    for epoch in range(EPOCHS):
        for batch in batches(examples, rng):
            gradient = [0.0] * len(weights)
            for values, y in batch:
                s = slope(sum(w * f for w, f in zip(weights, values)) - y) / len(batch)
                for i, f in enumerate(values):
                    gradient[i] += s * f
            update(weights, velocity, gradient, learning_rate(epoch / EPOCHS))
            for i, w in enumerate(weights):
                average[i] += (1 - AVERAGING) * (w - average[i])
    return pack(average)


# --- section: artifact ---
def pack(weights):
    return struct.pack(f"<{len(weights)}d", *weights)


def unpack(artifact):
    return list(struct.unpack(f"<{len(artifact) // 8}d", artifact))


def predict(artifact, inputs):
    weights = unpack(artifact)
    return [sum(w * f for w, f in zip(weights, features(x, z))) for x, z in inputs]
