"""Makes the data of nanochat-d12.

prepare.py --profile smoke --out DIR: a synthetic language and four small tasks in it, the same on every machine.
prepare.py --profile full --out DIR: from a base folder that upstream's own programs filled (ASSAY_NANOCHAT_BASE):
  base_data*/*.parquet     python -m nanochat.dataset
  tokenizer/               python -m scripts.tok_train
  eval_bundle/             the CORE bundle that upstream's evaluation downloads
  DIR/train gets text shards and tokenizer; DIR/heldout up to 500 items of each CORE task, DIR/sealed others where there are more.

The bundle's files are compared with pins.json. A file without a pin is refused, unless ASSAY_UNPINNED_DATA=accept is set: then its digest is printed,
to be written into pins.json.
"""
import argparse
import csv
import glob
import hashlib
import json
import os
import random
import shutil
import struct
import sys

ITEMS = 500
CONTEXT = 2048
SMOKE_DIGEST = "99392b1fcfbd22af0159b5198719f682fd5747849292034b6b88f4d866bc9b62"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--profile", required=True, choices=["smoke", "full"])
    arguments = parser.parse_args()
    (smoke if arguments.profile == "smoke" else full)(arguments.out)


class Split:
    """Tasks and the tokens of their items."""

    def __init__(self):
        self.tasks, self.tokens = [], []

    def place(self, tokens):
        start = len(self.tokens)
        self.tokens += tokens
        return start

    def choice(self, prompts, endings, gold):
        """One text an option; losses count on the endings."""
        options = []
        for prompt, ending in zip(prompts, endings):
            start = self.place(prompt + ending)
            options.append([start, start + len(prompt), start + len(prompt) + len(ending)])
        return {"options": options, "gold": gold}

    def continuation(self, prompt, answer):
        start = self.place(prompt)
        return {"prompt": [start, start + len(prompt)], "answer": answer}

    def write(self, out, name):
        folder = os.path.join(out, name)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "tasks.json"), "w") as file:
            json.dump({"tasks": self.tasks}, file)
        with open(os.path.join(folder, "tokens.bin"), "wb") as file:
            file.write(struct.pack(f"<{len(self.tokens)}H", *self.tokens))


def smoke(out):
    """64 tokens. A topic, 0 to 7, begins a sentence and decides which token prefers to follow which; one in four tokens is anything."""
    rng = random.Random(60525)
    after = [[rng.randrange(8, 64) for _ in range(64)] for _ in range(8)]
    shared = [rng.randrange(8, 64) for _ in range(64)]

    def sentence(length=12):
        topic = rng.randrange(8)
        tokens = [topic, rng.randrange(8, 64)]
        while len(tokens) < length:
            draw, last = rng.random(), tokens[-1]
            tokens.append(after[topic][last] if draw < 0.35 else shared[last] if draw < 0.75 else rng.randrange(8, 64))
        return tokens

    text = [token for _ in range(12_000) for token in sentence()]
    os.makedirs(os.path.join(out, "train"), exist_ok=True)
    with open(os.path.join(out, "train", "text.bin"), "wb") as file:
        file.write(struct.pack(f"<{len(text)}H", *text))
    for name in ("heldout", "sealed"):
        split = Split()
        ending, topical, long, next_token = [], [], [], []
        for _ in range(150):
            whole = sentence()
            other = [rng.randrange(8, 64) for _ in range(3)]
            right = [shared[whole[7]], shared[shared[whole[7]]]]
            ending.append(two(split, rng, whole[:8], right, other[:2]))
            topic, last = whole[0], whole[6]
            others = [after[(topic + step) % 8][last] for step in range(3, 11)]
            wrong = next(token for token in others if token != after[topic][last])
            topical.append(two(split, rng, whole[:7], [after[topic][last]], [wrong]))
            chain = [shared[whole[5]]]
            for _ in range(3):
                chain.append(shared[chain[-1]])
            long.append(two(split, rng, whole[:6], chain, chain[::-1]))
            next_token.append(split.continuation(whole[:9], [shared[whole[8]]]))
        split.tasks = [
            {"name": "ending", "chance": 0.5, "items": ending}, {"name": "topic", "chance": 0.5, "items": topical},
            {"name": "chain", "chance": 0.5, "items": long}, {"name": "next", "chance": 0.0, "items": next_token}]
        split.write(out, name)
    digest = hashlib.sha256()
    for folder, _, names in sorted(os.walk(out)):
        for name in sorted(names):
            with open(os.path.join(folder, name), "rb") as file:
                digest.update(file.read())
    if digest.hexdigest() != SMOKE_DIGEST:
        sys.exit(f"nanochat-d12: the generated data has digest {digest.hexdigest()}, expected {SMOKE_DIGEST}")


def two(split, rng, prompt, right, wrong):
    gold = rng.randrange(2)
    return split.choice([prompt, prompt], [right, wrong] if gold == 0 else [wrong, right], gold)


# The full profile.

