"""Scorer of a regression: the same file in every task that has one, with what differs in its arguments. Runs at the evaluator
only; the standard library is all that it needs.

inputs: writes group `a` (the held-out inputs in an order drawn from the nonce) and group `b` (the same inputs
in another order). judge: mean squared error of group `a` against the held-out answers, or with --noise how far it lies above
that variance, in decibels: an error as small is 0. A prediction that
depends on where its input stands among the others is illegal (rule `order`).
"""
import argparse
import hashlib
import json
import math
import os
import random
import stat
import struct
import sys

GROUPS = ("a", "b")
TOLERANCE = 1e-9


def held_out(arguments):
    """Pairs of inputs and answer."""
    with open(os.path.join(arguments.heldout, "examples.bin"), "rb") as file:
        return [(row[:-1], row[-1]) for row in struct.iter_unpack(f"<{arguments.inputs_each + 1}d", file.read())]


def order(nonce, group, count):
    """The order in which a group shows the examples: for each place, the index of the example."""
    places = list(range(count))
    random.Random(hashlib.sha256(f"{nonce}/{group}".encode()).digest()).shuffle(places)
    return places


def inputs(arguments):
    examples = held_out(arguments)
    for group in GROUPS:
        folder = os.path.join(arguments.out, group)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "inputs.bin"), "wb") as file:
            for index in order(arguments.nonce, group, len(examples)):
                file.write(struct.pack(f"<{arguments.inputs_each}d", *examples[index][0]))


def read_predictions(folder, group, nonce, count):
    """Predictions by example; the file comes from untrusted code. ValueError says what is wrong with it."""
    path = os.path.join(folder, group, "predictions.bin")
    try:
        status = os.lstat(path)
    except OSError:
        raise ValueError(f"group {group}: predictions.bin is missing")
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"group {group}: predictions.bin is not a regular file")
    if status.st_size != 8 * count:
        raise ValueError(f"group {group}: predictions.bin has {status.st_size} bytes, expected {8 * count}")
    with open(path, "rb") as file:
        values = struct.unpack(f"<{count}d", file.read(8 * count))
    if not all(math.isfinite(value) and abs(value) < 1e100 for value in values):
        raise ValueError(f"group {group}: a prediction is not finite or beyond 1e100")
    result = [0.0] * count
    for place, index in enumerate(order(nonce, group, count)):
        result[index] = values[place]
    return result


def judge(arguments):
    examples = held_out(arguments)
    try:
        a, b = (
            read_predictions(arguments.predictions, group, arguments.nonce, len(examples))
            for group in GROUPS
        )
    except ValueError as error:
        return {"metrics": {}, "illegal": None, "malformed": str(error)}
    for index, (first, second) in enumerate(zip(a, b)):
        if abs(first - second) > TOLERANCE * max(1.0, abs(first)):
            evidence = f"one input got {first:.6g} in one order of the inputs and {second:.6g} in another"
            return {"metrics": {}, "illegal": {"rule": "order", "evidence": evidence}, "malformed": None}
    answers = [y for _, y in examples]
    mean = sum(answers) / len(answers)
    error = sum((p - y) ** 2 for p, y in zip(a, answers)) / len(answers)
    spread = sum((y - mean) ** 2 for y in answers) / len(answers)
    metrics = {"mse": decimal(error), "r2": decimal(1 - error / spread)}
    if arguments.noise is not None:
        metrics["excess"] = decimal(10 * math.log10(max(error, 1e-12) / arguments.noise))
    return {"metrics": metrics, "illegal": None, "malformed": None}


def decimal(value):
    return f"{value:.9f}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--inputs-each", type=int, default=1, help="numbers that an example has beside its answer")
    parser.add_argument("--noise", type=float, help="variance of the noise that the answers carry")
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
