"""Scorer of parameter-golf where a prediction is taken before its token is revealed. Runs at the evaluator only.

inputs: one group. Each piece is the next token of every window, in an order drawn from the nonce, and asks for the log-probabilities of what
follows. The last tokens are in no piece: they are never revealed.

judge: bits per byte of the replies. What was not revealed cannot be known, and a reply cannot be changed: so a recipe may learn from
everything that it was given, other windows included. What is left to check is that the probabilities of a position sum to one.
"""
import argparse
import hashlib
import json
import math
import os
import struct
import sys

import numpy as np

from score import SUM_TOLERANCE, Heldout, Malformed, illegal, log_sum


def order_of(heldout, nonce):
    seed = list(hashlib.sha256(f"parameter-golf/reveal/{nonce}".encode()).digest())
    return np.random.default_rng(seed).permutation(heldout.windows)


def inputs(arguments):
    heldout = Heldout(arguments.heldout)
    tokens = heldout.tokens[order_of(heldout, arguments.nonce)].astype("<u2")
    folder = os.path.join(arguments.out, "stream")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "shape.json"), "w") as file:
        json.dump({"vocabulary": heldout.vocabulary, "window": heldout.window, "windows": heldout.windows}, file)
    with open(os.path.join(folder, "reveal.bin"), "wb") as file:
        for place in range(heldout.window):
            piece = tokens[:, place].tobytes()
            file.write(struct.pack("<II", len(piece), 2 * heldout.windows * heldout.vocabulary) + piece)


def judge(arguments):
    heldout = Heldout(arguments.heldout)
    try:
        return compare(heldout, order_of(heldout, arguments.nonce), os.path.join(arguments.predictions, "stream", "predictions.bin"))
    except Malformed as error:
        return {"metrics": {}, "illegal": None, "malformed": str(error)}


def compare(heldout, order, path):
    shape = (heldout.window, heldout.windows, heldout.vocabulary)
    if os.path.getsize(path) != 2 * math.prod(shape):
        raise Malformed(f"the replies have {os.path.getsize(path)} bytes, expected {2 * math.prod(shape)}")
    replies = np.memmap(path, "<f2", "r", shape=shape)
    tokens, sizes = heldout.tokens[order], heldout.bytes[order]
    nats = 0.0
    for place in range(heldout.window):
        rows = replies[place].astype(np.float64)
        if not np.isfinite(rows).all():
            raise Malformed("a log-probability is not finite")
        sums = log_sum(rows)
        worst = float(np.abs(sums).max())
        if worst > SUM_TOLERANCE:
            return illegal("normalisation", f"the logarithm of a sum of probabilities is {worst:.4g} away from 0")
        truth = tokens[:, place + 1].astype(np.int64)
        nats -= float((np.take_along_axis(rows, truth[:, None], axis=-1)[:, 0] - sums).sum())
    counted = int(sizes[:, 1:].sum())
    return {"metrics": {"bpb": f"{nats / counted / math.log(2):.6f}"}, "illegal": None, "malformed": None}


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    for name, more in (("inputs", ["--out"]), ("judge", ["--inputs", "--predictions"])):
        command = commands.add_parser(name)
        for option in ["--heldout", "--nonce"] + more:
            command.add_argument(option, required=True)
    arguments = parser.parse_args()
    if arguments.command == "inputs":
        inputs(arguments)
    else:
        json.dump(judge(arguments), sys.stdout)
        print()


if __name__ == "__main__":
    main()
