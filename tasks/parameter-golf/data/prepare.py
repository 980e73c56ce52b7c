"""Makes the data of parameter-golf.

prepare.py --profile smoke --out DIR: synthetic text of the right shape, the same on every machine.
  smoke-ttt: held-out text in which half of the language's common successors are others than in the training text.
prepare.py --profile full --out DIR: upstream's published token shards of FineWeb, from the Hugging Face hub.
  DIR/train/fineweb_train_*.bin, fineweb_val_000000.bin (public text too), tokenizer.model
  DIR/heldout and DIR/sealed: shape.json, tokens.bin, bytes.bin, filler.bin, from upstream's validation shard

Every file that is fetched is compared with pins.json. A file without a pin is refused, unless ASSAY_UNPINNED_DATA=accept is set: then its
digest is printed, to be written into pins.json.
"""
import argparse
import hashlib
import json
import os
import random
import struct
import sys
import urllib.error
import urllib.request

# Upstream puts its export below a folder "datasets" of the repository.
HUB = "https://huggingface.co/datasets/willdepueoai/parameter-golf/resolve/main/datasets/"
VARIANT = "datasets/fineweb10B_sp1024"
TOKENIZER = "tokenizers/fineweb_1024_bpe"
SHARDS = int(os.environ.get("ASSAY_GOLF_SHARDS", "80"))
HEADER = 256 * 4             # bytes in front of a shard's tokens
PUBLIC_VALIDATION = 1_048_577
SHAPES = {"smoke": (64, 32, 64), "full": (1024, 1024, 256)}    # vocabulary, window, windows
PROFILES = ("smoke", "full", "smoke-ttt", "full-ttt")
SMOKE_TTT_DIGEST = "31a5022e17728933d90700a7378d32a2351d373419bbbf7d7429e2d6e91fbe76"
SMOKE_DIGEST = "0e5fb68a52a021e0bc6b40c808292b10b57904cab0d740bde2a8c1b380b66564"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--profile", required=True, choices=PROFILES)
    arguments = parser.parse_args()
    if arguments.profile.startswith("smoke"):
        smoke(arguments.out, drifts=arguments.profile == "smoke-ttt")
    else:
        full(arguments.out)


