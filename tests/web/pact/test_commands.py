"""The commands around the service: clients, what is published to them, and what is fetched from a supplier's service."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from pcf.exchange.sharing.register import deprecate_certificate, publish
from pcf.store import Database, open_database
from pcf.store.log import verify
from pcf.web.pact import Settings, create_api
from tests.web.pact.apis import Api
from tests.web.pact.footprints import footprint, publish_all, register
from tests.web.pact.peers import Authority
from tests.web.pact.test_way import running

Pcf = Callable[..., Any]


@pytest.fixture
def home(pcf_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PCF_DATABASE_URL", raising=False)
    return pcf_home


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "footprint.json"
    path.write_text(json.dumps(footprint(1)), encoding="utf-8")
    return path


def test_a_client_is_let_in_and_shut_out(pcf: Pcf, home: Path) -> None:
    made = json.loads(pcf("client", "add", "acme", "--name", "Acme", "--callback", "API.acme.example:8443", "--json").out)
    assert made["client_id"] == "acme" and len(made["client_secret"]) == 43
    assert pcf("client", "add", "acme", "--name", "Acme", "--callback", "api.acme.example:8443").code == 2
    assert "--change" in pcf("client", "add", "acme", "--name", "Other").err
    assert pcf("client", "add", "acme", "--change", "--address", "https://acme.example/pact/3/events").code == 0
    (row,) = json.loads(pcf("client", "list", "--json").out)
    assert row == {
        "id": "acme", "name": "Acme", "party": None, "status": "active", "callbacks": "api.acme.example:8443", "address": "https://acme.example/pact"
    }  # fmt: skip
    assert json.loads(pcf("client", "secret", "acme", "--json").out)["client_secret"] != made["client_secret"]
    assert pcf("client", "disable", "acme").code == 0
    assert json.loads(pcf("client", "list", "--json").out)[0]["status"] == "disabled"


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "A", "--name", "x"), ("add", "acme"), ("add", "acme", "--name", "x", "--callback", "https://x"), ("add", "acme", "--name", "x", "--party", "nobody"),
        ("add", "acme", "--name", "x", "--address", "http://x.example"), ("add", "acme", "--change", "--name", "x"), ("disable", "acme"), ("secret", "acme"),
        ("secret", "acme", "--peer-id", "us"),
    ],
)  # fmt: skip
def test_what_is_no_client_is_refused(pcf: Pcf, home: Path, arguments: tuple[str, ...]) -> None:
    open_database().close()
    run = pcf("client", *arguments)
    assert run.code == 2 and "Traceback" not in run.err
    assert json.loads(pcf("client", "list", "--json").out) == []


def test_the_secret_of_a_peer_is_read_from_a_file_for_its_owner(pcf: Pcf, home: Path, tmp_path: Path) -> None:
    pcf("client", "add", "acme", "--name", "Acme")
    path = tmp_path / "secret"
    path.write_text("hush\n", encoding="utf-8")
    path.chmod(0o644)
    arguments = ("client", "secret", "acme", "--peer-id", "us", "--peer-secret-file", str(path))
    assert "mode 0644" in pcf(*arguments).err
    path.chmod(0o600)
    run = pcf(*arguments)
    assert run.code == 0 and "hush" not in run.out + run.err


def test_a_file_is_published_and_withdrawn(pcf: Pcf, home: Path, page: Path) -> None:
    pcf("client", "add", "acme", "--name", "Acme", "--address", "https://acme.example")
    run = pcf("pact", "publish", str(page), "--client", "acme", "--json")
    name = footprint(1)["id"]
    assert json.loads(run.out) == {"id": name, "certificate": None, "published": ["acme"], "known": 0, "deprecated": []}
    assert json.loads(pcf("pact", "publish", str(page), "--client", "acme", "--json").out)["known"] == 1
    (row,) = json.loads(pcf("pact", "published", "--json").out)
    assert (row["client"], row["id"], row["state"], row["status"]) == ("acme", name, "published", "Active")
    (event,) = json.loads(pcf("pact", "events", "--out", "--json").out)
    assert (event["client"], event["state"], event["tries"]) == ("acme", "waiting", 0)
    assert json.loads(pcf("pact", "withdraw", name.upper(), "--client", "acme", "--json").out)["withdrawn"] == ["acme"]
    assert json.loads(pcf("pact", "published", "--client", "acme", "--json").out)[0]["state"] == "withdrawn"
    with closing(open_database()) as database, database.read() as connection:
        assert list(verify(connection)) == []


@pytest.mark.parametrize("what", ["PCF-2026-000001", "none.json", "list.json", "broken.json", "changed.json"])
def test_what_cannot_be_published_is_refused(
    pcf: Pcf, home: Path, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pcf("client", "add", "acme", "--name", "Acme")
    Path("list.json").write_text("[]", encoding="utf-8")
    Path("broken.json").write_text("{", encoding="utf-8")
    Path("changed.json").write_text(json.dumps({**footprint(1), "companyName": "Somebody else"}), encoding="utf-8")
    run = pcf("pact", "publish", what, "--client", "acme")
    assert run.code == 2 and "Traceback" not in run.err, run.err
    assert json.loads(pcf("pact", "published", "--json").out) == []


def test_what_was_published_of_a_certificate_that_ends_is_deprecated(api: Api) -> None:
    for number, certificate in ((1, "PCF-2026-000001"), (2, "PCF-2026-000002")):
        with api.database.write("me") as tx:
            publish(tx, footprint(number), ["alpha", "beta"], certificate)
    with api.database.write("me") as tx:
        deprecate_certificate(tx, "PCF-2026-000001")
        deprecate_certificate(tx, "PCF-2026-000001")
    for client in ("alpha", "beta"):
        assert api.ids("?status=Deprecated", client) == [footprint(1)["id"]]
        assert api.ids("?status=Active", client) == [footprint(2)["id"]]


def test_a_footprint_is_computed_without_a_server(pcf: Pcf, home: Path) -> None:
    """What is slow to import is not imported where it is not needed."""
    import subprocess
    import sys

    code = "import sys; from pcf.commands.main import cli; cli.get_command(None, 'pact'); cli.get_command(None, 'client');"
    code += "print([name for name in ('fastapi', 'starlette', 'joserfc', 'sqlalchemy') if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.fixture
def supplier(tmp_path: Path, home: Path, authority: Authority) -> Iterator[tuple[str, Path, Database]]:
    """A supplier's service over TLS on this machine: its address, the file of our secret there, its database."""
    database = open_database(f"sqlite:///{tmp_path / 'supplier.db'}")
    secret = tmp_path / "secret"
    secret.touch(0o600)
    secret.write_text(register(database, "us"), encoding="utf-8")
    certificate, key = authority.issue("localhost")

    def make(port: int) -> FastAPI:
        return create_api(Settings(f"https://localhost:{port}", deliver=False), database)

    with running(make, ssl_certfile=str(certificate), ssl_keyfile=str(key)) as port:
        yield f"https://localhost:{port}", secret, database
    database.close()


