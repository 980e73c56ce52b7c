"""Signed statements: in-toto Statement v1 in a DSSE envelope with one Ed25519 signature (docs/verdict-format.md)."""

import base64
import json
import math

from .identity import IdentityKey, PublicIdentity

PAYLOAD_TYPE = "application/vnd.in-toto+json"
POLICY = "https://assay.dev/evaluation-policy/v1"
VERDICT = "https://assay.dev/verdict/v1"
REPORT = "https://assay.dev/final-report/v1"


def _encoding(kind: str, payload: bytes) -> bytes:
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def sign(predicate_type: str, subject: list, predicate: dict, key: IdentityKey) -> bytes:
    """The envelope, as JSON."""
    statement = {
        "_type": "https://in-toto.io/Statement/v1", "predicateType": predicate_type, "subject": subject,
        "predicate": predicate,
    }
    payload = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    signature = key.sign(_encoding(PAYLOAD_TYPE, payload))
    return json.dumps({
        "payload": base64.b64encode(payload).decode(), "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": str(key.public), "sig": base64.b64encode(signature).decode()}],
    }, sort_keys=True, separators=(",", ":")).encode()


def verify(envelope: bytes, key: PublicIdentity) -> dict:
    """The statement, when `key` signed it. Raises ValueError. Nothing is believed before that."""
    outer = json.loads(envelope)
    payload = base64.b64decode(outer["payload"], validate=True)
    message = _encoding(outer["payloadType"], payload)
    if outer["payloadType"] != PAYLOAD_TYPE or not any(
            key.verifies(base64.b64decode(s["sig"], validate=True), message) for s in outer["signatures"]):
        raise ValueError(f"the envelope is not signed by {key}")
    return json.loads(payload)


def decimal(value: float) -> str:
    """Plain decimal text with at most six places: what is signed is what is read. Empty for what is no finite number."""
    if not math.isfinite(value) or abs(value) >= 1e12:
        return ""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
