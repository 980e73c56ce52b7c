"""Says what it sees of the host, and trains the recipe."""
import argparse
import os
import struct
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--recipe", default="/recipe")
parser.add_argument("--data", required=True)
parser.add_argument("--out", required=True)
parser.add_argument("--seed", type=int, required=True)
arguments = parser.parse_args()
sys.path.insert(0, arguments.recipe)

nodes = sorted(name for name in os.listdir("/dev") if name.startswith("nvidia"))
print("SEES", os.environ.get("CUDA_VISIBLE_DEVICES"), nodes, flush=True)

import recipe  # noqa: E402

with open(os.path.join(arguments.data, "examples.bin"), "rb") as file:
    examples = list(struct.iter_unpack("<dd", file.read()))
artifact = recipe.train(examples, arguments.seed)
with open(os.path.join(arguments.out, "artifact.bin"), "wb") as file:
    file.write(artifact)