def fetch(pcf: Pcf, supplier: tuple[str, Path, Database], authority: Authority, *more: str) -> Any:
    address, secret, _ = supplier
    networks = ("--private", "127.0.0.0/8", "--private", "::1")
    return pcf(
        "pact",
        "fetch",
        address,
        "--client-id",
        "us",
        "--secret-file",
        str(secret),
        "--ca",
        str(authority.ca_file),
        *networks,
        *more,
    )


def test_a_suppliers_footprints_become_fields_of_lots(pcf: Pcf, supplier: Any, authority: Authority, tmp_path: Path) -> None:
    """All pages of what it shows to us: 250 footprints, 100 a page."""
    publish_all(supplier[2], map(footprint, range(250)), ["us"])
    lots, kept = tmp_path / "lots.csv", tmp_path / "kept.json"
    run = fetch(pcf, supplier, authority, "--lot-csv", str(lots), "--out", str(kept), "--json")
    assert run.code == 0, run.err
    found = json.loads(run.out)["footprints"]
    assert [item["id"] for item in found] == [footprint(number)["id"] for number in range(250)]
    with lots.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["footprint"] for row in rows} == {"7.5"} and rows[3]["footprint_document"] == footprint(3)["id"]
    again = json.loads(pcf("pact", "import", str(kept), "--json").out)["footprints"]
    assert again == found, "what was kept says the same as what was fetched"


