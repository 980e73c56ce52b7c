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
POLICY, VERDICT, REPORT, AUDIT, REVOCATION = (
    "https://assay.dev/" + kind + "/v1" for kind in ("evaluation-policy", "verdict", "final-report", "audit", "revocation")
)
PROVENANCE, JOB = "https://slsa.dev/provenance/v1", "https://assay.dev/job/v1"


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
        kind, payload = wire["payloadType"], unbase64(wire["payload"])
        signature = unbase64(wire["signatures"][0]["sig"])
        message = b"DSSEv1 %d %s %d %s" % (len(kind.encode()), kind.encode(), len(payload), payload)
        require(kind == "application/vnd.in-toto+json" and is_signed(key, signature, message), "a statement is not signed")
        statement = json.loads(payload)
        require(statement["_type"] == "https://in-toto.io/Statement/v1", "a statement is of another type")
        return statement["predicateType"], statement["predicate"], statement["subject"]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise Refused("a statement is malformed") from None


def check_jobs(facts, run, trial, objects):
    """What runners signed of a trial's jobs: by keys that the evaluator vouches for, of this trial, with all its artifacts."""
    digests, made = facts.get("provenance_sha256"), set()
    if digests is None:
        return set()
    keys = [unbase64(text.removeprefix("assay-ed25519:")) for text in facts.get("runner_keys", [])]
    for digest in digests:
        require(digest in objects, f"what a runner signed of trial {trial} is missing")
        kind, predicate, subjects = read_by_one(objects[digest], keys)
        job = predicate["buildDefinition"]
        asked = job["externalParameters"]
        require(kind == PROVENANCE and job["buildType"] == JOB, f"a runner of trial {trial} signed for something else than a job")
        require(asked["run"] == run and asked["trial"] == trial, f"a runner's statement of trial {trial} is of another job")
        made |= {subject["digest"].get("sha256") for subject in subjects}
        host, named = predicate["runDetails"]["assay_host"], facts.get("hardware")
        models = sorted({gpu["model"] for gpu in host.get("gpus") or []})
        ran_on = ", ".join([host["cpu"], *models])
        require(not named or not host["cpu"] or ran_on == named, f"a job of trial {trial} ran on other hardware")
    require(set(facts.get("artifacts_sha256", [])) <= made, f"an artifact of trial {trial} came from no job that a runner signed for")
    return set(digests)


def read_by_one(envelope, keys):
    """A statement with one signature, by one of the keys."""
    try:
        require(len(json.loads(envelope)["signatures"]) == 1, "a job has one signature")
    except (ValueError, KeyError, TypeError):
        raise Refused("a statement is malformed") from None
    for key in keys:
        try:
            return read_statement(envelope, key)
        except Refused:
            pass
    raise Refused("a job is not signed by a runner that the evaluator vouches for")


