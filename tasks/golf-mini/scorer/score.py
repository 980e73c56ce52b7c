"""Scorer of golf-mini. Runs at the evaluator only, never beside a recipe.

inputs: group `a` has the held-out windows; group `b` has the same windows in another order, each with its
suffix replaced by other real text from a random place on (one in sixteen is replaced whole).

judge: bits per byte of group `a`, from the raw text. A prediction may depend only on the bytes of its own
window up to its own position, so in both groups the predictions in front of the replaced bytes must be the
same, the one that predicts the first replaced byte included (rule `causality`). The 256 probabilities must
sum to one (rule `normalisation`); what tolerance that leaves is taken away again before scoring.
"""
import argparse
import hashlib
import json
import math
import os
import stat
import sys

import numpy as np

WINDOW = 64
WINDOWS = 1024
VALUES = 256
GROUPS = ("a", "b")
SIZE = WINDOWS * WINDOW * VALUES * 2
CHUNK = 64
SUM_TOLERANCE = 0.01         # of the logarithm of the sum of the probabilities
MOVE_TOLERANCE = 0.004       # of a log-probability, besides ...
MOVE_SHARE = 0.002           # ... this share of its size (float16 keeps 11 bits)
MEAN_TOLERANCE = 0.001       # of the mean gain on the first replaced byte, in nats


class Malformed(Exception):
    pass


def load_windows(folder):
    """Evenly spaced pieces of WINDOW + 1 bytes: always the same ones, so that scores compare."""
    text = np.fromfile(os.path.join(folder, "text.bin"), np.uint8)
    starts = np.linspace(0, len(text) - WINDOW - 1, WINDOWS).astype(np.int64)
    return text[starts[:, None] + np.arange(WINDOW + 1)]


def plan(folder, nonce, windows):
    """What the nonce decides: the order of each group, where suffixes begin and what replaces them."""
    rng = np.random.default_rng(list(hashlib.sha256(f"golf-mini/{nonce}".encode()).digest()))
    orders = {group: rng.permutation(WINDOWS) for group in GROUPS}
    flips = rng.integers(1, WINDOW, WINDOWS)
    flips[rng.random(WINDOWS) < 1 / 16] = 0
    filler = np.fromfile(os.path.join(folder, "filler.bin"), np.uint8)
    flipped = windows[:, :WINDOW].copy()
    for index, flip in enumerate(flips):
        while True:
            start = int(rng.integers(0, len(filler) - WINDOW))
            if filler[start] != windows[index, flip]:
                break
        flipped[index, flip:] = filler[start:start + WINDOW - flip]
    return orders, flips, flipped


def inputs(arguments):
    windows = load_windows(arguments.heldout)
    orders, _, flipped = plan(arguments.heldout, arguments.nonce, windows)
    for group, content in (("a", windows[:, :WINDOW]), ("b", flipped)):
        folder = os.path.join(arguments.out, group)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "windows.bin"), "wb") as file:
            file.write(np.ascontiguousarray(content[orders[group]]).tobytes())


class Predictions:
    """The predictions of one group, read by window. The file comes from untrusted code."""

    def __init__(self, folder, group, order):
        path = os.path.join(folder, group, "predictions.bin")
        try:
            status = os.lstat(path)
        except OSError:
            raise Malformed(f"group {group}: predictions.bin is missing")
        if not stat.S_ISREG(status.st_mode) or status.st_size != SIZE:
            raise Malformed(
                f"group {group}: predictions.bin has {status.st_size} bytes, expected a file of {SIZE}")
        self.group = group
        self.map = np.memmap(path, "<f2", "r", shape=(WINDOWS, WINDOW, VALUES))
        self.place = np.empty(WINDOWS, np.int64)
        self.place[order] = np.arange(WINDOWS)

    def rows(self, indices):
        """Log-probabilities of some windows as float64, checked to be numbers."""
        rows = self.map[self.place[indices]].astype(np.float64)
        if not np.isfinite(rows).all():
            raise Malformed(f"group {self.group}: a log-probability is not finite")
        return rows


def log_sum(rows):
    top = rows.max(axis=-1, keepdims=True)
    return (top + np.log(np.exp(rows - top).sum(axis=-1, keepdims=True)))[..., 0]


def illegal(rule, evidence):
    return {"metrics": {}, "illegal": {"rule": rule, "evidence": evidence}, "malformed": None}


def judge(arguments):
    windows = load_windows(arguments.heldout)
    orders, flips, _ = plan(arguments.heldout, arguments.nonce, windows)
    try:
        a, b = (Predictions(arguments.predictions, group, orders[group]) for group in GROUPS)
        return compare(windows, flips, a, b)
    except Malformed as error:
        return {"metrics": {}, "illegal": None, "malformed": str(error)}


def compare(windows, flips, a, b):
    nats, gains = 0.0, []
    positions = np.arange(WINDOW)
    for start in range(0, WINDOWS, CHUNK):
        indices = np.arange(start, start + CHUNK)
        truth = windows[indices, 1:].astype(np.int64)
        real, other = a.rows(indices), b.rows(indices)
        sums = log_sum(real)
        for values in (sums, log_sum(other)):
            worst = float(np.abs(values).max())
            if worst > SUM_TOLERANCE:
                return illegal(
                    "normalisation",
                    f"the logarithm of a sum of 256 probabilities is {worst:.4g} away from 0")
        before = positions[None, :] < flips[indices][:, None]
        moved = np.abs(real - other) - MOVE_SHARE * np.minimum(np.abs(real), np.abs(other))
        moved = np.where(before, moved.max(axis=-1), 0)
        if moved.max() > MOVE_TOLERANCE:
            row, position = (int(i) for i in np.unravel_index(moved.argmax(), moved.shape))
            ahead = int(flips[indices[row]]) - position
            moved_by = float(np.abs(real - other)[row, position].max())
            return illegal(
                "causality",
                f"log-probabilities at position {position} of a window moved by {moved_by:.4g} when the "
                f"bytes from {ahead} place(s) later on, and other windows, were replaced")
        probe = np.flatnonzero(flips[indices] > 0)
        last = flips[indices][probe] - 1
        byte = truth[probe, last]
        gains.append(real[probe, last, byte] - other[probe, last, byte])
        nats -= float((np.take_along_axis(real, truth[..., None], axis=-1)[..., 0] - sums).sum())
    gain = float(np.concatenate(gains).mean())
    if gain > MEAN_TOLERANCE:
        return illegal(
            "causality", f"the byte that comes next is {gain:.4g} nats likelier when it can be seen")
    bpb = nats / (WINDOWS * WINDOW) / math.log(2)
    return {"metrics": {"bpb": f"{bpb:.6f}"}, "illegal": None, "malformed": None}


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
