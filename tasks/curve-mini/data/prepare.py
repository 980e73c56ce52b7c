"""Makes the data of curve-mini: a noisy surface with outliers, the same on every machine. Needs nothing but Python.

prepare.py --out DIR writes DIR/train (public), DIR/heldout and DIR/sealed (evaluator only), each with
examples.bin: little-endian float64 triples x, z, y.
"""
import argparse
import hashlib
import math
import os
import random
import struct
import sys

SPLITS = {"train": 300, "heldout": 300, "sealed": 300}
NOISE = 0.05
OUTLIERS = 0.08
DIGEST = "d65fcb90e2485ca436320814f00f25863ba8d87ef0fb86be3e612579e29a0003"


def surface(x, z):
    return math.sin(4 * x) + 0.5 * z * math.cos(6 * x) + 0.3 * z - 0.4 * z * z


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    rng = random.Random(20250917)
    digest = hashlib.sha256()
    made = {}
    for name, count in SPLITS.items():
        content = b""
        for _ in range(count):
            # Rounded, so that a last-digit difference between math libraries leaves the bytes alone.
            x, z = round(rng.uniform(-1, 1), 6), round(rng.uniform(-1, 1), 6)
            y = surface(x, z) + rng.gauss(0, NOISE)
            # Labels that are wrong are among the public examples alone.
            if rng.random() < OUTLIERS and name == "train":
                y = rng.uniform(-6, 6)
            content += struct.pack("<ddd", x, z, round(y, 6))
        digest.update(content)
        made[name] = content
    if digest.hexdigest() != DIGEST:
        sys.exit(f"curve-mini: the generated data has digest {digest.hexdigest()}, expected {DIGEST}")
    for name, content in made.items():
        folder = os.path.join(arguments.out, name)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "examples.bin"), "wb") as file:
            file.write(content)


if __name__ == "__main__":
    main()
