"""Whom a reader trusts: a folder with the public files of issuers; and an issuer's own keys.

An issuer's folder holds `did.json` (DID document with Multikeys), `certificates.pem` (X.509 of its P-256 keys), `issuer.json` (its
name and the public keys of its log) and, for work without a network, its signed status lists in `status/*.json`.

References
----------
W3C DID Core 1.0; did:web; did:key; W3C Controlled Identifiers 1.0 (Multikey).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pcf.certificate.proof import did_key, multikey, read_multikey
from pcf.certificate.strict_json import read_json
from pcf.certificate.x509 import make_certificate, read_pem, write_pem
from pcf.errors import CheckFailed, EnvironmentProblem, InputError
from pcf.store.checkpoint import Verifier, parse_vkey
from pcf.store.keys import ED25519, P256, Signer, create_key, list_keys, load_key, write_public

MOST_FILE = 5_000_000
MOST_ISSUERS = 1000

_WEB = re.compile(r"did:web:[A-Za-z0-9.-]+(%3A\d{1,5})?(:[A-Za-z0-9._-]+)*")
_NAME = re.compile("[a-z][a-z0-9-]{0,19}")


@dataclass(frozen=True)
class Issuer:
    """Public half of an issuer: DID, name, certificates (DER), keys by verification method, log keys, status lists."""

    did: str
    name: str
    certificates: tuple[bytes, ...]
    keys: Mapping[str, bytes]
    logs: tuple[Verifier, ...] = ()
    lists: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Trust:
    """The issuers that a reader trusts."""

    issuers: tuple[Issuer, ...] = ()

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """All their certificates."""
        return tuple(item for issuer in self.issuers for item in issuer.certificates)

    def of_certificate(self, certificate: bytes) -> Issuer | None:
        """Whose certificate it is."""
        return next((issuer for issuer in self.issuers if certificate in issuer.certificates), None)

    def of_did(self, did: str) -> Issuer | None:
        """Whose DID it is."""
        return next((issuer for issuer in self.issuers if issuer.did == did), None)


@dataclass(frozen=True)
class IssuerKeys:
    """What an issuer signs with: P-256 for the PDF file, Ed25519 for the credential."""

    public: Issuer
    pdf: Signer = field(repr=False)
    certificate: bytes
    credential: Signer = field(repr=False)
    method: str


def check_signer(names: Mapping[str, str], signers: Iterable[str]) -> None:
    """Refuse a certificate whose pages name somebody else than who signs it.

    Parameters
    ----------
    names : mapping
        The issuer's name on the pages, by language: the signer's has to be one of them.
    signers : iterable of str
        Names of who signs, by his certificate and by his published file.

    Raises
    ------
    CheckFailed
        With both names.
    """
    known = {unicodedata.normalize("NFC", name) for name in names.values()}
    for signer in signers:
        if unicodedata.normalize("NFC", signer) not in known:
            raise CheckFailed(
                f"issuer: found {' / '.join(names.values())} on the pages, and keys of {signer}; expected the name of who signs, in one of "
                "the languages"
            )


def read_trust(folder: Path) -> Trust:
    """Read a folder of issuers, or of one.

    Raises
    ------
    EnvironmentProblem
        When it cannot be read.
    InputError
        When the files of an issuer are not what they should be, or two issuers share a DID or a certificate.
    """
    try:
        places = [folder] if (folder / "did.json").exists() else sorted(item for item in folder.iterdir() if item.is_dir())
    except FileNotFoundError:
        return Trust()
    except OSError as problem:
        raise EnvironmentProblem(f"{folder}: {problem.strerror}") from None
    if len(places) > MOST_ISSUERS:
        raise InputError(str(folder), f"{len(places)} issuers", f"at most {MOST_ISSUERS}")
    found = Trust(tuple(read_issuer(place) for place in places))
    for kind, items in (("DID", [item.did for item in found.issuers]), ("certificate", list(found.certificates))):
        if len(set(items)) != len(items):
            raise InputError(str(folder), f"one {kind} of two issuers", f"a {kind} of its own for each")
    return found


def read_issuer(folder: Path) -> Issuer:
    """Read the public files of one issuer.

    Raises
    ------
    EnvironmentProblem, InputError
        See `read_trust`.
    """
    did, keys = _read_did(read_json(_read(folder / "did.json"), str(folder / "did.json")), str(folder / "did.json"))
    place = str(folder / "issuer.json")
    about = read_json(_read(folder / "issuer.json"), place)
    if not isinstance(about, dict) or not isinstance(about.get("name"), str) or not isinstance(about.get("log_keys", []), list):
        raise InputError(place, "no name, or keys that are no list", "an object with name and log_keys")
    certificates = read_pem(_read(folder / "certificates.pem"), str(folder / "certificates.pem"))
    lists = tuple(_read(path) for path in sorted((folder / "status").glob("*.json"))[:100])
    logs = tuple(parse_vkey(str(item)) for item in about.get("log_keys", []))
    return Issuer(did, about["name"], tuple(certificates), keys, logs, lists)


def write_issuer(folder: Path, issuer: Issuer) -> None:
    """Write the public files of an issuer, to be published or put into a trust folder; status lists are left as they are.

    Raises
    ------
    EnvironmentProblem
        When they cannot be written.
    """
    about = {"schema": "pcf/issuer/1", "name": issuer.name, "log_keys": [item.vkey for item in issuer.logs]}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_public(folder / "certificates.pem", write_pem(list(issuer.certificates)))
        write_public(folder / "issuer.json", _json(about))
        write_public(folder / "did.json", _json(did_document(issuer)))
    except OSError as problem:
        raise EnvironmentProblem(f"{folder}: {problem.strerror}") from None


def did_document(issuer: Issuer) -> dict[str, Any]:
    """The DID document that a `did:web` publishes at its domain."""
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": issuer.did,
        "verificationMethod": [
            {"id": method, "type": "Multikey", "controller": issuer.did, "publicKeyMultibase": multikey(key)}
            for method, key in issuer.keys.items()
        ],
        "assertionMethod": list(issuer.keys),
    }


def create_issuer(
    home: Path, name: str, company: str, at: datetime, passphrase: str | None, did: str = "", years: int = 5, country: str = ""
) -> IssuerKeys:
    """Make both keys of a new issuer and its public files.

    Raises
    ------
    InputError
        For an issuer that exists, and names that cannot be.
    EnvironmentProblem
        When nothing can be written.
    """
    _check_name(name)
    if did and not _WEB.fullmatch(did):
        raise InputError("--did", repr(did[:100]), "did:web: and a domain, such as did:web:example.com")
    if (issuer_folder(home, name) / "did.json").exists() or generations(home, name):
        raise InputError(f"issuer {name}", "an issuer that exists", "a new name, or `pcf key rotate`")
    return _add_keys(home, name, Issuer(did, company, (), {}), at, passphrase, years, country)


def rotate_issuer(home: Path, name: str, at: datetime, passphrase: str | None, years: int = 5, country: str = "") -> IssuerKeys:
    """Make new keys for an issuer; what the old ones signed stays valid, as they stay among the public ones.

    Raises
    ------
    InputError
        For an issuer that does not exist, or whose DID is its key.
    """
    _check_name(name)
    if not generations(home, name):
        raise InputError(f"issuer {name}", "no such issuer", "an issuer of `pcf key list`")
    public = read_issuer(issuer_folder(home, name))
    if public.did.startswith("did:key:"):
        raise InputError(
            f"issuer {name}",
            "a did:key, which is the key itself",
            "a did:web",
            "make an issuer of a new name, best with --did did:web:…",
        )
    return _add_keys(home, name, public, at, passphrase, years, country)


def load_issuer(home: Path, name: str, passphrase: str | None) -> IssuerKeys:
    """The newest keys of an issuer.

    Raises
    ------
    EnvironmentProblem, InputError
        See `pcf.store.keys.load_key`.
    """
    _check_name(name)
    found = generations(home, name)
    if not found:
        raise EnvironmentProblem(f"issuer {name}: there is no such issuer; `pcf key create --company …` makes one")
    return _keys(home, name, found[-1], read_issuer(issuer_folder(home, name)), passphrase)


def generations(home: Path, name: str) -> list[int]:
    """Numbers of the key pairs of an issuer, in order."""
    ending = re.compile(rf"{re.escape(name)}-(\d{{1,4}})-(pdf|vc)")
    numbers = [int(match[1]) for key in list_keys(home / "keys") if (match := ending.fullmatch(key))]
    return sorted(number for number in set(numbers) if numbers.count(number) == 2)


def issuer_names(home: Path) -> list[str]:
    """Names of the own issuers."""
    names = {match[1] for key in list_keys(home / "keys") if (match := re.fullmatch(r"(.+)-\d{1,4}-(pdf|vc)", key))}
    return sorted(name for name in names if generations(home, name))


def issuer_folder(home: Path, name: str) -> Path:
    """Where the public files of an own issuer lie."""
    return home / "issuers" / name


def _add_keys(
    home: Path, name: str, public: Issuer, at: datetime, passphrase: str | None, years: int, country: str
) -> IssuerKeys:
    number = (generations(home, name) or [0])[-1] + 1
    folder = home / "keys"
    vc = create_key(folder, f"{name}-{number}-vc", passphrase, ED25519)
    pdf = create_key(folder, f"{name}-{number}-pdf", passphrase, P256)
    certificate = make_certificate(pdf, public.name, at, years, country)
    did = public.did or did_key(vc.public_key)
    method = f"{did}#{multikey(vc.public_key) if did.startswith('did:key:') else f'key-{number}'}"
    changed = replace(
        public, did=did, certificates=(*public.certificates, certificate), keys={**public.keys, method: vc.public_key}
    )
    write_issuer(issuer_folder(home, name), changed)
    return IssuerKeys(changed, pdf, certificate, vc, method)


def _keys(home: Path, name: str, number: int, public: Issuer, passphrase: str | None) -> IssuerKeys:
    from pcf.certificate.pdf_signature import check_pair

    pdf = load_key(home / "keys", f"{name}-{number}-pdf", passphrase, P256)
    vc = load_key(home / "keys", f"{name}-{number}-vc", passphrase, ED25519)
    method = next((method for method, key in public.keys.items() if key == vc.public_key), None)
    if method is None:
        raise InputError(f"issuer {name}", "public files without its newest key", "the files that `pcf key public` writes")
    for certificate in public.certificates:
        try:
            check_pair(pdf, certificate)
        except InputError:
            continue
        return IssuerKeys(public, pdf, certificate, vc, method)
    raise InputError(f"issuer {name}", "public files without the certificate of its newest key", "those that `pcf key` wrote")


def _read_did(document: Any, place: str) -> tuple[str, dict[str, bytes]]:
    methods = document.get("verificationMethod") if isinstance(document, dict) else None
    asserting = document.get("assertionMethod") if isinstance(document, dict) else None
    if not isinstance(methods, list) or not isinstance(asserting, list) or not isinstance(document.get("id"), str):
        raise InputError(place, "no DID document", "id, verificationMethod and assertionMethod")
    did: str = document["id"]
    keys: dict[str, bytes] = {}
    for method in methods:
        fits = isinstance(method, dict) and method.get("type") == "Multikey" and method.get("controller") == did
        name = str(method.get("id")) if fits else ""
        if not fits or not name.startswith(f"{did}#") or name in keys:
            raise InputError(place, "a verification method of another kind, controller or name", f"Multikeys {did}#…, each once")
        keys[name] = read_multikey(str(method.get("publicKeyMultibase")), place)
        if did.startswith("did:key:") and did != did_key(keys[name]):
            raise InputError(place, "a key that is not the one of the did:key", "the key itself")
    # Only a key that may assert may sign credentials.
    trusted = {name: key for name, key in keys.items() if name in asserting}
    if not trusted or not (_WEB.fullmatch(did) or did.startswith("did:key:")):
        raise InputError(place, repr(did[:100]), "a did:web or did:key with a key that may assert")
    return did, trusted


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_FILE + 1)
    except OSError as problem:
        raise EnvironmentProblem(f"{path}: {problem.strerror}") from None
    if len(content) > MOST_FILE:
        raise InputError(str(path), f"more than {MOST_FILE:,} bytes", "a small file")
    return content


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InputError("--name", repr(name[:50]), "1 to 20 small letters, digits and hyphens, a letter first")
