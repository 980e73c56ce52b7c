"""Scorer of cifar10-airbench96. Runs at the evaluator only, never beside a recipe.

inputs: group `a` has the held-out images in an order drawn from the nonce, group `b` a random half of them in another order.

judge: share of right classes in group `a`. A prediction may depend on its own image alone, so an image gets the same class in both groups
(rule `independence`); a few near ties may fall either way.
"""
import argparse
import hashlib
import json
import os
import stat
import sys

import numpy as np

BYTES = 32 * 32 * 3
CLASSES = 10
GROUPS = ("a", "b")
MAY_DIFFER = 0.004           # share of the images of group `b`


class Malformed(Exception):
    pass


def plan(nonce, count):
    """For each group, which images it shows, in order."""
    rng = np.random.default_rng(list(hashlib.sha256(f"cifar10-airbench96/{nonce}".encode()).digest()))
    return {"a": rng.permutation(count), "b": rng.permutation(count)[:count // 2]}


def inputs(arguments):
    images = np.fromfile(os.path.join(arguments.heldout, "images.bin"), np.uint8).reshape(-1, BYTES)
    shown = plan(arguments.nonce, len(images))
    for group in GROUPS:
        folder = os.path.join(arguments.out, group)
        os.makedirs(folder, exist_ok=True)
        images[shown[group]].tofile(os.path.join(folder, "images.bin"))


def read_predictions(folder, group, count):
    """One class an image. The file comes from untrusted code."""
    path = os.path.join(folder, group, "predictions.bin")
    try:
        status = os.lstat(path)
    except OSError:
        raise Malformed(f"group {group}: predictions.bin is missing")
    if not stat.S_ISREG(status.st_mode) or status.st_size != count:
        raise Malformed(f"group {group}: predictions.bin has {status.st_size} bytes, expected a file of {count}")
    classes = np.fromfile(path, np.uint8, count)
    if classes.max() >= CLASSES:
        raise Malformed(f"group {group}: {int(classes.max())} is not a class")
    return classes


def judge(arguments):
    labels = np.fromfile(os.path.join(arguments.heldout, "labels.bin"), np.uint8)
    shown = plan(arguments.nonce, len(labels))
    try:
        a, b = (read_predictions(arguments.predictions, group, len(shown[group])) for group in GROUPS)
    except Malformed as error:
        return {"metrics": {}, "illegal": None, "malformed": str(error)}
    by_image = np.empty(len(labels), np.uint8)
    by_image[shown["a"]] = a
    differ = int((by_image[shown["b"]] != b).sum())
    if differ > MAY_DIFFER * len(b):
        evidence = f"{differ} of {len(b)} images got another class when fewer images were shown, in another order"
        return {"metrics": {}, "illegal": {"rule": "independence", "evidence": evidence}, "malformed": None}
    right = int((by_image == labels).sum())
    return {"metrics": {"accuracy": f"{right / len(labels):.6f}"}, "illegal": None, "malformed": None}


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
