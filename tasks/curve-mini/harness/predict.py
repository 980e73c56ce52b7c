"""Predicts from the saved artifact in a fresh process: inputs in, little-endian float64 predictions out."""
import argparse
import os
import struct
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--recipe", default="/recipe")
parser.add_argument("--artifact", required=True)
parser.add_argument("--inputs", required=True)
parser.add_argument("--out", required=True)
arguments = parser.parse_args()
sys.path.insert(0, arguments.recipe)

import recipe  # noqa: E402

with open(os.path.join(arguments.artifact, "artifact.bin"), "rb") as file:
    artifact = file.read()
with open(os.path.join(arguments.inputs, "inputs.bin"), "rb") as file:
    inputs = [pair for pair in struct.iter_unpack("<dd", file.read())]
predictions = [float(value) for value in recipe.predict(artifact, inputs)]
with open(os.path.join(arguments.out, "predictions.bin"), "wb") as file:
    file.write(struct.pack(f"<{len(predictions)}d", *predictions))
