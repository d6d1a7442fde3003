"""Hashes without OpenSSL, which `hashlib` loads at 2 ms: for names and checks of our own, as short as they are wanted.

Ids that users see (of a matrix, of instances of a template) are sha256, were so from the beginning, and stay so.
"""

try:
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b


CONTENT_BYTES = 32


def content_digest(data: bytes) -> str:
    """Return what tells the content of a file from any other, in hexadecimal."""
    return digest(data, CONTENT_BYTES).hex()


def digest(data: bytes, size: int) -> bytes:
    """Return so many bytes (64 at most) that depend on every bit of `data`: the same on each machine and day."""
    return blake2b(data, digest_size=size).digest()
