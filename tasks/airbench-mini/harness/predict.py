"""Predicts from the saved artifact in a fresh process.

inputs/images.bin: images of 14 x 14 bytes. Output: one byte an image, its class, 0 to 9.
"""
import argparse
import os
import sys

BATCH = 500

parser = argparse.ArgumentParser()
parser.add_argument("--recipe", default="/recipe")
parser.add_argument("--artifact", required=True)
parser.add_argument("--inputs", required=True)
parser.add_argument("--out", required=True)
arguments = parser.parse_args()
sys.path.insert(0, arguments.recipe)

import numpy as np  # noqa: E402

import recipe  # noqa: E402

images = np.fromfile(os.path.join(arguments.inputs, "images.bin"), np.uint8).reshape(-1, 14, 14)
with open(os.path.join(arguments.artifact, "artifact.bin"), "rb") as file:
    model = recipe.load(file.read())
with open(os.path.join(arguments.out, "predictions.bin"), "wb") as file:
    for start in range(0, len(images), BATCH):
        batch = images[start:start + BATCH]
        logits = np.asarray(recipe.predict(model, batch))
        if logits.shape != (len(batch), 10):
            sys.exit(f"predict gave shape {logits.shape}, expected {(len(batch), 10)}")
        if not np.isfinite(logits).all():
            sys.exit("predict gave logits that are not finite")
        file.write(logits.argmax(axis=1).astype(np.uint8).tobytes())
