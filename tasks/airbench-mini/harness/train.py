"""Trains the recipe: reads the public images, writes the artifact. What it prints is never believed."""
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

import recipe  # noqa: E402

images = np.fromfile(os.path.join(arguments.data, "images.bin"), np.uint8).reshape(-1, 14, 14)
labels = np.fromfile(os.path.join(arguments.data, "labels.bin"), np.uint8)
artifact = recipe.train(images, labels, arguments.seed)
with open(os.path.join(arguments.out, "artifact.bin"), "wb") as file:
    file.write(artifact)
print(f"artifact {len(artifact)} bytes")
