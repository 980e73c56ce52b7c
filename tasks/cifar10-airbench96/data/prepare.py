"""Makes the data of cifar10-airbench96.

prepare.py --profile smoke --out DIR: synthetic images of the right shape, the same on every machine.
prepare.py --profile full --out DIR [--archive FILE]: CIFAR-10, from its author's site or from a file, checked against a pinned digest.
  DIR/train: the 50,000 training images; DIR/heldout and DIR/sealed: the 10,000 test images (there are no more that are labelled, so
  what is sealed in the full profile is the choice of seeds, not the images)
Each split has images.bin (32 x 32 x 3 bytes an image, rows of pixels) and labels.bin.
"""
import argparse
import hashlib
import io
import os
import pickle
import random
import sys
import tarfile
import urllib.error
import urllib.request

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
DIGEST = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
SMOKE_DIGEST = "6272d5c039ce01a3f0ca2e1b1d0c55eb6abb9b6d037fafb09068b87d5738d36d"
PIXELS = 32 * 32


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--profile", required=True, choices=["smoke", "full"])
    parser.add_argument("--archive", help="cifar-10-python.tar.gz, for machines without network")
    arguments = parser.parse_args()
    if arguments.profile == "smoke":
        smoke(arguments.out)
    else:
        full(arguments.out, arguments.archive)


def write(out, split, images, labels):
    folder = os.path.join(out, split)
    os.makedirs(folder, exist_ok=True)
    for name, content in (("images.bin", images), ("labels.bin", labels)):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)


def smoke(out):
    """Ten classes; an image is coarse noise with the coarse pattern of its class behind it, mirrored half of the time."""
    rng = random.Random(60525)
    side, scale = 8, 4
    patterns = [[rng.randrange(256) for _ in range(side * side * 3)] for _ in range(10)]
    digest = hashlib.sha256()
    for split, count in (("train", 1500), ("heldout", 500), ("sealed", 500)):
        images, labels = bytearray(), bytearray()
        for _ in range(count):
            label, mirrored = rng.randrange(10), rng.random() < 0.5
            noise = rng.randbytes(side * side * 3)
            coarse = [(22 * p + 78 * n) // 100 for p, n in zip(patterns[label], noise)]
            rows = [coarse[3 * side * row:3 * side * (row + 1)] for row in range(side)]
            for row in rows:
                cells = [bytes(row[3 * i:3 * i + 3]) for i in range(side)]
                line = b"".join(cell * scale for cell in (cells[::-1] if mirrored else cells))
                images += line * scale
            labels.append(label)
        digest.update(images)
        digest.update(labels)
        write(out, split, bytes(images), bytes(labels))
    if digest.hexdigest() != SMOKE_DIGEST:
        sys.exit(f"cifar10-airbench96: the generated data has digest {digest.hexdigest()}, expected {SMOKE_DIGEST}")


def full(out, archive):
    if archive is None:
        archive = os.environ.get("ASSAY_CIFAR10_ARCHIVE")
    try:
        if archive:
            with open(archive, "rb") as file:
                content = file.read()
        else:
            with urllib.request.urlopen(URL, timeout=60) as source:
                content = source.read()
    except (OSError, urllib.error.URLError) as error:
        sys.exit(f"cifar10-airbench96: cannot read {archive or URL}: {error}; set ASSAY_CIFAR10_ARCHIVE to a file of that name")
    digest = hashlib.sha256(content).hexdigest()
    if digest != DIGEST:
        sys.exit(f"cifar10-airbench96: {archive or URL} has digest {digest}, expected {DIGEST}; it is not CIFAR-10 for Python")
    batches = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as files:
        for member in files:
            if member.isfile() and "_batch" in member.name:
                # Its digest was checked: it is what its author published.
                batches[os.path.basename(member.name)] = pickle.load(files.extractfile(member), encoding="bytes")
    train = [batches[f"data_batch_{index}"] for index in range(1, 6)]
    write(out, "train", b"".join(by_pixel(batch) for batch in train), b"".join(bytes(batch[b"labels"]) for batch in train))
    for split in ("heldout", "sealed"):
        write(out, split, by_pixel(batches["test_batch"]), bytes(batches["test_batch"][b"labels"]))


def by_pixel(batch):
    """Red, green and blue planes as pixels of three bytes."""
    planes = batch[b"data"].reshape(-1, 3, PIXELS)
    return planes.transpose(0, 2, 1).tobytes()


if __name__ == "__main__":
    main()
