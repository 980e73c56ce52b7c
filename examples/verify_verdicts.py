"""Verifies signed verdicts with nothing of Assay: JSON, base64 and the package `cryptography`.

    assay show TRIAL --json --state STATE | python verify_verdicts.py assay-ed25519:...

Reads one JSON object a line with the key `envelope`, and prints what the evaluator signed. Exits 4 when a signature is wrong.
"""

import base64
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

key = Ed25519PublicKey.from_public_bytes(base64.b64decode(sys.argv[1].removeprefix("assay-ed25519:")))
for line in sys.stdin:
    envelope = json.loads(json.loads(line)["envelope"])
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    try:
        key.verify(base64.b64decode(envelope["signatures"][0]["sig"]), message)
    except InvalidSignature:
        print("NOT SIGNED by this key")
        sys.exit(4)
    verdict = json.loads(payload)["predicate"]
    print(f"trial {verdict['trial']} {verdict['label']} {verdict['score'] or '-'}")
