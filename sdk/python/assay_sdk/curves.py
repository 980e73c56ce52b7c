"""X25519 (RFC 7748) and Ed25519 (RFC 8032) without a compiled library.

Where the package `cryptography` is installed, it does the work: it is faster, and its time does not depend on secrets. The
arithmetic here is for hosts that have nothing but the standard library.
"""

import hashlib
import secrets

try:
    from cryptography.hazmat.primitives.asymmetric import ed25519 as _ed25519
    from cryptography.hazmat.primitives.asymmetric import x25519 as _x25519
except ImportError:
    _ed25519 = _x25519 = None

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
_SQRT_M1 = pow(2, (P - 1) // 4, P)


# X25519


def _clamped(scalar: bytes) -> int:
    number = int.from_bytes(scalar, "little")
    return (number & ~7 & ((1 << 254) - 1)) | (1 << 254)


def x25519_plain(scalar: bytes, point: bytes) -> bytes:
    """The Montgomery ladder of RFC 7748, section 5."""
    k = _clamped(scalar)
    u = int.from_bytes(point, "little") & ((1 << 255) - 1)
    x2, z2, x3, z3, swap = 1, 0, u, 1, 0
    for t in range(254, -1, -1):
        bit = (k >> t) & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, u * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, x3, z2, z3 = x3, x2, z3, z2
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def x25519_keypair() -> tuple[bytes, bytes]:
    """A fresh private and public key."""
    private = secrets.token_bytes(32)
    if _x25519:
        public = _x25519.X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    else:
        public = x25519_plain(private, (9).to_bytes(32, "little"))
    return private, public


def x25519(private: bytes, public: bytes) -> bytes:
    """The shared secret. Raises ValueError for a public key that no honest peer sends."""
    if len(public) != 32:
        raise ValueError("a public key has 32 bytes")
    if _x25519:
        key = _x25519.X25519PrivateKey.from_private_bytes(private)
        secret = key.exchange(_x25519.X25519PublicKey.from_public_bytes(public))
    else:
        secret = x25519_plain(private, public)
    if not any(secret):
        raise ValueError("a point of small order")
    return secret


# Ed25519: points in extended coordinates (X, Y, Z, T).

_BASE_Y = 4 * pow(5, P - 2, P) % P


def _recover_x(y: int, sign: int):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * _SQRT_M1 % P
    if (x * x - square) % P:
        return None
    return P - x if (x & 1) != sign else x


_BASE = (_recover_x(_BASE_Y, 0), _BASE_Y, 1, _recover_x(_BASE_Y, 0) * _BASE_Y % P)


def _add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _multiply(scalar: int, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _compress(point) -> bytes:
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | ((x & 1) << 255)).to_bytes(32, "little")


def _decompress(data: bytes):
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    x = _recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def _equal(p, q) -> bool:
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def _expand(seed: bytes) -> tuple[int, bytes]:
    digest = hashlib.sha512(seed).digest()
    return _clamped(digest[:32]), digest[32:]


def _hash(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def ed25519_public_plain(seed: bytes) -> bytes:
    return _compress(_multiply(_expand(seed)[0], _BASE))


def ed25519_sign_plain(seed: bytes, message: bytes) -> bytes:
    a, prefix = _expand(seed)
    public = _compress(_multiply(a, _BASE))
    r = _hash(prefix, message) % L
    point = _compress(_multiply(r, _BASE))
    s = (r + _hash(point, public, message) % L * a) % L
    return point + s.to_bytes(32, "little")


def ed25519_verify_plain(public: bytes, message: bytes, signature: bytes) -> bool:
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = _decompress(public), _decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = _hash(signature[:32], public, message) % L
    return _equal(_multiply(s, _BASE), _add(r, _multiply(h, a)))


def ed25519_public(seed: bytes) -> bytes:
    """The public half of a private key."""
    if _ed25519:
        return _ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return ed25519_public_plain(seed)


def ed25519_sign(seed: bytes, message: bytes) -> bytes:
    if _ed25519:
        return _ed25519.Ed25519PrivateKey.from_private_bytes(seed).sign(message)
    return ed25519_sign_plain(seed, message)


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    if _ed25519:
        try:
            _ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
            return True
        except Exception:  # its own exception for a wrong signature, ValueError for a wrong key
            return False
    return ed25519_verify_plain(public, message, signature)
