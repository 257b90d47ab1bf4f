"""A key in a device that speaks PKCS #11: a smart card, a USB token, a hardware module. It never leaves the device.

The library `python-pkcs11` is no dependency; it is asked for when such a key is used.

References
----------
OASIS PKCS #11 Base Specification 3.0, `CKM_ECDSA` and `CKM_EDDSA`.
"""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import dataclass, field
from typing import Any

from pcf.errors import EnvironmentProblem, InputError
from pcf.store.keys import ED25519, KINDS

_POINT = 65
_EDWARDS = 32
_SPKI_P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
"""What stands before the point in the DER of a P-256 key (RFC 5480)."""


@dataclass(frozen=True)
class DeviceKey:
    """Key that a device uses for us; the session stays open with it."""

    name: str
    public_key: bytes
    kind: str
    _private: Any = field(repr=False, compare=False)
    _mechanism: Any = field(repr=False, compare=False)

    def sign(self, message: bytes, /) -> bytes:
        """Signature under a message, as `Signer` says.

        Raises
        ------
        EnvironmentProblem
            When the device refuses.
        """
        content = message if self.kind == ED25519 else hashlib.sha256(message).digest()
        try:
            raw = bytes(self._private.sign(content, mechanism=self._mechanism))
        except Exception as problem:  # noqa: BLE001 - every driver has kinds of its own
            raise EnvironmentProblem(f"key {self.name}: the device does not sign: {type(problem).__name__} {problem}") from None
        if self.kind == ED25519:
            return raw
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))


def load_device_key(driver: str, token: str, label: str, pin: str, kind: str) -> DeviceKey:
    """Find a key in a device.

    Parameters
    ----------
    driver : str
        Library of the device's maker, such as `/usr/lib/softhsm/libsofthsm2.so`.
    token, label : str
        Labels of the token and of the key pair.
    pin : str
        PIN of the token.
    kind : str
        One of `pcf.store.keys.KINDS`.

    Raises
    ------
    EnvironmentProblem
        When python-pkcs11 is not installed, or driver, token, PIN or key are not right.
    InputError
        For another kind.
    """
    if kind not in KINDS:
        raise InputError("kind of a key", repr(kind), " or ".join(KINDS))
    try:
        pkcs11: Any = importlib.import_module("pkcs11")
    except ImportError:
        raise EnvironmentProblem(
            "keys in a device need python-pkcs11, which is not installed: pip install python-pkcs11"
        ) from None
    try:
        session = pkcs11.lib(driver).get_token(token_label=token).open(user_pin=pin)
        private = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
        public = session.get_key(object_class=pkcs11.ObjectClass.PUBLIC_KEY, label=label)
        point = bytes(public[pkcs11.Attribute.EC_POINT])
    except Exception as problem:  # noqa: BLE001 - every driver has kinds of its own
        # Never with the PIN, which some of them put into their message.
        raise EnvironmentProblem(f"token {token}, key {label}: {type(problem).__name__}") from None
    size = _EDWARDS if kind == ED25519 else _POINT
    if len(point) == size + 2 and point[:2] == bytes((4, size)):  # an OCTET STRING around the point
        point = point[2:]
    if len(point) != size:
        raise InputError(f"token {token}, key {label}", "a key of another kind", f"a key of kind {kind}")
    mechanism = pkcs11.Mechanism.EDDSA if kind == ED25519 else pkcs11.Mechanism.ECDSA
    return DeviceKey(label, point if kind == ED25519 else _SPKI_P256 + point, kind, private, mechanism)
