"""tiny-regression with predict, then reveal: an input comes when the reply to the one before it is on record, with that one's answer.

A recipe may define reply(artifact, known, x), where known has the pairs that were revealed; without it, predict answers alone.
"""
import argparse
import os
import struct
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--recipe", default="/recipe")
parser.add_argument("--artifact", required=True)
arguments = parser.parse_args()
sys.path.insert(0, arguments.recipe)

import recipe  # noqa: E402


def receive(count):
    content = b""
    while len(content) < count:
        part = os.read(0, count - len(content))
        if not part:
            break
        content += part
    return content


with open(os.path.join(arguments.artifact, "artifact.bin"), "rb") as file:
    artifact = file.read()
reply = getattr(recipe, "reply", lambda artifact, known, x: recipe.predict(artifact, [x])[0])
known, last = [], None
while head := receive(8):
    x, answer = struct.unpack("<dd", receive(struct.unpack("<II", head)[0]))
    if last is not None:
        known.append((last, answer))
    last = x
    os.write(0, struct.pack("<d", reply(artifact, known, x)))
