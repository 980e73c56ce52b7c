"""Answers held-out questions from the artifact, in a fresh process that has no training data.

inputs/items.json: a list of items. A choice is {"options": [[start, middle, end], ...]}: tokens start to end of tokens.bin are a whole text, and
what is asked for is the mean loss of those from middle on. A continuation is {"prompt": [start, end], "length": n}: the n tokens that follow.
Output, int32 or float32 each, item after item: for a choice one loss an option, for a continuation its tokens.
"""
import argparse
import json
import os
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--recipe", default="/recipe")
parser.add_argument("--artifact", required=True)
parser.add_argument("--inputs", required=True)
parser.add_argument("--out", required=True)
arguments = parser.parse_args()
sys.path.insert(0, arguments.recipe)

import numpy as np  # noqa: E402

import entry  # noqa: E402

with open(os.path.join(arguments.inputs, "items.json")) as file:
    items = json.load(file)
tokens = np.fromfile(os.path.join(arguments.inputs, "tokens.bin"), "<u2")
with open(os.path.join(arguments.artifact, "artifact.bin"), "rb") as file:
    model = entry.load(file.read())
with open(os.path.join(arguments.out, "predictions.bin"), "wb") as file:
    for item in items:
        if "options" in item:
            texts = [tokens[start:end].astype(np.int64) for start, _, end in item["options"]]
            losses = np.asarray(entry.losses(model, texts, [middle - start for start, middle, _ in item["options"]]))
            if losses.shape != (len(texts),):
                sys.exit(f"losses gave shape {losses.shape}, expected {(len(texts),)}")
            file.write(losses.astype("<f4").tobytes())
        else:
            start, end = item["prompt"]
            answer = np.asarray(entry.generate(model, tokens[start:end].astype(np.int64), item["length"]))
            if answer.shape != (item["length"],):
                sys.exit(f"generate gave shape {answer.shape}, expected {(item['length'],)}")
            file.write(answer.astype("<i4").tobytes())
