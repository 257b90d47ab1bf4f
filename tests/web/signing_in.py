"""Accounts and sign-ins for the tests of the workbench."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from pcf.web.desk import Desk

PASSWORD = "a sentence that is long"


def join(desk: Desk, name: str = "lin", role: str = "sales", password: str = PASSWORD) -> None:
    """An account whose one-time password has been changed."""
    once = desk.people.add("test", name, role)
    desk.people.set_password(name, once, password)


def token_of(page: str) -> str:
    """What a form has to carry."""
    found = re.search(r"name='csrf' value='([^']+)'", page)
    assert found is not None
    return found[1]


def sign_in(client: TestClient, name: str = "lin", password: str = PASSWORD, **more: str) -> Any:
    form = client.get("/login").text
    return client.post("/login", data={"name": name, "password": password, "csrf": token_of(form), **more})
