"""The handshake that opens a session, and the MAC of each call (docs/wire-protocol.md, section 3)."""

import hashlib
import hmac
import secrets

from . import curves

VERSION = 1
MAXIMUM_MESSAGE = 8 << 20
SOCKET_LIMIT = 16 << 20
REPLAY_WINDOW = 4096


def fields(domain: str, *values) -> bytes:
    """A transcript: numbers as 8 bytes, bytes and text with their length before them."""
    parts = []
    for value in (domain, *values):
        if isinstance(value, int):
            parts.append(value.to_bytes(8, "big"))
            continue
        data = value.encode() if isinstance(value, str) else value
        parts += [len(data).to_bytes(8, "big"), data]
    return b"".join(parts)


def hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """32 bytes of HKDF-SHA256 (RFC 5869): one block of its expansion."""
    extracted = hmac.digest(salt, secret, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


class SessionKeys:
    """One key for each direction."""

    def __init__(self, to_server: bytes, to_client: bytes):
        self.to_server = to_server
        self.to_client = to_client

    @classmethod
    def derive(cls, secret: bytes, transcript: tuple, client_key: bytes) -> "SessionKeys":
        salt = hashlib.sha256(fields("assay-rpc-v1 session", *transcript, client_key)).digest()
        return cls(
            hkdf(secret, salt, b"assay-rpc-v1 client to server"), hkdf(secret, salt, b"assay-rpc-v1 server to client"))

    def request_mac(self, r) -> bytes:
        values = [
            r.protocol_version, r.session_id, r.counter, r.method, r.call_id, r.attempt, r.timeout_ms,
            r.idempotency_key, len(r.metadata),
        ]
        for entry in r.metadata:
            values += [entry.key, entry.value]
        return hmac.digest(self.to_server, fields("assay-rpc-v1 request", *values, r.payload), "sha256")

    def response_mac(self, r) -> bytes:
        values = [
            r.protocol_version, r.call_id, r.counter, r.status.code, r.status.reason, r.status.message, len(r.metadata)
        ]
        for entry in r.metadata:
            values += [entry.key, entry.value]
        return hmac.digest(self.to_client, fields("assay-rpc-v1 response", *values, r.payload), "sha256")


class ReplayWindow:
    """Accepts each number once, and none far behind the highest."""

    def __init__(self):
        self._highest = 0
        self._seen = set()

    def accept(self, counter: int) -> bool:
        if counter <= 0 or counter + REPLAY_WINDOW <= self._highest or counter in self._seen:
            return False
        self._seen.add(counter)
        if counter > self._highest:
            self._highest = counter
            if len(self._seen) > 2 * REPLAY_WINDOW:
                self._seen = {known for known in self._seen if known + REPLAY_WINDOW > counter}
        return True


def random(count: int) -> bytes:
    return secrets.token_bytes(count)


agree = curves.x25519
keypair = curves.x25519_keypair
