"""An image classifier that trains until EPOCHS are done; the less CPU time that takes, the better.

train(images, labels, seed) -> bytes       the artifact, within the task's size cap
load(artifact) -> model                    whatever `predict` wants
predict(model, images) -> logits, shape (images, 10)
"""
import json
import math
import zlib

import jax
import jax.numpy as jnp
import numpy as np
import optax
import optax.contrib

# --- section: model ---
CHANNELS = (16, 32)
HIDDEN = 64
KERNEL = 5


def init_params(rng):
    """Random weights, as a dictionary of float32 arrays."""
    def weight(*shape):
        scale = math.sqrt(2 / math.prod(shape[:-1]))
        return rng.normal(0, scale, shape).astype(np.float32)

    first, second = CHANNELS
    return {
        "conv1": weight(KERNEL, KERNEL, 1, first),
        "conv2": weight(KERNEL, KERNEL, first, second),
        "dense1": weight(3 * 3 * second, HIDDEN),
        "bias1": np.zeros(HIDDEN, np.float32),
        "dense2": weight(HIDDEN, 10),
        "bias2": np.zeros(10, np.float32),
    }


def conv(x, kernel, stride=1):
    return jax.lax.conv_general_dilated(
        x, kernel, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))


def pool(x):
    """The largest of every 2 x 2 places."""
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def forward(params, x):
    """Logits of images (batch, 14, 14, 1)."""
    x = pool(jax.nn.relu(conv(x, params["conv1"])))
    x = pool(jax.nn.relu(conv(x, params["conv2"])))
    x = x.reshape(x.shape[0], -1)
    x = jax.nn.relu(x @ params["dense1"] + params["bias1"])
    return x @ params["dense2"] + params["bias2"]


# --- section: data ---
EXAMPLES = 30000
BATCH = 64


def prepare(images):
    """Bytes to numbers."""
    return images[..., None].astype(np.float32) / 255


def batches(images, labels, rng):
    """One pass over the examples in random order."""
    order = rng.permutation(len(images))
    for start in range(0, len(order) - BATCH + 1, BATCH):
        chosen = order[start:start + BATCH]
        yield augment(images[chosen], rng), labels[chosen]


# --- section: augment ---
FLIP = 0.0


def augment(images, rng):
    """Mirrors a share FLIP of the images."""
    if FLIP == 0:
        return images
    mirrored = rng.random(len(images)) < FLIP
    return np.where(mirrored[:, None, None, None], images[:, :, ::-1], images)


# --- section: objective ---
LABEL_SMOOTHING = 0.0


def loss_fn(params, images, labels):
    targets = optax.smooth_labels(jax.nn.one_hot(labels, 10), LABEL_SMOOTHING)
    return optax.softmax_cross_entropy(forward(params, images), targets).mean()


# --- section: optimiser ---
LR = 0.05
MOMENTUM = 0.9


def make_optimizer():
    return optax.sgd(LR, momentum=MOMENTUM)


# --- section: schedule ---
def schedule(progress):
    """Multiplier of the learning rate when this share (0 to 1) of the steps is done."""
    return 1.0


# --- section: training ---
EPOCHS = 4


def train(images, labels, seed):
    rng = np.random.default_rng(seed)
    images, labels = prepare(images[:EXAMPLES]), labels[:EXAMPLES].astype(np.int32)
    optimizer = make_optimizer()
    params = init_params(rng)
    state = jax.jit(optimizer.init)(params)

    @jax.jit
    def step(params, state, images, labels, scale):
        loss, grads = jax.value_and_grad(loss_fn)(params, images, labels)
        updates, state = optimizer.update(grads, state, params)
        updates = jax.tree.map(lambda update: update * scale, updates)
        return optax.apply_updates(params, updates), state, loss

    steps, total = 0, EPOCHS * (len(images) // BATCH)
    for epoch in range(EPOCHS):
        for batch, targets in batches(images, labels, rng):
            params, state, loss = step(params, state, batch, targets, schedule(steps / total))
            steps += 1
        print(f"epoch {epoch + 1} loss {float(loss):.3f}", flush=True)
    return pack({name: np.asarray(value, np.float32) for name, value in params.items()})


# --- section: artifact ---
def pack(params):
    """Weights as float16, compressed."""
    head = json.dumps({name: value.shape for name, value in params.items()}).encode()
    body = b"".join(value.astype("<f2").tobytes() for value in params.values())
    return zlib.compress(len(head).to_bytes(4, "little") + head + body)


def load(artifact):
    content = zlib.decompress(artifact)
    start = 4 + int.from_bytes(content[:4], "little")
    params = {}
    for name, shape in json.loads(content[4:start]).items():
        value = np.frombuffer(content, "<f2", math.prod(shape), start)
        params[name] = value.reshape(shape).astype(np.float32)
        start += value.nbytes
    return params, jax.jit(forward)


def predict(model, images):
    params, logits = model
    return np.asarray(logits(params, prepare(images)))
