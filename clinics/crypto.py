"""
Encryption of clinical text: AES-256-GCM, one data key per clinic and kind, wrapped by a key from the environment.

Layout of a ciphertext: format (1 byte) | key version (2 bytes, big endian) | nonce (12) | ciphertext and tag.
The associated data binds it to clinic, table, column and row, so that it cannot be moved to another.
Losing FIELD_KEYS loses the text: they belong in the backup plan.

A blind index finds an equal text without opening any: HMAC-SHA-256 under a key derived (HKDF) per clinic and column
from a secret of the clinic, which lies wrapped beside its data keys. That secret has one version for ever: new data
keys leave every index findable, and a new key of the environment only seals it again.
"""

import hashlib
import hmac
import os
import time
import unicodedata
from dataclasses import dataclass
from functools import partial
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps
from django.conf import settings
from django.db import transaction

FORMAT = b"\x01"
NONCE_BYTES = 12
HEADER_BYTES = 3
INDEX: Final = "index"  # kind of the secret that blind indexes are derived from; it encrypts nothing
CURRENT_VERSION_SECONDS = 60.0  # how long a process may go on with the former version after a rotation


class CannotDecrypt(RuntimeError):
    """A ciphertext does not open with the keys at hand, or was moved from another row. Check FIELD_KEYS."""


@dataclass(frozen=True)
class _Key:
    version: int
    cipher: AESGCM


_keys: dict[tuple[int, str, int], _Key] = {}
_current: dict[tuple[int, str], tuple[float, int]] = {}
_index_secrets: dict[int, bytes] = {}


def forget_keys() -> None:
    """Drop the data keys that this process holds unwrapped."""
    _keys.clear()
    _current.clear()
    _index_secrets.clear()


def _key_binding(clinic_id: int, kind: str, version: int) -> bytes:
    return f"dek|{clinic_id}|{kind}|{version}".encode()


def seal(binding: bytes, plain: bytes) -> bytes:
    """Return nonce and ciphertext of `plain` under the first key of FIELD_KEYS, bound to `binding`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(settings.FIELD_KEYS[0]).encrypt(nonce, plain, binding)


def unseal(binding: bytes, sealed: bytes) -> bytes:
    """
    Return what `seal` sealed with the same binding, tried with every key of FIELD_KEYS.

    :raises CannotDecrypt: when none opens it, or it was sealed for another place
    """
    nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    for field_key in settings.FIELD_KEYS:
        try:
            return AESGCM(field_key).decrypt(nonce, ciphertext, binding)
        except InvalidTag:
            continue
    raise CannotDecrypt("No key of FIELD_KEYS opens this. Add the key it was sealed with.")


def wrap(clinic_id: int, kind: str, version: int, data_key: bytes) -> bytes:
    """Return `data_key` (32 bytes) wrapped by the first key of FIELD_KEYS."""
    return seal(_key_binding(clinic_id, kind, version), data_key)


def unwrap(clinic_id: int, kind: str, version: int, wrapped: bytes) -> bytes:
    """
    Return the data key inside `wrapped`.

    :raises CannotDecrypt: when no key of FIELD_KEYS opens it
    """
    return unseal(_key_binding(clinic_id, kind, version), wrapped)


def new_data_key() -> bytes:
    """Return a fresh 256-bit data key."""
    return AESGCM.generate_key(256)


def _load(clinic_id: int, kind: str, version: int) -> _Key:
    found = _keys.get((clinic_id, kind, version))
    if found is None:
        row = apps.get_model("clinics", "ClinicKey").objects.get(clinic_id=clinic_id, kind=kind, version=version)
        found = _Key(version, AESGCM(unwrap(clinic_id, kind, version, bytes(row.wrapped))))
        _keys[clinic_id, kind, version] = found
    return found


def current_version(clinic_id: int, kind: str) -> int:
    """Return the version of the data key that new text is written with."""
    seen = _current.get((clinic_id, kind))
    if seen is not None and time.monotonic() - seen[0] < CURRENT_VERSION_SECONDS:
        return seen[1]
    keys = apps.get_model("clinics", "ClinicKey").objects.filter(clinic_id=clinic_id, kind=kind)
    version = int(keys.order_by("-version").values_list("version", flat=True)[:1].get())
    _current[clinic_id, kind] = (time.monotonic(), version)
    return version


def encrypt(clinic_id: int, kind: str, binding: str, text: str) -> bytes:
    """
    Return `text` encrypted for one clinic.

    binding   where the text lives: "table|column|row"
    """
    key = _load(clinic_id, kind, current_version(clinic_id, kind))
    nonce = os.urandom(NONCE_BYTES)
    sealed = key.cipher.encrypt(nonce, text.encode(), f"{clinic_id}|{binding}".encode())
    return FORMAT + key.version.to_bytes(2, "big") + nonce + sealed


def decrypt(clinic_id: int, kind: str, binding: str, data: bytes) -> str:
    """
    Return the text of a ciphertext made by `encrypt` with the same clinic, kind and binding.

    :raises CannotDecrypt: when it was made for another place, changed, or its key is not at hand
    """
    if data[:1] != FORMAT:
        raise CannotDecrypt("This text has an unknown format byte.")
    key = _load(clinic_id, kind, int.from_bytes(data[1:HEADER_BYTES], "big"))
    nonce, sealed = data[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES], data[HEADER_BYTES + NONCE_BYTES :]
    try:
        return key.cipher.decrypt(nonce, sealed, f"{clinic_id}|{binding}".encode()).decode()
    except InvalidTag:
        raise CannotDecrypt("This text does not belong to the row it stands in, or was changed.") from None


def key_version(data: bytes) -> int:
    """Return the version of the data key that `data` was encrypted with."""
    return int.from_bytes(data[1:HEADER_BYTES], "big")


# --- blind indexes ----------------------------------------------------------------------------------------------------


def blind_index(clinic_id: int, column: str, value: str) -> str:
    """
    Return what an equal value of this column has at this clinic and nothing else has: 64 hexadecimal digits.

    Compared are letters and digits, whatever the case, marks, spaces and dashes; empty when there are none.
    column   "table.column"; the same value in another column has another index
    """
    text = "".join(char for char in unicodedata.normalize("NFKD", value).casefold() if char.isalnum())
    if not text:
        return ""
    derived = HKDF(SHA256(), 32, salt=None, info=f"index|{clinic_id}|{column}".encode())
    return hmac.new(derived.derive(_index_secret(clinic_id)), text.encode(), hashlib.sha256).hexdigest()


def _index_secret(clinic_id: int) -> bytes:
    """Return the clinic's secret for indexes; it is made when it is first needed."""
    found = _index_secrets.get(clinic_id)
    if found is None:
        row, _made = apps.get_model("clinics", "ClinicKey").objects.get_or_create(
            clinic_id=clinic_id, kind=INDEX, version=1,
            defaults={"wrapped": wrap(clinic_id, INDEX, 1, new_data_key())},
        )  # fmt: skip
        found = unwrap(clinic_id, INDEX, 1, bytes(row.wrapped))
        # Not before it is kept for good: a secret whose transaction is undone must not go on making indexes.
        transaction.on_commit(partial(_index_secrets.__setitem__, clinic_id, found))
    return found
