"""Predicts held-out windows from the artifact, in a fresh process that has no training data.

inputs/shape.json: {"vocabulary", "window", "windows"}; inputs/tokens.bin: uint16 tokens, window after window. Output: for every window and
position, one float16 log-probability (natural logarithm) for each token of the vocabulary: what follows that position.
"""
import argparse
import json
import os
import sys

BATCH = 8

parser = argparse.ArgumentParser()
parser.add_argument("--recipe", default="/recipe")
parser.add_argument("--artifact", required=True)
parser.add_argument("--inputs", required=True)
parser.add_argument("--out", required=True)
arguments = parser.parse_args()
sys.path.insert(0, arguments.recipe)

import numpy as np  # noqa: E402

import entry  # noqa: E402

with open(os.path.join(arguments.inputs, "shape.json")) as file:
    shape = json.load(file)
tokens = np.fromfile(os.path.join(arguments.inputs, "tokens.bin"), "<u2").reshape(shape["windows"], shape["window"])
with open(os.path.join(arguments.artifact, "artifact.bin"), "rb") as file:
    model = entry.load(file.read())
with open(os.path.join(arguments.out, "predictions.bin"), "wb") as file:
    for start in range(0, len(tokens), BATCH):
        batch = tokens[start:start + BATCH]
        rows = np.asarray(entry.predict(model, batch))
        if rows.shape != batch.shape + (shape["vocabulary"],):
            sys.exit(f"predict gave shape {rows.shape}, expected {batch.shape + (shape['vocabulary'],)}")
        file.write(rows.astype("<f2").tobytes())
