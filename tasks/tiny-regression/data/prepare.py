"""Makes the data of tiny-regression: a noisy curve, the same on every machine. Needs nothing but Python.

prepare.py --out DIR writes DIR/train (public), DIR/heldout and DIR/sealed (evaluator only), each with
examples.bin: little-endian float64 pairs x, y.
"""
import argparse
import hashlib
import math
import os
import random
import struct
import sys

SPLITS = {"train": 192, "heldout": 200, "sealed": 200}
NOISE = 0.1
DIGEST = "c33ffda153b0e00ca05265b1a5a516b645390971b6a5f61ba51bd87581f7dc3b"


def curve(x):
    return math.sin(4 * x) + 0.4 * math.cos(7 * x)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    rng = random.Random(20250501)
    digest = hashlib.sha256()
    made = {}
    for name, count in SPLITS.items():
        content = b""
        for _ in range(count):
            # Rounded, so that a last-digit difference between math libraries leaves the bytes alone.
            x = round(rng.uniform(-1, 1), 6)
            content += struct.pack("<dd", x, round(curve(x) + rng.gauss(0, NOISE), 6))
        digest.update(content)
        made[name] = content
    if digest.hexdigest() != DIGEST:
        sys.exit(f"tiny-regression: the generated data has digest {digest.hexdigest()}, expected {DIGEST}")
    for name, content in made.items():
        folder = os.path.join(arguments.out, name)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "examples.bin"), "wb") as file:
            file.write(content)


if __name__ == "__main__":
    main()
