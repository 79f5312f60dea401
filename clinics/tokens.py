"""How the text of an API token is stored."""

import hashlib


def digest(text: str) -> bytes:
    """Return what is stored of a token: 32 bytes of SHA-256. The token has 256 random bits, so no salt is needed."""
    return hashlib.sha256(text.encode()).digest()
