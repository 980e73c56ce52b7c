"""Makes the data of golf-mini from the six novels in Debian's package r-cran-janeaustenr.

prepare.py --out DIR [--deb FILE]
  DIR/train/text.bin                       public: the first 88 % of every book
  DIR/heldout/text.bin, filler.bin         evaluator only: pieces of the last 12 % of every book
  DIR/sealed/text.bin, filler.bin          evaluator only, scored once when a run ends
`filler` is text of no other split; the scorer puts it in the place of suffixes to test causality.

The package is taken from --deb, else from the installed system, else downloaded by `apt-get download` (which
checks it against the signed archive). The extracted text is checked against a pinned digest. Needs nothing
but Python's standard library.
"""
import argparse
import glob
import hashlib
import os
import subprocess
import sys
import tempfile
import zlib

PACKAGE = "r-cran-janeaustenr"
DATABASE = "usr/lib/R/site-library/janeaustenr/data/Rdata.rdb"
DIGEST = "b83da653802e5a8a25de9e563c3d4476a0008f54090236a95a89adc5f13edd75"
SEPARATOR = b"\n\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--deb", help="the package file, for machines without network")
    arguments = parser.parse_args()
    books = parse_database(package_file(DATABASE, arguments.deb))
    digest = hashlib.sha256(b"\0".join(books)).hexdigest()
    if digest != DIGEST:
        sys.exit(f"golf-mini: the text of {PACKAGE} has digest {digest}, expected {DIGEST}; "
                 "use the package of Debian 12 (1.0.0-1)")
    splits = {"train/text.bin": [], "heldout/text.bin": [], "heldout/filler.bin": [],
              "sealed/text.bin": [], "sealed/filler.bin": []}
    for book in books:
        cut = len(book) * 88 // 100
        splits["train/text.bin"].append(book[:cut])
        # The rest in 12 pieces, dealt out in turn, so that both hidden splits see all of it.
        rest, count = book[cut:], 12
        edges = [len(rest) * i // count for i in range(count + 1)]
        pieces = [rest[edges[i]:edges[i + 1]] for i in range(count)]
        for piece, name in zip(pieces, "HSHShHSHSsHS"):
            target = {"H": "heldout/text.bin", "S": "sealed/text.bin",
                      "h": "heldout/filler.bin", "s": "sealed/filler.bin"}[name]
            splits[target].append(piece)
    for name, parts in splits.items():
        path = os.path.join(arguments.out, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(SEPARATOR.join(parts))


def package_file(path, deb):
    """The content of one file of the package."""
    installed = os.path.join("/", path)
    if deb is None and os.path.exists(installed):
        with open(installed, "rb") as file:
            return file.read()
    with tempfile.TemporaryDirectory() as folder:
        if deb is None:
            run(["apt-get", "download", "-q", PACKAGE], folder)
            deb = glob.glob(os.path.join(folder, "*.deb"))[0]
        run(["dpkg-deb", "-x", os.path.abspath(deb), "x"], folder)
        with open(os.path.join(folder, "x", path), "rb") as file:
            return file.read()


def run(command, folder):
    try:
        done = subprocess.run(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError as error:
        sys.exit(f"golf-mini: cannot run {command[0]}: {error}. Pass the package file with --deb")
    if done.returncode:
        sys.exit(f"golf-mini: `{' '.join(command)}` failed: {done.stdout.strip()}\n"
                 f"Run `apt-get update` first, or pass the package file with --deb")


def parse_database(content):
    """The books in an R lazy-load database: zlib streams, each a serialised (XDR) vector of lines."""
    books, position = [], 0
    while position + 4 < len(content):
        stream = zlib.decompressobj()
        books.append(parse_lines(stream.decompress(content[position + 4:])))
        position = len(content) - len(stream.unused_data)
    return sorted(books)


def parse_lines(data):
    """One serialised character vector, as bytes, a line each."""
    def number(at):
        return int.from_bytes(data[at:at + 4], "big", signed=True)

    position = 14
    if number(2) == 3:  # version 3 names the native encoding
        position += 4 + number(14)
    if number(position) & 0xFF != 16:
        sys.exit(f"golf-mini: {DATABASE} holds something else than text")
    count, position = number(position + 4), position + 8
    lines = []
    for _ in range(count):
        length = max(number(position + 4), 0)
        line = data[position + 8:position + 8 + length].decode("utf-8", "replace")
        lines.append(line.encode("ascii", "replace"))
        position += 8 + length
    return b"\n".join(lines)


if __name__ == "__main__":
    main()
