"""Scorer of nanochat-d12. Runs at the evaluator only, never beside a recipe.

heldout: tasks.json, {"tasks": [{"name", "chance", "items": [...]}]}, and tokens.bin (uint16). An item is {"options": [[start, middle, end], ...],
"gold": i} or {"prompt": [start, end], "answer": [token, ...]}.

inputs: group `a` has every item without its answer, in an order drawn from the nonce, the options of a choice too; group `b` a random third of
them in other orders.

judge: for each task the share of right answers, less what chance gives, over what is left above chance; `core` is the mean over tasks. What counts
as right is decided here: the option of the lowest loss, or the very tokens that follow. Options of the same tokens are one answer: nothing could
tell them apart. An answer may depend on its own item alone, so it is the same in both groups (rule `independence`); a few near ties may fall
either way.
"""
import argparse
import hashlib
import json
import os
import stat
import sys

import numpy as np

GROUPS = ("a", "b")
MAY_DIFFER = 0.01            # share of the items of group `b`


class Malformed(Exception):
    pass


def load(folder):
    with open(os.path.join(folder, "tasks.json")) as file:
        return json.load(file)["tasks"]


def read_tokens(folder):
    return np.fromfile(os.path.join(folder, "tokens.bin"), "<u2")


def plan(nonce, tasks):
    """For each group its items in order: which task, which item, and in which order its options."""
    rng = np.random.default_rng(list(hashlib.sha256(f"nanochat-d12/{nonce}".encode()).digest()))
    every = [(t, i) for t, task in enumerate(tasks) for i in range(len(task["items"]))]

    def shown(share):
        chosen = rng.permutation(len(every))[:max(1, int(share * len(every)))]
        result = []
        for place in chosen:
            t, i = every[place]
            count = len(tasks[t]["items"][i].get("options", []))
            result.append((t, i, [int(o) for o in rng.permutation(count)]))
        return result

    return {"a": shown(1.0), "b": shown(1 / 3)}


def inputs(arguments):
    tasks = load(arguments.heldout)
    tokens = read_tokens(arguments.heldout)
    for group, places in plan(arguments.nonce, tasks).items():
        folder = os.path.join(arguments.out, group)
        os.makedirs(folder, exist_ok=True)
        items, pieces, length = [], [], 0
        for t, i, order in places:
            item = tasks[t]["items"][i]
            if "options" in item:
                options = []
                for o in order:
                    start, middle, end = item["options"][o]
                    options.append([length, length + middle - start, length + end - start])
                    pieces.append(tokens[start:end])
                    length += end - start
                items.append({"options": options})
            else:
                start, end = item["prompt"]
                items.append({"prompt": [length, length + end - start], "length": len(item["answer"])})
                pieces.append(tokens[start:end])
                length += end - start
        with open(os.path.join(folder, "items.json"), "w") as file:
            json.dump(items, file)
        np.concatenate(pieces).astype("<u2").tofile(os.path.join(folder, "tokens.bin"))


def option_text(tokens, item, option):
    """An option as its tokens, and how many of them come before what is asked for."""
    start, middle, end = item["options"][option]
    return middle - start, tokens[start:end].tobytes()


def answers(folder, group, tasks, tokens, places):
    """What was answered, by task and item: an option's text, or the tokens. The file comes from untrusted code."""
    path = os.path.join(folder, group, "predictions.bin")
    sizes = [len(order) or len(tasks[t]["items"][i]["answer"]) for t, i, order in places]
    try:
        status = os.lstat(path)
    except OSError:
        raise Malformed(f"group {group}: predictions.bin is missing")
    if not stat.S_ISREG(status.st_mode) or status.st_size != 4 * sum(sizes):
        raise Malformed(f"group {group}: predictions.bin has {status.st_size} bytes, expected a file of {4 * sum(sizes)}")
    with open(path, "rb") as file:
        content = file.read(4 * sum(sizes))
    result, start = {}, 0
    for (t, i, order), size in zip(places, sizes):
        if order:
            losses = np.frombuffer(content, "<f4", size, start)
            if not np.isfinite(losses).all():
                raise Malformed(f"group {group}: a loss is not finite")
            result[t, i] = option_text(tokens, tasks[t]["items"][i], order[int(losses.argmin())])
        else:
            result[t, i] = tuple(int(token) for token in np.frombuffer(content, "<i4", size, start))
        start += 4 * size
    return result


def judge(arguments):
    tasks = load(arguments.heldout)
    tokens = read_tokens(arguments.heldout)
    places = plan(arguments.nonce, tasks)
    try:
        a, b = (answers(arguments.predictions, group, tasks, tokens, places[group]) for group in GROUPS)
    except Malformed as error:
        return {"metrics": {}, "illegal": None, "malformed": str(error)}
    differ = sum(1 for item, answer in b.items() if a[item] != answer)
    if differ > MAY_DIFFER * len(b):
        evidence = f"{differ} of {len(b)} items got another answer when fewer were asked, in another order"
        return {"metrics": {}, "illegal": {"rule": "independence", "evidence": evidence}, "malformed": None}
    metrics, centred = {}, []
    for t, task in enumerate(tasks):
        right = sum(
            1 for i, item in enumerate(task["items"])
            if a[t, i] == (option_text(tokens, item, item["gold"]) if "options" in item else tuple(item["answer"])))
        share = right / len(task["items"])
        centred.append((share - task["chance"]) / (1 - task["chance"]))
    metrics["core"] = f"{sum(centred) / len(centred):.6f}"
    return {"metrics": metrics, "illegal": None, "malformed": None}


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("inputs", "judge"):
        command = commands.add_parser(name)
        command.add_argument("--heldout", required=True)
        command.add_argument("--nonce", required=True)
    commands.choices["inputs"].add_argument("--out", required=True)
    commands.choices["judge"].add_argument("--inputs", required=True)
    commands.choices["judge"].add_argument("--predictions", required=True)
    arguments = parser.parse_args()
    if arguments.command == "inputs":
        inputs(arguments)
    else:
        json.dump(judge(arguments), sys.stdout)
        print()


if __name__ == "__main__":
    main()
