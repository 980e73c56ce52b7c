"""Who somebody is: an Ed25519 key, and whom a server trusts."""

import base64
import json
import os
import secrets
import stat

from . import curves

_PUBLIC = "assay-ed25519:"
_PRIVATE = "assay-ed25519-private:"


class PublicIdentity:
    """The public half of an identity; as text `assay-ed25519:` and base64."""

    def __init__(self, key: bytes):
        if len(key) != 32:
            raise ValueError(f"a public key has 32 bytes, this one has {len(key)}")
        self.key = bytes(key)

    @classmethod
    def parse(cls, text: str) -> "PublicIdentity":
        text = text.strip()
        if not text.startswith(_PUBLIC):
            raise ValueError(f"{text[:80]!r} is no public key; it looks like {_PUBLIC} and 44 characters of base64")
        return cls(base64.b64decode(text[len(_PUBLIC):], validate=True))

    def verifies(self, signature: bytes, message: bytes) -> bool:
        return curves.ed25519_verify(self.key, message, signature)

    def __str__(self) -> str:
        return _PUBLIC + base64.b64encode(self.key).decode()

    def __eq__(self, other) -> bool:
        return isinstance(other, PublicIdentity) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)


class IdentityKey:
    """A private key, in a file that nobody else can read."""

    def __init__(self, seed: bytes):
        self._seed = seed
        self.public = PublicIdentity(curves.ed25519_public(seed))

    @classmethod
    def generate(cls) -> "IdentityKey":
        return cls(secrets.token_bytes(32))

    @classmethod
    def load(cls, path: str) -> "IdentityKey":
        """Reads what `assay keys init` or `create` has written."""
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, encoding="ascii") as file:
            mode = os.fstat(file.fileno())
            if not stat.S_ISREG(mode.st_mode) or mode.st_mode & 0o077:
                raise PermissionError(f"the key {path} can be read by others; run `chmod 600 {path}` as its owner")
            text = file.read(256).strip()
        if not text.startswith(_PRIVATE):
            raise ValueError(f"{path} holds no private key; make one with `assay keys init`")
        return cls(base64.b64decode(text[len(_PRIVATE):], validate=True))

    @classmethod
    def load_or_create(cls, path: str) -> "IdentityKey":
        try:
            return cls.load(path)
        except FileNotFoundError:
            key = cls.generate()
            # Whole and on the disk before it has its name: half a key, or one that a power cut takes away, signs nothing more.
            draft = f"{path}.{os.getpid()}.{os.urandom(4).hex()}"
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                with os.fdopen(descriptor, "w", encoding="ascii") as file:
                    file.write(_PRIVATE + base64.b64encode(key._seed).decode() + "\n")
                    file.flush()
                    os.fsync(file.fileno())
                os.link(draft, path)
            except FileExistsError:
                return cls.load(path)
            finally:
                os.unlink(draft)
            folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
            return key

    def sign(self, message: bytes) -> bytes:
        return curves.ed25519_sign(self._seed, message)


class TrustStore:
    """Who may call: name and roles by public key. The file is followed while a server runs."""

    def __init__(self, entries: list[tuple[str, list[str], PublicIdentity]]):
        self._by_key = {identity: (name, frozenset(roles)) for name, roles, identity in entries}
        if len(self._by_key) != len(entries):
            raise ValueError("a key is listed twice; give each identity a key of its own")

    @classmethod
    def load(cls, path: str) -> "TrustStore":
        with open(path, encoding="utf-8") as file:
            entries = json.load(file)["trust"]
        return cls([(e["name"], e["roles"], PublicIdentity.parse(e["key"])) for e in entries])

    def find(self, identity: PublicIdentity):
        """Name and roles, or None."""
        return self._by_key.get(identity)
