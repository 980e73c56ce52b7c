"""Predicts from the saved artifact in a fresh process.

inputs/windows.bin: windows of 64 bytes, one after the other. Output: for every window and position, 256
float16 log-probabilities (natural logarithm) of the next byte.
"""
import argparse
import os
import sys

WINDOW = 64
BATCH = 128

parser = argparse.ArgumentParser()
parser.add_argument("--recipe", default="/recipe")
parser.add_argument("--artifact", required=True)
parser.add_argument("--inputs", required=True)
parser.add_argument("--out", required=True)
arguments = parser.parse_args()
sys.path.insert(0, arguments.recipe)

import numpy as np  # noqa: E402

import recipe  # noqa: E402

windows = np.fromfile(os.path.join(arguments.inputs, "windows.bin"), np.uint8).reshape(-1, WINDOW)
with open(os.path.join(arguments.artifact, "artifact.bin"), "rb") as file:
    model = recipe.load(file.read())
with open(os.path.join(arguments.out, "predictions.bin"), "wb") as file:
    for start in range(0, len(windows), BATCH):
        batch = windows[start:start + BATCH]
        log_probs = np.asarray(recipe.predict(model, batch))
        if log_probs.shape != batch.shape + (256,):
            sys.exit(f"predict gave shape {log_probs.shape}, expected {batch.shape + (256,)}")
        file.write(log_probs.astype("<f2").tobytes())
