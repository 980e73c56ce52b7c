"""Trains the recipe: reads the public examples, writes the artifact. Its output is never believed."""
import argparse
import os
import struct
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--recipe", default="/recipe")
parser.add_argument("--data", required=True)
parser.add_argument("--out", required=True)
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--seconds", type=float, required=True)
arguments = parser.parse_args()
sys.path.insert(0, arguments.recipe)

import recipe  # noqa: E402

with open(os.path.join(arguments.data, "examples.bin"), "rb") as file:
    examples = [example for example in struct.iter_unpack("<ddd", file.read())]
artifact = recipe.train(examples, arguments.seconds, arguments.seed)
with open(os.path.join(arguments.out, "artifact.bin"), "wb") as file:
    file.write(artifact)
print(f"artifact {len(artifact)} bytes")
