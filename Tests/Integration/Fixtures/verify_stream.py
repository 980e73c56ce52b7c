"""Runs the independent verifier over many bundles: reads them from standard input, writes one byte a bundle, 1 for believed.

A bundle is its number of files, then name and bytes of each, all behind lengths of four bytes.
"""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "conformance" / "python"))
import verify_proofs  # noqa: E402


def number():
    data = sys.stdin.buffer.read(4)
    return struct.unpack(">I", data)[0] if data else None


while (count := number()) is not None:
    files = {}
    for _ in range(count):
        name = sys.stdin.buffer.read(number()).decode()
        files[name] = sys.stdin.buffer.read(number())
    try:
        verify_proofs.verify(files)
        sys.stdout.write("1")
    except verify_proofs.Refused:
        sys.stdout.write("0")
