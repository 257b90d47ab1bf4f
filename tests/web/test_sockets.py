"""What stands around the pages: websockets of other pages, sessions that end, roles without a right."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.web.signing_in import PASSWORD, token_of

pytestmark = pytest.mark.slow


def session_of(server: Any, role: str) -> Any:
    import httpx

    client = httpx.Client(base_url=server.address, follow_redirects=False)
    form = client.get("/login").text
    answer = client.post("/login", data={"name": server.account(role), "password": PASSWORD, "csrf": token_of(form)})
    assert answer.status_code == 303
    return client


def upgrade(
    server: Any, origin: str | None, cookie: str, path: str = "/app/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
) -> int:
    place = urlsplit(server.address)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=60)
    headers = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Cookie": cookie, **({"Origin": origin} if origin else {}),
    }  # fmt: skip
    connection.request("GET", path, headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_websocket_is_for_pages_of_this_server_and_people_who_are_signed_in(server: Any) -> None:
    client = session_of(server, "sales")
    cookie = f"pcf_session={client.cookies['pcf_session']}"
    assert upgrade(server, server.address, cookie) == 101
    for origin in ("http://evil.example", None, "null", server.address + "0", server.address.replace("http", "ftp")):
        assert upgrade(server, origin, cookie) == 403, origin
    assert upgrade(server, server.address, "") == 403
    assert upgrade(server, server.address, "pcf_session=other") == 403
    assert upgrade(server, server.address, cookie, "/healthz") in (403, 404)
    client.close()


def test_polling_needs_a_session_too(server: Any) -> None:
    import httpx

    assert httpx.get(f"{server.address}/app/_nicegui_ws/socket.io/?EIO=4&transport=polling").status_code == 401


@pytest.mark.browser
def test_a_page_that_is_open_ends_with_its_session(visit: Any, server: Any, complaints: list[str]) -> None:
    server.pcf("user", "add", "guest", "--role", "sales")
    from pcf.store import open_database
    from pcf.web.people import People

    database = open_database(f"sqlite:///{server.home / 'pcf.db'}")
    once = People(database).reset("test", "guest")
    People(database).set_password("guest", once, PASSWORD)
    database.close()
    server.names["guest"] = "guest"
    page = visit("/app/explore?product=a356.2", role="guest", wait="#bars .main-svg")
    server.pcf("user", "disable", "guest")
    page.wait_for_url("**/login?next=*", timeout=20_000)
    complaints.clear()  # of the websocket that is refused


def test_an_auditor_reads_and_saves_nothing(server: Any) -> None:
    client = session_of(server, "auditor")
    page = client.get("/app/explore?product=a356.2").text
    assert "Copy link" in page and "Save as variant" not in page
    client.close()


def test_the_answer_of_a_page_has_its_own_policy(server: Any) -> None:
    client = session_of(server, "sales")
    headers = client.get("/app/").headers
    assert "'unsafe-eval'" in headers["content-security-policy"] and "http" not in headers["content-security-policy"]
    page = client.get("/app/").text
    assert "//cdn" not in page and "https://" not in page.replace("https://www.w3.org", ""), "nothing comes from elsewhere"
    assert client.get("/app/nothing").status_code == 404
    client.close()
