"""Every address of the workbench, for every role and with whatever somebody writes into it, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pcf.web.rights import ROLES
from tests.databases import database_url, postgres_url
from tests.web.certified import fill_home, issue_first
from tests.web.conftest import Server
from tests.web.hostile import complaints_of, count_rows
from tests.web.test_sockets import session_of

__all__ = ["database_url", "postgres_url"]

pytestmark = pytest.mark.slow

EVERYBODY, CERTIFYING, RECORDING = frozenset(ROLES), frozenset({"sales", "admin"}), frozenset({"engineer", "admin"})
PAGES = {
    "/": EVERYBODY, "/explore": EVERYBODY, "/compare": EVERYBODY, "/certificates": EVERYBODY, "/certificates/c/PCF-2026-000001": EVERYBODY,
    "/certificates/new": CERTIFYING, "/certificates/bulk": CERTIFYING, "/certificates/drafts": EVERYBODY,
    "/certificates/drafts/none": EVERYBODY, "/custody": EVERYBODY, "/custody/lots": EVERYBODY, "/custody/casts": EVERYBODY,
    "/custody/steps": EVERYBODY, "/custody/shipments": EVERYBODY, "/custody/unit": EVERYBODY, "/custody/genealogy": EVERYBODY,
    "/custody/papers": EVERYBODY, "/custody/paper": EVERYBODY, "/custody/claim": EVERYBODY, "/custody/power": EVERYBODY,
    "/custody/enter": RECORDING, "/custody/import": RECORDING, "/custody/issue": RECORDING, "/custody/close": RECORDING,
    "/audit": EVERYBODY, "/data": EVERYBODY, "/admin": frozenset({"admin"}),
}  # fmt: skip
"""Who may open a page: `docs/workbench.md`, "role, may"; everybody sees everything but the accounts and the forms that change."""

NAMES = (
    "basis", "breadth", "form", "from", "id", "key", "kind", "month", "name", "order", "pair", "page", "period", "product", "q", "recycled_content", "replaces",
    "sample", "scope", "shipment", "since", "site", "state", "status", "tab", "to", "unit", "until", "v", "year",
)  # fmt: skip
"""Parameters that pages read from their addresses."""

STRANGE = (
    "-1", "9" * 400, "<img src=x onerror=alert(1)><script>alert(2)</script>", "'); DROP TABLE unit; --", "%", "../../../../etc/passwd", "a\x00b",
    "\u202e\u2066x", "x" * 1_500,
)  # fmt: skip


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    """A server with a book and a certificate."""
    pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")
    home = tmp_path / "strange" / "home"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PCF_HOME", str(home))
        fill_home(home, database_url)
        issue_first(home, database_url)
    made = Server(home, database_url)
    yield made
    if made.process.poll() is None:
        made.stop()


def test_each_page_is_for_its_roles_and_no_address_breaks_anything(server: Server) -> None:
    clients = {role: session_of(server, role) for role in ROLES}
    before = count_rows(server)
    for path, roles in PAGES.items():
        for role, client in clients.items():
            answer = client.get(f"/app{path}", timeout=120)
            assert answer.status_code == (200 if role in roles else 403), (path, role)
    for path in PAGES:
        for text in STRANGE:
            ask(clients["admin"], f"/app{path}?" + "&".join(f"{name}={quote(text)}" for name in NAMES))
    for start in ("/app/", "/app/certificates/c/", "/app/certificates/drafts/", "/verify/", "/custody/document?name=", "/static/", "/login?next=",
                  "/preferences?language=", "/app/_nicegui/"):  # fmt: skip
        for text in STRANGE:
            ask(clients["admin"], start + quote(text, safe=""))
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in PAGES:
            answer = clients["admin"].request(method, f"/app{path}", headers={"origin": server.address}, timeout=60)
            assert answer.status_code in (404, 405), (method, path, answer.status_code)
    assert complaints_of(server) == []
    assert count_rows(server) == before
    assert clients["admin"].get("/readyz").status_code == 200
    for client in clients.values():
        client.close()


def ask(client: Any, address: str) -> None:
    """An answer that is none of a defect, and into which nothing was written."""
    answer = client.get(address, timeout=120)
    assert answer.status_code < 500, (address[:200], answer.status_code, answer.text[:500])
    assert "<script>alert" not in answer.text and "<img src=x" not in answer.text, address[:200]


FORMS = {
    "/login": ("name", "password", "csrf", "next"), "/password": ("old", "new", "again", "csrf", "next"), "/logout": ("csrf",),
}  # fmt: skip


def test_no_form_of_the_gate_breaks_whatever_is_written_into_it(server: Server) -> None:
    """With the token that it has to carry, else nothing would be read."""
    client, before = session_of(server, "sales"), count_rows(server)
    import httpx

    from tests.web.signing_in import token_of

    for path, names in FORMS.items():
        for text in STRANGE:
            for some in ({"csrf"}, set()):
                with httpx.Client(base_url=server.address) as stranger:
                    who = client if path == "/password" else stranger
                    token = "" if path == "/logout" else token_of(who.get(path).text)
                    form = {name: token if name in some else text for name in names}
                    answer = who.post(path, data=form, timeout=60)
                assert answer.status_code in (200, 303, 400, 401, 403, 413, 422, 429), (path, text[:40], answer.status_code)
                assert "<script>alert" not in answer.text
    assert complaints_of(server) == []
    assert count_rows(server) == before
    client.close()
