"""The file that says which provider is believed, and which of its groups has which role."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pcf.errors import InputError
from pcf.store.keys import read_private
from pcf.store.passphrase import CREDENTIALS
from pcf.web.rights import RIGHTS, ROLES

SECRET = "PCF_OIDC_CLIENT_SECRET"
CREDENTIAL = "pcf-oidc-secret"
"""Name of the credential that a service gets: `LoadCredential=pcf-oidc-secret:…`."""

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures by a key of the provider alone: with HS256 the client's secret could forge a token, with none everybody."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MOST_BYTES = 100_000
_TEXTS = ("issuer", "client_id", "base")
_KEYS = frozenset({*_TEXTS, "client_secret_file", "role_claim", "name_claim", "label", "scopes", "algorithms", "roles"})


@dataclass(frozen=True)
class OidcSettings:
    """A provider and what is made of its claims.

    Parameters
    ----------
    issuer : str
        As discovery and each token have it.
    base : str
        Public address of the workbench.
    roles : mapping of role to groups
    role_claim, name_claim : str
        Claims with the groups and with the name of an account.
    label : str
        Name of the provider on the sign-in page.
    """

    issuer: str
    client_id: str
    base: str
    roles: Mapping[str, tuple[str, ...]]
    client_secret: str = field(repr=False)
    role_claim: str = "groups"
    name_claim: str = "preferred_username"
    label: str = ""
    scopes: str = "openid profile email"
    algorithms: tuple[str, ...] = ("RS256", "ES256")

    @property
    def callback(self) -> str:
        """Where the provider sends people back to."""
        return f"{self.base}/oidc/callback"

    def role_of(self, claims: Mapping[str, Any]) -> str | None:
        """The role with the most rights among those of a person's groups; None for nobody of ours."""
        found = claims.get(self.role_claim)
        groups = {found} if isinstance(found, str) else set(filter(_is_text, found)) if isinstance(found, list) else set()
        mine = [role for role in ROLES if groups & set(self.roles.get(role, ()))]
        return max(mine, key=lambda role: len(RIGHTS[role]), default=None)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def read_settings(path: Path) -> OidcSettings:
    """Read the file (TOML), and the client's secret beside it, from a credential or the environment.

    Raises
    ------
    InputError
        With the key that is wrong.
    """
    try:
        content = path.read_bytes()
        table = tomllib.loads(content.decode("utf-8")) if len(content) <= MOST_BYTES else {}
    except OSError as problem:
        raise InputError(str(path), problem.strerror or str(problem), "a readable file") from problem
    except (ValueError, RecursionError) as problem:
        raise InputError(str(path), str(problem), "TOML in UTF-8") from None
    if unknown := set(table) - _KEYS:
        raise InputError(f"{path}, key {min(unknown)}", "an unknown setting", f"one of: {', '.join(sorted(_KEYS))}")
    for name in (*_TEXTS, "role_claim", "name_claim", "label", "scopes", "client_secret_file"):
        if (name in _TEXTS or name in table) and not (isinstance(table.get(name), str) and table[name].strip()):
            raise InputError(f"{path}, key {name}", repr(table.get(name))[:60], "a text")
    scopes = table.get("scopes", OidcSettings.scopes)
    if "openid" not in scopes.split():
        raise InputError(f"{path}, key scopes", repr(scopes), "openid among them")
    algorithms = _algorithms(path, table.get("algorithms", ["RS256", "ES256"]))
    return OidcSettings(
        _address(path, "issuer", table["issuer"]), table["client_id"], _address(path, "base", table["base"]).rstrip("/"),
        _roles(path, table.get("roles")), _secret(path, table.get("client_secret_file")), table.get("role_claim", "groups"),
        table.get("name_claim", "preferred_username"), table.get("label") or str(urlsplit(table["issuer"]).hostname), scopes,
        algorithms,
    )  # fmt: skip


def _address(path: Path, name: str, value: str) -> str:
    try:
        found = urlsplit(value)
        host, _ = found.hostname, found.port
    except ValueError:
        host, found = None, urlsplit("")
    safe = found.scheme == "https" or (found.scheme == "http" and host in LOOPBACK)
    if not host or not safe or found.query or found.fragment or found.username or (name == "base" and found.path.strip("/")):
        raise InputError(f"{path}, key {name}", repr(value)[:80], "an https address without user and query")
    return value


def _roles(path: Path, value: object) -> dict[str, tuple[str, ...]]:
    good = isinstance(value, dict) and value and set(value) <= set(ROLES) and all(
        isinstance(groups, list) and groups and all(map(_is_text, groups)) for groups in value.values()
    )  # fmt: skip
    if not good or not isinstance(value, dict):
        raise InputError(f"{path}, table roles", repr(value)[:60], f"lists of groups by role: {', '.join(ROLES)}")
    return {role: tuple(groups) for role, groups in value.items()}


def _algorithms(path: Path, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not set(map(str, value)) <= set(ALGORITHMS):
        raise InputError(f"{path}, key algorithms", repr(value)[:60], f"some of {', '.join(ALGORITHMS)}")
    return tuple(value)


def _secret(path: Path, name: str | None) -> str:
    """The client's secret: a credential of the service manager, a file, or the environment."""
    folder = os.environ.get(CREDENTIALS)
    if folder and os.path.lexists(Path(folder) / CREDENTIAL):
        found = read_private(Path(folder) / CREDENTIAL, 0o037).decode("utf-8", "replace")
    elif name is not None:
        found = read_private(path.parent / name).decode("utf-8", "replace")
    else:
        found = os.environ.get(SECRET, "")
    if not found.strip():
        raise InputError(
            f"{path}, key client_secret_file", "no secret of the client", f"a file, the credential {CREDENTIAL} or {SECRET}"
        )
    return found.strip()
