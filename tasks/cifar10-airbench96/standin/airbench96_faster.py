"""A stand-in for upstream's script, written for the smoke profile: the same sections and the same contract with entry.py, a small
classifier in NumPy.
"""
import numpy as np

# --- section: hyperparameters ---
EPOCHS = 12
BATCH = 50
LR = 0.05
MOMENTUM = 0.9
WEIGHT_DECAY = 0.0005


# --- section: augmentation ---
FLIP = 0.5
CELL = 4


def prepare(images):
    """Bytes to numbers: means of CELL x CELL pixels, centred."""
    count, side = len(images), 32 // CELL
    cells = images.reshape(count, side, CELL, side, CELL, 3).mean(axis=(2, 4), dtype=np.float32)
    return (cells / 128 - 1).reshape(count, side, side, 3)


def augment(images, rng):
    mirrored = rng.random(len(images)) < FLIP
    return np.where(mirrored[:, None, None, None], images[:, :, ::-1], images)


# --- section: loader ---
def batches(images, labels, rng):
    order = rng.permutation(len(images))
    for start in range(0, len(order) - BATCH + 1, BATCH):
        chosen = order[start:start + BATCH]
        yield augment(images[chosen], rng), labels[chosen]


# --- section: inference ---
def infer(params, images):
    flat = prepare(images)
    return forward(params, flat)[0] + forward(params, flat[:, :, ::-1])[0]


# --- section: network ---
HIDDEN = 96


def forward(params, x):
    x = x.reshape(len(x), -1)
    y = np.maximum(x @ params["first"] + params["shift"], 0)
    return y @ params["second"] + params["bias"], x, y


# --- section: definition ---
INIT_SCALE = 1.0


def make_net(rng, inputs):
    return {
        "first": (INIT_SCALE * rng.normal(0, (2 / inputs) ** 0.5, (inputs, HIDDEN))).astype(np.float32),
        "shift": np.zeros(HIDDEN, np.float32),
        "second": (INIT_SCALE * rng.normal(0, HIDDEN ** -0.5, (HIDDEN, 10))).astype(np.float32),
        "bias": np.zeros(10, np.float32),
    }


# --- section: whitening ---
WHITEN = False


def whiten(images):
    return images - images.mean(axis=0) if WHITEN else images


# --- section: lookahead ---
AVERAGE = 0.0


def average(slow, params):
    return {name: AVERAGE * slow[name] + (1 - AVERAGE) * value for name, value in params.items()}


# --- section: selection ---
LABEL_SMOOTHING = 0.0


def error_of(logits, labels):
    """The slope of the loss in the logits."""
    top = logits - logits.max(axis=1, keepdims=True)
    share = np.exp(top)
    share /= share.sum(axis=1, keepdims=True)
    share -= LABEL_SMOOTHING / 10
    share[np.arange(len(labels)), labels] -= 1 - LABEL_SMOOTHING
    return share / len(labels)


# --- section: training ---
def schedule(progress):
    """Multiplier of the learning rate when this share (0 to 1) of the steps is done."""
    return 1.0 - progress


def main(images, labels, seed):
    rng = np.random.default_rng(seed)
    images = whiten(prepare(images))
    params = make_net(rng, images[0].size)
    velocity = {name: np.zeros_like(value) for name, value in params.items()}
    slow = params
    steps, total = 0, EPOCHS * (len(images) // BATCH)
    for epoch in range(EPOCHS):
        for x, target in batches(images, labels, rng):
            logits, x, y = forward(params, x)
            delta = error_of(logits, target)
            back = (delta @ params["second"].T) * (y > 0)
            grads = {"first": x.T @ back, "shift": back.sum(axis=0), "second": y.T @ delta, "bias": delta.sum(axis=0)}
            for name, grad in grads.items():
                velocity[name] = MOMENTUM * velocity[name] + grad + WEIGHT_DECAY * params[name]
                params[name] = params[name] - LR * schedule(steps / total) * velocity[name]
            steps += 1
        slow = average(slow, params)
    return slow
