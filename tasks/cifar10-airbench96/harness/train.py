"""Trains the recipe on the public images and writes its artifact. What it prints is never believed.

The recipe's entry.py has train(images, labels, seed): images (count, 32, 32, 3) and labels (count,) as uint8, and gives the artifact as
bytes.
"""
import argparse
import os
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--recipe", default="/recipe")
parser.add_argument("--data", required=True)
parser.add_argument("--out", required=True)
parser.add_argument("--seed", type=int, required=True)
arguments = parser.parse_args()
sys.path.insert(0, arguments.recipe)

import numpy as np  # noqa: E402

import entry  # noqa: E402

images = np.fromfile(os.path.join(arguments.data, "images.bin"), np.uint8).reshape(-1, 32, 32, 3)
labels = np.fromfile(os.path.join(arguments.data, "labels.bin"), np.uint8)
artifact = entry.train(images, labels, arguments.seed)
with open(os.path.join(arguments.out, "artifact.bin"), "wb") as file:
    file.write(artifact)
print(f"artifact {len(artifact)} bytes")
