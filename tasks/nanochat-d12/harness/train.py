"""Trains the recipe on the public text and writes its artifact. What it prints is never believed.

The recipe's entry.py has train(data, seed, seconds), which gives the artifact as bytes.
"""
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

import entry  # noqa: E402

artifact = entry.train(arguments.data, arguments.seed, arguments.seconds)
with open(os.path.join(arguments.out, "artifact.bin"), "wb") as file:
    file.write(artifact)
print(f"artifact {len(artifact)} bytes")