def full(out):
    base = os.environ.get("ASSAY_NANOCHAT_BASE")
    if not base or not os.path.isdir(base):
        sys.exit("nanochat-d12: set ASSAY_NANOCHAT_BASE to a base folder of nanochat with base_data, tokenizer and eval_bundle "
                 "(python -m nanochat.dataset, python -m scripts.tok_train, and one evaluation by upstream make them)")
    shards = sorted(glob.glob(os.path.join(base, "base_data*", "*.parquet")))
    if len(shards) < 2:
        sys.exit(f"nanochat-d12: '{base}' has {len(shards)} text shards; python -m nanochat.dataset fetches them")
    for shard in shards:
        place = os.path.join(out, "train", os.path.basename(os.path.dirname(shard)), os.path.basename(shard))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        shutil.copyfile(shard, place)
    shutil.copytree(os.path.join(base, "tokenizer"), os.path.join(out, "train", "tokenizer"))
    encode, first = tokenizer(os.path.join(base, "tokenizer"))
    bundle = os.path.join(base, "eval_bundle")
    check(bundle)
    import yaml

    with open(os.path.join(bundle, "core.yaml")) as file:
        listed = yaml.safe_load(file)["icl_tasks"]
    with open(os.path.join(bundle, "eval_meta_data.csv"), newline="") as file:
        chance = {row["Eval Task"]: float(row["Random baseline"]) / 100 for row in csv.DictReader(file)}
    splits = {"heldout": Split(), "sealed": Split()}
    for task in listed:
        with open(os.path.join(bundle, "eval_data", task["dataset_uri"])) as file:
            data = [json.loads(line) for line in file if line.strip()]
        order = list(range(len(data)))
        random.Random(1337).shuffle(order)
        rest = order[ITEMS:2 * ITEMS]
        for name, chosen in (("heldout", order[:ITEMS]), ("sealed", rest if len(rest) >= 100 else order[:ITEMS])):
            split = splits[name]
            items = [item_of(split, task, data, index, encode, first) for index in chosen]
            split.tasks.append({
                "name": task["label"], "chance": chance[task["label"]], "items": [item for item in items if item]})
    for name, split in splits.items():
        split.write(out, name)


def item_of(split, task, data, index, encode, first):
    """An item as tokens: examples in front, then the question. Nil where nothing of it would be left to answer."""
    shots = int(task["num_fewshot"][0])
    delimiter = task.get("continuation_delimiter", " ")
    others = [other for other in range(len(data)) if other != index]
    examples = [data[other] for other in random.Random(1234 + index).sample(others, min(shots, len(others)))]
    item, kind = data[index], task["icl_task_type"]

    def shown(example):
        if kind == "multiple_choice":
            return example["query"] + delimiter + example["choices"][example["gold"]]
        if kind == "schema":
            return example["context_options"][example["gold"]] + delimiter + example["continuation"]
        return example["context"].strip() + delimiter + example["continuation"]

    before = "".join(shown(example) + "\n\n" for example in examples)
    if kind == "language_modeling":
        prompt = (before + item["context"].strip() + delimiter).strip()
        whole = [first] + encode(before + item["context"].strip() + delimiter + item["continuation"])
        asked = [first] + encode(prompt)
        answer = whole[len(asked):]
        if whole[:len(asked)] != asked or not answer:
            return None
        return split.continuation(asked[-(CONTEXT - len(answer)):], answer)
    if kind == "multiple_choice":
        texts = [before + item["query"] + delimiter + choice for choice in item["choices"]]
    else:
        texts = [before + option + delimiter + item["continuation"] for option in item["context_options"]]
    tokens = [[first] + encode(text) for text in texts]
    common = shared_length(tokens if kind == "multiple_choice" else [text[::-1] for text in tokens])
    middles = [common if kind == "multiple_choice" else len(text) - common for text in tokens]
    cut = [max(0, len(text) - CONTEXT) for text in tokens]
    if any(middle <= start or middle >= len(text) for middle, start, text in zip(middles, cut, tokens)):
        return None
    return split.choice(
        [text[start:middle] for text, start, middle in zip(tokens, cut, middles)],
        [text[middle:] for text, middle in zip(tokens, middles)], item["gold"])


def shared_length(sequences):
    """How many tokens all sequences begin with."""
    shortest = min(len(sequence) for sequence in sequences)
    for place in range(shortest):
        if any(sequence[place] != sequences[0][place] for sequence in sequences):
            return place
    return shortest


def tokenizer(folder):
    """Upstream's tokenizer: what turns text into tokens, and the token that begins a document."""
    import pickle

    # The user's own file, made by upstream's own program.
    with open(os.path.join(folder, "tokenizer.pkl"), "rb") as file:
        encoding = pickle.load(file)
    if encoding.n_vocab > 65_536:
        sys.exit(f"nanochat-d12: the tokenizer has {encoding.n_vocab} tokens; at most 65,536 can be used")
    return encoding.encode_ordinary, encoding.encode_single_token("<|bos|>")


def check(bundle):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pins.json")) as file:
        pins = json.load(file)
    names = ["core.yaml", "eval_meta_data.csv"]
    names += [os.path.relpath(path, bundle) for path in sorted(glob.glob(os.path.join(bundle, "eval_data", "**", "*.jsonl"), recursive=True))]
    for name in names:
        try:
            with open(os.path.join(bundle, name), "rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
        except OSError as error:
            sys.exit(f"nanochat-d12: the CORE bundle is not whole: {error}; let upstream's evaluation fetch it again")
        if name in pins and pins[name] != digest:
            sys.exit(f"nanochat-d12: '{name}' has digest {digest}, expected {pins[name]}; it is not the pinned bundle")
        if name not in pins:
            if os.environ.get("ASSAY_UNPINNED_DATA") != "accept":
                sys.exit(f"nanochat-d12: '{name}' has no digest in data/pins.json. Set ASSAY_UNPINNED_DATA=accept to take the bundle "
                         "as it is; the digests are printed, write them into data/pins.json so that everybody measures the same")
            print(f'"{name}": "{digest}",', flush=True)


if __name__ == "__main__":
    main()