def write(out, name, content):
    path = os.path.join(out, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def write_split(out, split, profile, tokens, sizes):
    """Evenly spaced windows of the first nine tenths; the rest is filler."""
    vocabulary, window, windows = SHAPES[profile]
    usable = len(tokens) * 9 // 10
    step = (usable - window - 1) / max(windows - 1, 1)
    starts = [int(index * step) for index in range(windows)]
    shape = {"vocabulary": vocabulary, "window": window, "windows": windows}
    write(out, f"{split}/shape.json", json.dumps(shape).encode())
    pieces = [range(start, start + window + 1) for start in starts]
    write(out, f"{split}/tokens.bin", b"".join(pack(tokens[piece.start:piece.stop]) for piece in pieces))
    write(out, f"{split}/bytes.bin", bytes(min(sizes(tokens, i), 255) for piece in pieces for i in piece))
    write(out, f"{split}/filler.bin", pack(tokens[usable:]))


def pack(tokens):
    return struct.pack(f"<{len(tokens)}H", *tokens)


def smoke(out, drifts):
    """A language of 64 tokens: what comes next depends on the two tokens before, with a common preference and noise."""
    rng = random.Random(60525)
    vocabulary = SHAPES["smoke"][0]
    first = [rng.randrange(vocabulary) for _ in range(vocabulary)]
    second = [[rng.randrange(vocabulary) for _ in range(8)] for _ in range(vocabulary)]
    lengths = [1 + token % 4 for token in range(vocabulary)]

    def stream(count):
        tokens = [0, 1]
        while len(tokens) < count:
            before, last = tokens[-2:]
            draw = rng.random()
            if draw < 0.45:
                tokens.append(first[last])
            elif draw < 0.85:
                tokens.append(second[last][before % 8])
            else:
                tokens.append(int(rng.random() ** 2 * vocabulary))
        return tokens

    train, validation = stream(120_000), stream(4_000)
    write(out, "train/fineweb_train_000001.bin", pack(train))
    write(out, "train/fineweb_val_000000.bin", pack(validation))
    if drifts:
        first[::2] = [rng.randrange(vocabulary) for _ in first[::2]]
    for split in ("heldout", "sealed"):
        write_split(out, split, "smoke", stream(6_000), lambda tokens, i: lengths[tokens[i]])
    digest = hashlib.sha256()
    for folder, _, names in sorted(os.walk(out)):
        for name in sorted(names):
            with open(os.path.join(folder, name), "rb") as file:
                digest.update(file.read())
    expected = SMOKE_TTT_DIGEST if drifts else SMOKE_DIGEST
    if digest.hexdigest() != expected:
        sys.exit(f"parameter-golf: the generated data has digest {digest.hexdigest()}, expected {expected}")


def full(out):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pins.json")) as file:
        pins = json.load(file)
    vocabulary = read_vocabulary(fetch(f"{TOKENIZER}.vocab", pins))
    fetch(f"{TOKENIZER}.model", pins, os.path.join(out, "train", "tokenizer.model"))
    for index in range(SHARDS):
        name = f"fineweb_train_{index:06d}.bin"
        fetch(f"{VARIANT}/{name}", pins, os.path.join(out, "train", name))
    # Upstream's script wants a validation file beside its training data: it gets text that it trains on.
    with open(os.path.join(out, "train", "fineweb_train_000000.bin"), "rb") as file:
        header, body = bytearray(file.read(HEADER)), file.read(2 * PUBLIC_VALIDATION)
    struct.pack_into("<i", header, 8, len(body) // 2)
    write(out, "train/fineweb_val_000000.bin", bytes(header) + body)
    shard = fetch(f"{VARIANT}/fineweb_val_000000.bin", pins)[HEADER:]
    tokens = struct.unpack(f"<{len(shard) // 2}H", shard)
    half = len(tokens) // 2
    sizes = lambda part, i: token_bytes(vocabulary, part[i - 1] if i else None, part[i])  # noqa: E731
    write_split(out, "heldout", "full", tokens[:half], sizes)
    write_split(out, "sealed", "full", tokens[half:], sizes)


def read_vocabulary(content):
    """SentencePiece's .vocab: a piece and its score a line. For each token: bytes of its text, whether a space leads, whether it is text."""
    result = []
    for line in content.decode().splitlines():
        piece = line.split("\t")[0]
        if piece in ("<unk>", "<s>", "</s>", "<pad>"):
            result.append((0, False, False))
        elif len(piece) == 6 and piece.startswith("<0x"):
            result.append((1, False, True))
        else:
            leads = piece.startswith("\u2581")
            result.append((len(piece[leads:].encode()), leads, True))
    return result


def token_bytes(vocabulary, previous, token):
    """Bytes of raw text that a token stands for: a leading space counts where text comes before it."""
    size, leads, _ = vocabulary[token]
    return size + (1 if leads and previous is not None and vocabulary[previous][2] else 0)


def fetch(name, pins, place=None):
    """A file of the hub, compared with its pin; its content, or nothing where it is written to a place."""
    pin = pins.get(name)
    if pin is None and os.environ.get("ASSAY_UNPINNED_DATA") != "accept":
        sys.exit(f"parameter-golf: '{name}' has no digest in data/pins.json. Set ASSAY_UNPINNED_DATA=accept to take what the hub "
                 "has now; the digests are printed, write them into data/pins.json so that everybody measures the same")
    digest, parts = hashlib.sha256(), []
    if place:
        os.makedirs(os.path.dirname(place), exist_ok=True)
    try:
        with urllib.request.urlopen(HUB + name, timeout=60) as source, open(place or os.devnull, "wb") as target:
            while piece := source.read(1 << 20):
                digest.update(piece)
                target.write(piece)
                if not place:
                    parts.append(piece)
    except (OSError, urllib.error.URLError) as error:
        sys.exit(f"parameter-golf: cannot fetch {HUB + name}: {error}; check the network")
    if pin is not None and digest.hexdigest() != pin:
        sys.exit(f"parameter-golf: '{name}' has digest {digest.hexdigest()}, expected {pin}; it is not the pinned data")
    if pin is None:
        print(f'"{name}": "{digest.hexdigest()}",', flush=True)
    return b"".join(parts)


if __name__ == "__main__":
    main()
