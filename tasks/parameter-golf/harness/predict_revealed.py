"""Predicts held-out windows from the artifact while they are revealed, one token of each window at a time.

Standard input is a socket. A piece: its size, the size of the reply that it asks for (32 bits each, little-endian), then uint16 tokens, the
next one of each window. The reply: for every window one float16 log-probability for each token of the vocabulary. The next piece comes when
the reply is on record outside.
"""
import argparse
import json
import os
import struct
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--recipe", default="/recipe")
parser.add_argument("--artifact", required=True)
parser.add_argument("--inputs", required=True)
arguments = parser.parse_args()
sys.path.insert(0, arguments.recipe)

import numpy as np  # noqa: E402

import entry  # noqa: E402


def receive(count):
    parts = []
    while count > 0:
        part = os.read(0, min(count, 1 << 20))
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def reply(content):
    while content:
        content = content[os.write(0, content):]


with open(os.path.join(arguments.inputs, "shape.json")) as file:
    shape = json.load(file)
with open(os.path.join(arguments.artifact, "artifact.bin"), "rb") as file:
    model = entry.load(file.read())
seen = np.empty((shape["windows"], 0), np.uint16)
while head := receive(8):
    size, wanted = struct.unpack("<II", head)
    seen = np.concatenate([seen, np.frombuffer(receive(size), "<u2")[:, None]], axis=1)
    rows = np.asarray(entry.predict(model, seen))
    if rows.shape != (shape["windows"], shape["vocabulary"]):
        sys.exit(f"predict gave shape {rows.shape}, expected {(shape['windows'], shape['vocabulary'])}")
    reply(rows.astype("<f2").tobytes())