class Record:
    """What the statements of a log say together; each is added in its turn."""

    def __init__(self, run, objects):
        self.run, self.objects = run, objects
        self.policy = self.task = self.reported = self.hardware = None
        self.rules_version, self.finished = 0, False
        self.labels, self.parents, self.envelopes, self.kept, self.named = {}, {}, {}, [], set()
        self.found, self.revoked = {}, {}

    def stands(self, trial):
        """Neither revoked, nor descended from a trial that was revoked without a rule that its descendants were screened by."""
        if trial in self.revoked:
            return False
        while trial and trial in self.parents:
            trial = self.parents[trial]
            if self.revoked.get(trial) is False:
                return False
        return True

    @property
    def best(self):
        if self.reported is not None and self.stands(self.reported):
            return self.reported
        return next((trial for trial in reversed(self.kept) if self.stands(trial)), 0)

    def add(self, index, envelope, kind, predicate):
        require(predicate["run"] == self.run, f"statement {index} does not belong here")
        require(not self.finished or kind in (AUDIT, REVOCATION), f"statement {index} follows the final report")
        if kind == POLICY:
            require(index == 0, "rules are registered first or not at all")
            self.policy, self.task, self.rules_version = sha(envelope).hex(), predicate["taskDigest"], predicate["rulesVersion"]
        elif kind == VERDICT:
            self.add_verdict(predicate, envelope)
        elif kind == REPORT:
            require(predicate["best"] in self.kept, "the report names a trial that was never kept")
            require(self.stands(predicate["best"]), "the report names a trial that was revoked before")
            self.reported, self.finished = predicate["best"], True
        elif kind == AUDIT:
            require(predicate["rulesVersion"] >= self.rules_version, "an audit by older rules than were in force")
            self.rules_version = predicate["rulesVersion"]
            if self.policy is not None:
                self.task = predicate["taskDigest"]
            self.found[sha(envelope).hex()] = predicate["revoked"]
        elif kind == REVOCATION:
            self.add_revocation(predicate, index)
        else:
            raise Refused(f"statement {index} is of no known kind")

    def add_verdict(self, predicate, envelope):
        trial, label, facts = predicate["trial"], predicate["label"], predicate["facts"]
        require(trial not in self.labels, f"trial {trial} has two verdicts")
        require(facts.get("policy_sha256") == self.policy, f"trial {trial} was judged by other rules")
        require(self.policy is None or facts["task_digest"] == self.task, f"trial {trial} was judged on another task")
        require(trial == 0 or (facts["parent"] < trial and label != "baseline"), f"trial {trial} has no place in the tree")
        own = facts.get("hardware")
        require(not own or not self.hardware or self.hardware == own, f"trial {trial} was measured on other hardware")
        self.hardware = self.hardware or own
        self.labels[trial], self.parents[trial], self.envelopes[trial] = label, facts["parent"], sha(envelope).hex()
        if label in ("keep", "baseline"):
            self.kept.append(trial)
        self.named |= {facts["proposal_sha256"], facts["log_sha256"]} | check_jobs(facts, self.run, trial, self.objects)
        if facts["snapshot"]:
            require(facts["snapshot"] in self.objects, f"the recipe of trial {trial} is missing")
            lines = self.objects[facts["snapshot"]].split(b"\n")[:-1]
            self.named |= {facts["snapshot"]} | {line.partition(b"\0")[2].decode() for line in lines}

    def add_revocation(self, predicate, index):
        trial, audit = predicate["trial"], predicate.get("auditSha256")
        require(trial in self.envelopes and self.envelopes[trial] == predicate["verdictSha256"], f"statement {index} revokes nothing")
        require(self.labels[trial] in ("keep", "discard") and trial not in self.revoked, f"statement {index} has nothing to take back")
        require(audit is None or trial in self.found.get(audit, []), f"the audit of statement {index} did not find trial {trial}")
        self.revoked[trial] = audit is not None

    def end(self):
        for trial in (trial for found in self.found.values() for trial in found):
            require(trial in self.revoked, f"an audit found trial {trial}, which is not revoked")
        require(self.named == set(self.objects), "recipes, proposals and outputs are not those that were signed for")


def check_record(statements, run, key, objects):
    record = Record(run, objects)
    for index, envelope in enumerate(statements):
        kind, predicate, _ = read_statement(envelope, key)
        try:
            record.add(index, envelope, kind, predicate)
        except (KeyError, TypeError, AttributeError):
            raise Refused(f"statement {index} lacks what its kind has") from None
    record.end()
    return record


def verify(files, evaluator_key=None, earlier=None, allow_uncosigned=False):
    """Verifies the files of a bundle, by name; returns the record that they make."""
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
    return check_record(statements, run, key, dict(zip(digests, parts)))


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
        record = verify(files, options.evaluator_key, earlier, options.allow_uncosigned)
    except Refused as why:
        print(f"do not believe {options.folder}: {why}")
        sys.exit(4)
    revoked = f", {len(record.revoked)} of them revoked" if record.revoked else ""
    gone = "; its final report is about a trial that was revoked since" if record.finished and not record.stands(record.reported) else ""
    print(f"run {record.run}: {len(record.labels)} verdicts hold{revoked}, best trial {record.best}{gone}")


if __name__ == "__main__":
    main()
