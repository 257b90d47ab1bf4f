"""Files on every upload of the workbench that are too large, of another kind, or made to burst: refused in a line, and nothing stays."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from tests.web.conftest import Server
from tests.web.hostile import complaints_of, count_rows
from tests.web.test_hostile import MILL, WAIT, server

__all__ = ["server"]

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def packed(**entries: bytes) -> bytes:
    """A ZIP file; two underscores in a name are a slash."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/"), content)
    return target.getvalue()


ZEROS = bytes(300_000_000)
ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 40) for n in range(9))
    + b"]><x>&j;</x>"
)
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
SHEET = {"[Content_Types].xml": b"<x/>", "xl__workbook.xml": b"<x/>"}

BURSTING = {
    "zeros.xlsx": packed(**SHEET, xl__worksheets__sheet1_xml=ZEROS), "entities.xlsx": packed(**SHEET, **{"xl__sharedStrings.xml": ENTITIES}),
    "zeros.zip": packed(ledger_json=ZEROS), "nested.zip": packed(a=packed(b=packed(c=ZEROS))), "laughs.yaml": LAUGHS.encode(),
    "deep.yaml": b"[" * 50_000, "wide.csv": b"id" + b",x" * 1_000_000, "long.csv": b"id,site\n" + b'"' + b"x" * 4_000_000, "nul.csv": b"id,site\n\x00,\x00\n",
    "empty": b"", "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(1_000), "half.csv": b"\xff\xfe\x00\xd8", "../../name.csv": b"id,site\na,b\n",
}  # fmt: skip

UPLOADS = {
    "/app/certificates/bulk": "#report", "/app/custody/import?kind=lot": "#report", "/app/custody/import": "#report", "/app/data?tab=plant": "#report",
    f"/app/audit?tab=folder&{MILL}": "#recompute-report", "/app/audit?tab=log": "#verify", "/app/admin?tab=issuer": "#issuer-said",
}  # fmt: skip
"""Pages that take a file, and where they say what is wrong with it."""

SEND = """async ([name, size, content]) => {
  const bytes = size ? new Uint8Array(size) : Uint8Array.from(atob(content), sign => sign.charCodeAt(0));
  const form = new FormData();
  form.append('file', new File([bytes], name));
  const place = document.querySelector('.q-uploader').id.slice(1);
  const answer = await fetch(`/app/_nicegui/client/${window.clientId}/upload/${place}`, {method: 'POST', body: form});
  return answer.status;
}"""
"""Past what the uploader itself looks at: as a client that was written for it."""


def send(page: Any, name: str, content: bytes = b"", size: int = 0) -> int:
    import base64

    return int(page.evaluate(SEND, [name, size, base64.b64encode(content).decode()]))


def test_no_file_does_harm(visit: Any, server: Server, complaints: list[str]) -> None:
    page = visit("/app/", role="admin", wait=".tile")
    before = count_rows(server)
    for address, said in UPLOADS.items():
        for name, content in BURSTING.items():
            page.goto(server.address + address)
            page.wait_for_selector(".q-uploader", timeout=WAIT)
            page.wait_for_function("window.socket?.connected")
            if "plant" in address:
                page.get_by_label("Calendar year").fill("2025")
            assert send(page, name, content) == 200, (address, name)
            page.wait_for_selector(f"{said} :is(.banner.bad, [role=alert])", timeout=WAIT)
            assert page.locator(f"{said} .banner.good:visible").count() == 0, (address, name)
        assert send(page, "large.zip", size=25_000_000) == 413
        assert complaints_of(server) == [], address
    assert count_rows(server) == before
    assert page.request.get(f"{server.address}/readyz").status == 200
    complaints[:] = [line for line in complaints if "413" not in line]  # the browser tells of what was refused
