"""Trains the recipe: reads the public text, writes the artifact. What it prints is never believed."""
import argparse
import os
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--recipe", default="/recipe")
parser.add_argument("--data", required=True)
parser.add_argument("--out", required=True)
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--seconds", type=float, required=True)
arguments = parser.parse_args()
sys.path.insert(0, arguments.recipe)

import numpy as np  # noqa: E402

import recipe  # noqa: E402

text = np.fromfile(os.path.join(arguments.data, "text.bin"), np.uint8)
artifact = recipe.train(text, arguments.seconds, arguments.seed)
with open(os.path.join(arguments.out, "artifact.bin"), "wb") as file:
    file.write(artifact)
print(f"artifact {len(artifact)} bytes")
