"""Scorer of parameter-golf. Runs at the evaluator only, never beside a recipe.

heldout: shape.json, tokens.bin (windows of window + 1 tokens), bytes.bin (for each of them, how many bytes of raw text it stands for) and
filler.bin (tokens of other text).

inputs: group `a` has the windows in an order drawn from the nonce, group `b` the same windows in another order, each with its end
replaced by other text from a random place on (one in sixteen is replaced whole).

judge: bits per byte of group `a`. The bytes are counted from the raw text, never by a recipe. A prediction may depend on the tokens of its own
window up to its own position alone. So in both groups the predictions in front of what was replaced have to be the same, the one that
predicts the first replaced token included (rule `causality`): a recipe that learns from one window for another, or scores tokens
that it has trained on, moves when the other windows do. The probabilities of a position sum to one (rule `normalisation`).
"""
import argparse
import hashlib
import json
import math
import os
import stat
import sys

import numpy as np

GROUPS = ("a", "b")
SUM_TOLERANCE = 0.02         # of the logarithm of a sum of probabilities
MOVE_TOLERANCE = 0.05        # of a token's log-probability; batches in another order round differently in bfloat16
MEAN_TOLERANCE = 0.002       # of the mean gain on the first replaced token, in nats
LIKELY = -12.0               # log-probabilities below this are compared by their probability alone


class Malformed(Exception):
    pass


class Heldout:
    def __init__(self, folder):
        with open(os.path.join(folder, "shape.json")) as file:
            shape = json.load(file)
        self.vocabulary, self.window, self.windows = shape["vocabulary"], shape["window"], shape["windows"]
        self.tokens = np.fromfile(os.path.join(folder, "tokens.bin"), "<u2").reshape(self.windows, self.window + 1)
        self.bytes = np.fromfile(os.path.join(folder, "bytes.bin"), np.uint8).reshape(self.windows, self.window + 1)
        self.filler = np.fromfile(os.path.join(folder, "filler.bin"), "<u2")

    def plan(self, nonce):
        """What the nonce decides: the order of each group, where ends begin and what replaces them."""
        rng = np.random.default_rng(list(hashlib.sha256(f"parameter-golf/{nonce}".encode()).digest()))
        orders = {group: rng.permutation(self.windows) for group in GROUPS}
        flips = rng.integers(1, self.window, self.windows)
        flips[rng.random(self.windows) < 1 / 16] = 0
        flipped = self.tokens[:, :self.window].copy()
        for index, flip in enumerate(flips):
            while True:
                start = int(rng.integers(0, len(self.filler) - self.window))
                if self.filler[start] != self.tokens[index, flip]:
                    break
            flipped[index, flip:] = self.filler[start:start + self.window - flip]
        return orders, flips, flipped


def inputs(arguments):
    heldout = Heldout(arguments.heldout)
    orders, _, flipped = heldout.plan(arguments.nonce)
    shape = {"vocabulary": heldout.vocabulary, "window": heldout.window, "windows": heldout.windows}
    for group, content in (("a", heldout.tokens[:, :heldout.window]), ("b", flipped)):
        folder = os.path.join(arguments.out, group)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "shape.json"), "w") as file:
            json.dump(shape, file)
        np.ascontiguousarray(content[orders[group]]).astype("<u2").tofile(os.path.join(folder, "tokens.bin"))


class Predictions:
    """The predictions of one group, read by window. The file comes from untrusted code."""

    def __init__(self, folder, group, heldout, order):
        path = os.path.join(folder, group, "predictions.bin")
        shape = (heldout.windows, heldout.window, heldout.vocabulary)
        size = 2 * math.prod(shape)
        try:
            status = os.lstat(path)
        except OSError:
            raise Malformed(f"group {group}: predictions.bin is missing")
        if not stat.S_ISREG(status.st_mode) or status.st_size != size:
            raise Malformed(f"group {group}: predictions.bin has {status.st_size} bytes, expected a file of {size}")
        self.group = group
        self.map = np.memmap(path, "<f2", "r", shape=shape)
        self.place = np.empty(heldout.windows, np.int64)
        self.place[order] = np.arange(heldout.windows)

    def row(self, index):
        """Log-probabilities of one window as float64, checked to be numbers."""
        row = self.map[self.place[index]].astype(np.float64)
        if not np.isfinite(row).all():
            raise Malformed(f"group {self.group}: a log-probability is not finite")
        return row


def log_sum(rows):
    top = rows.max(axis=-1, keepdims=True)
    return (top + np.log(np.exp(rows - top).sum(axis=-1, keepdims=True)))[..., 0]


def illegal(rule, evidence):
    return {"metrics": {}, "illegal": {"rule": rule, "evidence": evidence}, "malformed": None}


def judge(arguments):
    heldout = Heldout(arguments.heldout)
    orders, flips, _ = heldout.plan(arguments.nonce)
    try:
        a, b = (Predictions(arguments.predictions, group, heldout, orders[group]) for group in GROUPS)
        return compare(heldout, flips, a, b)
    except Malformed as error:
        return {"metrics": {}, "illegal": None, "malformed": str(error)}


def compare(heldout, flips, a, b):
    nats, counted, gains = 0.0, 0, []
    for index in range(heldout.windows):
        truth = heldout.tokens[index, 1:].astype(np.int64)
        real, other, flip = a.row(index), b.row(index), int(flips[index])
        sums = log_sum(real)
        worst = max(float(np.abs(sums).max()), float(np.abs(log_sum(other)).max()))
        if worst > SUM_TOLERANCE:
            return illegal("normalisation", f"the logarithm of a sum of probabilities is {worst:.4g} away from 0")
        if flip > 0:
            first, second = np.maximum(real[:flip], LIKELY), np.maximum(other[:flip], LIKELY)
            moved = np.abs(first - second).max(axis=-1)
            if moved.max() > MOVE_TOLERANCE:
                position = int(moved.argmax())
                return illegal(
                    "causality",
                    f"log-probabilities at position {position} of a window moved by {float(moved.max()):.4g} when tokens from "
                    f"{flip - position} place(s) later on, and other windows, were replaced")
            token = truth[flip - 1]
            gains.append(real[flip - 1, token] - other[flip - 1, token])
        nats -= float((np.take_along_axis(real, truth[:, None], axis=-1)[:, 0] - sums).sum())
        counted += int(heldout.bytes[index, 1:].sum())
    gain = float(np.mean(gains)) if gains else 0.0
    if gain > MEAN_TOLERANCE:
        return illegal("causality", f"the token that comes next is {gain:.4g} nats likelier when it can be seen")
    return {"metrics": {"bpb": f"{nats / counted / math.log(2):.6f}"}, "illegal": None, "malformed": None}


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("inputs", "judge"):
        command = commands.add_parser(name)
        command.add_argument("--heldout", required=True)
        command.add_argument("--nonce", required=True)
    commands.choices["inputs"].add_argument("--out", required=True)
    commands.choices["judge"].add_argument("--inputs", required=True)
    commands.choices["judge"].add_argument("--predictions", required=True)
    arguments = parser.parse_args()
    if arguments.command == "inputs":
        inputs(arguments)
    else:
        json.dump(judge(arguments), sys.stdout)
        print()


if __name__ == "__main__":
    main()