def test_filters_are_handed_on(pcf: Pcf, supplier: Any, authority: Authority) -> None:
    publish_all(supplier[2], [footprint(1), footprint(2, pcf={"geographyCountry": "CA"})], ["us"])
    arguments = ("--geography", "CA", "--geography", "US", "--status", "Active", "--valid-on", "2026-03-01", "--json")
    assert [item["product"] for item in json.loads(fetch(pcf, supplier, authority, *arguments).out)["footprints"]] == ["Ingot 2"]
    run = fetch(pcf, supplier, authority, "--product-id", "urn:none")
    assert run.code == 2 and "no footprint" in run.err


def test_wrong_ways_of_fetching_are_one_line(pcf: Pcf, supplier: Any, authority: Authority, tmp_path: Path) -> None:
    address, secret, _ = supplier
    base = ("pact", "fetch", address, "--client-id", "us", "--secret-file", str(secret))
    wrong = tmp_path / "wrong"
    wrong.touch(0o600)
    wrong.write_text("wrong", encoding="utf-8")
    open_file = tmp_path / "open"
    open_file.write_text("x", encoding="utf-8")
    open_file.chmod(0o644)
    trusted = ("--ca", str(authority.ca_file))
    allowed = ("--private", "127.0.0.0/8", "--private", "::1")
    for arguments, code, said in (
        ((*base, *trusted), 1, "no public address"),
        ((*base, *allowed), 3, "CERTIFICATE_VERIFY_FAILED"),
        ((*base[:-1], str(wrong), *trusted, *allowed), 1, "gives no token: 401"),
        ((*base[:-1], str(open_file), *trusted, *allowed), 2, "mode 0644"),
        (("pact", "fetch", address.replace("https", "http"), *base[3:]), 2, "an https address"),
        ((*base, *trusted, "--private", "everybody"), 2, "a network such as"),
        ((*base, *trusted, *allowed, "--valid-on", "yesterday"), 1, "400 validOn"),
    ):
        run = pcf(*arguments)
        assert (run.code, run.err.count("\n")) == (code, 1) and said in run.err, run.err


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/3/footprints?x", "http://localhost/3/footprints", "//evil.example/x", "https://localhost:1/3/footprints", "https://u@localhost:{port}/3/footprints",
        "/elsewhere", "{base}/3/footprints",
    ],
)  # fmt: skip
def test_a_next_page_elsewhere_is_not_followed(pcf: Pcf, home: Path, authority: Authority, tmp_path: Path, link: str) -> None:
    """A supplier's service that leads away, or in a circle."""
    from fastapi import Response

    asked: list[str] = []
    certificate, key = authority.issue("localhost")

    def make(port: int) -> FastAPI:
        app = FastAPI()

        @app.post("/auth/token")
        def token() -> dict[str, str]:
            return {"access_token": "t"}

        @app.get("/3/footprints")
        def footprints() -> Response:
            asked.append(threading.current_thread().name)
            target = link.format(base=f"https://localhost:{port}", port=port)
            return Response(json.dumps({"data": [footprint(1)]}), headers={"Link": f'<{target}>; rel="next"'})

        return app

    secret = tmp_path / "secret"
    secret.touch(0o600)
    secret.write_text("x", encoding="utf-8")
    with running(make, ssl_certfile=str(certificate), ssl_keyfile=str(key)) as port:
        run = fetch(pcf, (f"https://localhost:{port}", secret, None), authority)  # type: ignore[arg-type]
    assert run.code == 1 and run.out == ""
    assert ("not on the same service" in run.err and len(asked) == 1) or "in a circle" in run.err, run.err
