"""Verifies a record that `assay export --proofs DIR` wrote, sharing no code with Assay: docs/proof-format.md is all it follows.

    python verify_proofs.py DIR [--evaluator-key assay-ed25519:...] [--earlier CHECKPOINT] [--allow-uncosigned]

Needs the package `cryptography`. Prints one line and exits with 0 when everything holds, with 4 when something does not.
"""

import argparse
import base64
import hashlib
import json
import os
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FILES = ["checkpoint", "keys", "objects", "statements"]
POLICY, VERDICT, REPORT = ("https://assay.dev/" + kind + "/v1" for kind in ("evaluation-policy", "verdict", "final-report"))


class Refused(Exception):
    """Why a record is not believed."""


def sha(data):
    return hashlib.sha256(data).digest()


def require(condition, why):
    if not condition:
        raise Refused(why)


def unbase64(text):
    """Base64 of which every text has exactly one form."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("broken base64") from None
    require(base64.b64encode(data).decode() == text, "base64 in another form")
    return data


def is_signed(key, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def read_key(line, name):
    require(line.startswith(name + " assay-ed25519:"), "keys are malformed")
    key = unbase64(line.removeprefix(name + " assay-ed25519:"))
    require(len(key) == 32, "a key has 32 bytes")
    return key


def read_parts(data):
    parts, place = [], 0
    while place < len(data):
        require(len(data) - place >= 4, "ends inside a length")
        (length,) = struct.unpack_from(">I", data, place)
        require(length <= len(data) - place - 4, "ends inside a part")
        parts.append(data[place + 4 : place + 4 + length])
        place += 4 + length
    return parts


def read_note(data):
    """A C2SP signed note: its text, and (name, signature bytes) of each line below it."""
    try:
        text, _, lines = data.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise Refused("the checkpoint is not text") from None
    require(lines.endswith("\n"), "the checkpoint has no signatures")
    signatures = []
    for line in lines[:-1].split("\n"):
        parts = line.split(" ")
        require(len(parts) == 3 and parts[0] == "\u2014" and parts[1], "a signature line is malformed")
        signatures.append((parts[1], unbase64(parts[2])))
    return text + "\n", signatures


def read_checkpoint(text):
    lines = text.split("\n")
    require(len(lines) == 4 and lines[3] == "", "the checkpoint has no three lines")
    require(lines[0].startswith("assay.dev/lineage/"), "the checkpoint is of another kind of log")
    require(lines[1].isascii() and lines[1].isdigit() and str(int(lines[1])) == lines[1], "the size is no number")
    root = unbase64(lines[2])
    require(len(root) == 32, "the root is no hash")
    return lines[0].removeprefix("assay.dev/lineage/"), int(lines[1]), root


def key_id(name, kind, key):
    return sha(name.encode() + b"\n" + bytes([kind]) + key)[:4]


def is_log_signature(signature, text, key):
    name, data = signature
    origin = text.split("\n")[0]
    return name == origin and data[:4] == key_id(name, 1, key) and is_signed(key, data[4:], text.encode())


def is_cosignature(signature, text, key):
    name, data = signature
    if name != "assay.dev/evaluator" or len(data) != 76 or data[:4] != key_id(name, 4, key):
        return False
    (seconds,) = struct.unpack(">Q", data[4:12])
    return is_signed(key, data[12:], f"cosignature/v1\ntime {seconds}\n{text}".encode())


def merkle_root(leaves):
    """RFC 6962, 2.1, level by level: a node without a sibling moves up as it is."""
    if not leaves:
        return sha(b"")
    while len(leaves) > 1:
        pairs = [sha(b"\x01" + leaves[i] + leaves[i + 1]) for i in range(0, len(leaves) - 1, 2)]
        leaves = pairs + leaves[len(leaves) & ~1 :]
    return leaves[0]


def read_statement(envelope, key):
    try:
        wire = json.loads(envelope)
        kind, payload = wire["payloadType"], base64.b64decode(wire["payload"], validate=True)
        signature = base64.b64decode(wire["signatures"][0]["sig"], validate=True)
        message = b"DSSEv1 %d %s %d %s" % (len(kind.encode()), kind.encode(), len(payload), payload)
        require(kind == "application/vnd.in-toto+json" and is_signed(key, signature, message), "a statement is not signed")
        statement = json.loads(payload)
        require(statement["_type"] == "https://in-toto.io/Statement/v1", "a statement is of another type")
        return statement["predicateType"], statement["predicate"]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise Refused("a statement is malformed") from None


def check_record(statements, run, key, objects):
    policy, verdicts, named, finished, best = None, {}, set(), False, 0
    for index, envelope in enumerate(statements):
        kind, predicate = read_statement(envelope, key)
        require(predicate["run"] == run and not finished, f"statement {index} does not belong here")
        if kind == POLICY:
            require(index == 0, "rules are registered first or not at all")
            policy = sha(envelope).hex()
        elif kind == VERDICT:
            trial, facts = predicate["trial"], predicate["facts"]
            require(trial not in verdicts, f"trial {trial} has two verdicts")
            require(facts.get("policy_sha256") == policy, f"trial {trial} was judged by other rules")
            require(trial == 0 or (facts["parent"] < trial and predicate["label"] != "baseline"), f"trial {trial} has no place in the tree")
            verdicts[trial] = predicate["label"]
            best = trial if predicate["label"] in ("keep", "baseline") else best
            named |= {facts["proposal_sha256"], facts["log_sha256"]}
            if facts["snapshot"]:
                require(facts["snapshot"] in objects, f"the recipe of trial {trial} is missing")
                lines = objects[facts["snapshot"]].split(b"\n")[:-1]
                named |= {facts["snapshot"]} | {line.partition(b"\0")[2].decode() for line in lines}
        elif kind == REPORT:
            require(verdicts.get(predicate["best"]) in ("keep", "baseline"), "the report names a trial that was never kept")
            best, finished = predicate["best"], True
        else:
            raise Refused(f"statement {index} is of no known kind")
    require(named == set(objects), "recipes, proposals and outputs are not those that were signed for")
    return len(verdicts), best


def verify(files, evaluator_key=None, earlier=None, allow_uncosigned=False):
    """Verifies the files of a bundle, by name; returns run, number of trials and best trial."""
    require(sorted(files) == FILES, "a bundle has the files " + ", ".join(FILES))
    try:
        lines = files["keys"].decode().split("\n")
    except UnicodeDecodeError:
        raise Refused("keys are malformed") from None
    require(len(lines) == 3 and lines[2] == "", "keys are malformed")
    log_key, key = read_key(lines[0], "log"), read_key(lines[1], "evaluator")
    require(evaluator_key in (None, key), "another evaluator's key")
    text, signatures = read_note(files["checkpoint"])
    run, size, root = read_checkpoint(text)
    require(len(signatures) in (1, 2) and is_log_signature(signatures[0], text, log_key), "the log did not sign the checkpoint")
    require(len(signatures) == 2 or allow_uncosigned, "the evaluator has not vouched for the checkpoint")
    require(all(is_cosignature(line, text, key) for line in signatures[1:]), "the evaluator's line does not fit")
    statements = read_parts(files["statements"])
    leaves = [sha(b"\x00" + statement) for statement in statements]
    require(len(leaves) == size and merkle_root(leaves) == root, "the statements are not those of the checkpoint")
    if earlier is not None:
        old_text, old_signatures = read_note(earlier)
        old_run, old_size, old_root = read_checkpoint(old_text)
        require(is_log_signature(old_signatures[0], old_text, log_key), "the log did not sign the earlier checkpoint")
        require(old_run == run and old_size <= size and merkle_root(leaves[:old_size]) == old_root, "the log has forked")
    parts = read_parts(files["objects"])
    digests = [sha(part).hex() for part in parts]
    require(all(a < b for a, b in zip(digests, digests[1:])), "objects are not in the order of their digests")
    trials, best = check_record(statements, run, key, dict(zip(digests, parts)))
    return run, trials, best


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--evaluator-key", type=lambda text: base64.b64decode(text.removeprefix("assay-ed25519:")))
    parser.add_argument("--earlier", type=argparse.FileType("rb"))
    parser.add_argument("--allow-uncosigned", action="store_true")
    options = parser.parse_args()
    files = {}
    for name in os.listdir(options.folder):
        with open(os.path.join(options.folder, name), "rb") as file:
            files[name] = file.read()
    try:
        earlier = options.earlier.read() if options.earlier else None
        run, trials, best = verify(files, options.evaluator_key, earlier, options.allow_uncosigned)
    except Refused as why:
        print(f"do not believe {options.folder}: {why}")
        sys.exit(4)
    print(f"run {run}: {trials} verdicts hold, best trial {best}")


if __name__ == "__main__":
    main()
