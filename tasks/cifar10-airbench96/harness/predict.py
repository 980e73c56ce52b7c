"""Predicts held-out images from the artifact, in a fresh process that has no training data.

inputs/images.bin: images of 32 x 32 x 3 bytes. Output: one byte an image, its class, 0 to 9.
"""
import argparse
import os
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--recipe", default="/recipe")
parser.add_argument("--artifact", required=True)
parser.add_argument("--inputs", required=True)
parser.add_argument("--out", required=True)
arguments = parser.parse_args()
sys.path.insert(0, arguments.recipe)

import numpy as np  # noqa: E402

import entry  # noqa: E402

images = np.fromfile(os.path.join(arguments.inputs, "images.bin"), np.uint8).reshape(-1, 32, 32, 3)
with open(os.path.join(arguments.artifact, "artifact.bin"), "rb") as file:
    model = entry.load(file.read())
logits = np.asarray(entry.predict(model, images))
if logits.shape != (len(images), 10):
    sys.exit(f"predict gave shape {logits.shape}, expected {(len(images), 10)}")
if not np.isfinite(logits).all():
    sys.exit("predict gave logits that are not finite")
with open(os.path.join(arguments.out, "predictions.bin"), "wb") as file:
    file.write(logits.argmax(axis=1).astype(np.uint8).tobytes())
