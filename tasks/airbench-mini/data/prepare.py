"""Makes the data of airbench-mini from Debian's package dataset-fashion-mnist.

prepare.py --out DIR [--deb FILE]
  DIR/train/images.bin, labels.bin      public: 30,000 images and their classes
  DIR/heldout/images.bin, labels.bin    evaluator only: 5,000 images
  DIR/sealed/images.bin, labels.bin     evaluator only, scored once when a run ends: 5,000 images
An image is 14 x 14 bytes: means of 2 x 2 pixels of the original. A label is one byte, 0 to 9.

The package is taken from --deb, else from the installed system, else downloaded by `apt-get download` (which
checks it against the signed archive). What is extracted is checked against a pinned digest. Needs nothing but
Python's standard library.
"""
import argparse
import glob
import gzip
import hashlib
import os
import subprocess
import sys
import tempfile

PACKAGE = "dataset-fashion-mnist"
FOLDER = "usr/share/datasets/fashion-mnist"
DIGEST = "33aa4b3f9f42c48afa673183006f8277559d084b572eaf7ccc7ba16c9b325787"
TRAIN = 30_000
SIDE = 28


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--deb", help="the package file, for machines without network")
    arguments = parser.parse_args()
    files = package_files(arguments.deb)
    digest = hashlib.sha256(b"\0".join(files[name] for name in sorted(files))).hexdigest()
    if digest != DIGEST:
        sys.exit(f"airbench-mini: the images of {PACKAGE} have digest {digest}, expected {DIGEST}; "
                 "use the package of Debian 12 (0.0~git20200523.55506a9-1)")
    public = files["train-images-idx3-ubyte"][16:], files["train-labels-idx1-ubyte"][8:]
    hidden = files["t10k-images-idx3-ubyte"][16:], files["t10k-labels-idx1-ubyte"][8:]
    write(arguments.out, "train", *public, range(TRAIN))
    write(arguments.out, "heldout", *hidden, range(0, 10_000, 2))
    write(arguments.out, "sealed", *hidden, range(1, 10_000, 2))


def write(out, split, images, labels, indices):
    folder = os.path.join(out, split)
    os.makedirs(folder, exist_ok=True)
    size = SIDE * SIDE
    with open(os.path.join(folder, "images.bin"), "wb") as file:
        for i in indices:
            file.write(halve(images[i * size:(i + 1) * size]))
    with open(os.path.join(folder, "labels.bin"), "wb") as file:
        file.write(bytes(labels[i] for i in indices))


def halve(image):
    """Means of 2 x 2 pixels, rounded."""
    small = bytearray()
    for row in range(0, SIDE * SIDE, 2 * SIDE):
        upper, lower = image[row:row + SIDE], image[row + SIDE:row + 2 * SIDE]
        small += bytes((a + b + c + d + 2) >> 2
                       for a, b, c, d in zip(upper[::2], upper[1::2], lower[::2], lower[1::2]))
    return bytes(small)


def package_files(deb):
    """The four files of the package, uncompressed, by name."""
    if deb is None and os.path.isdir(os.path.join("/", FOLDER)):
        return read_folder(os.path.join("/", FOLDER))
    with tempfile.TemporaryDirectory() as folder:
        if deb is None:
            run(["apt-get", "download", "-q", PACKAGE], folder)
            deb = glob.glob(os.path.join(folder, "*.deb"))[0]
        run(["dpkg-deb", "-x", os.path.abspath(deb), "x"], folder)
        return read_folder(os.path.join(folder, "x", FOLDER))


def read_folder(folder):
    files = {}
    for part in ("train", "t10k"):
        for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"):
            with gzip.open(os.path.join(folder, f"{part}-{kind}.gz")) as file:
                files[f"{part}-{kind}"] = file.read()
    return files


def run(command, folder):
    try:
        done = subprocess.run(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError as error:
        sys.exit(f"airbench-mini: cannot run {command[0]}: {error}. Pass the package file with --deb")
    if done.returncode:
        sys.exit(f"airbench-mini: `{' '.join(command)}` failed: {done.stdout.strip()}\n"
                 f"Run `apt-get update` first, or pass the package file with --deb")


if __name__ == "__main__":
    main()
