"""`pcf certificate`: every option, wrong ones, customers' files of every kind, the issuer's file, keys."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pcf.certificate.trust import read_trust
from pcf.certificate.verify import holds, verify
from tests.certificate import offices
from tests.certificate.certificates import texts
from tests.certificate.offices import COILS, HEAT, INGOT, OTHER_HEAT
from tests.commands.mills import Call, done, loaded

CUSTOMER = "name: Räderwerk GmbH\naddress: Hafenstraße 1, 20457 Hamburg\ncountry: DE\n"
ISSUE = ("certificate", "issue", "--batch", OTHER_HEAT, "--customer", "customer.yaml", "--out", "c.pdf")


@pytest.fixture(scope="session")
def sample_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("books") / "pcf.db"
    offices.prepare(f"sqlite:///{path}")
    return path


@pytest.fixture
def desk(pcf: Call, plant: None, pcf_home: Path, sample_database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a customer's file; the state folder has books, keys and an issuer's file."""
    shutil.copy(sample_database, pcf_home / "pcf.db")
    monkeypatch.setattr("pcf.commands.certificate.this_day", lambda: date(2026, 3, 2))
    done(
        pcf(
            "key",
            "create",
            "--company",
            "Demo Aluminium Co., Ltd (invented)",
            "--did",
            "did:web:verify.demo.example",
            "--no-passphrase",
        )
    )
    done(pcf("certificate", "profile", "--out", str(pcf_home / "issuer.yaml")))
    Path("customer.yaml").write_text(CUSTOMER, encoding="utf-8")
    return Path.cwd()


def numbers(pcf: Call) -> list[str]:
    return [row["number"] for row in loaded(pcf("certificate", "list", "--json"))]


def refused(pcf: Call, code: int, *arguments: str) -> str:
    """What is said of a call that is refused: a line for each problem, nothing on stdout, no file, nothing recorded."""
    before = (numbers(pcf), sorted(map(str, Path().iterdir())))
    run = pcf(*arguments)
    assert (run.code, run.out) == (code, ""), run.err
    assert all(line.startswith("pcf: ") for line in run.err.splitlines()), run.err
    assert (numbers(pcf), sorted(map(str, Path().iterdir()))) == before
    return run.err


# issue -------------------------------------------------------------------------------------------------------------------


def test_a_shipment_is_issued_published_and_verified(pcf: Call, desk: Path) -> None:
    """Its customer is the party that it went to."""
    found = loaded(pcf("certificate", "issue", "--shipment", INGOT, "--out", "c.pdf", "--bundle", "b.json", "--json"))
    assert (found["number"], found["kind"], found["mass_kg"], found["demonstration"]) == (
        "PCF-2026-000001",
        "shipment",
        200_000,
        True,
    )
    assert found["footprint"]["boundary"] == "cradle-to-gate"
    assert found["verify"] == f"https://verify.demo.example/c/{found['id']}"
    done(pcf("certificate", "publish", "--out", "trust/demo"))
    assert sorted(path.name for path in Path("trust/demo").iterdir()) == [
        "c",
        "certificates.pem",
        "did.json",
        "issuer.json",
        "log-head.txt",
        "status",
    ]
    steps = verify(Path("c.pdf"), read_trust(Path("trust")), Path("b.json"), at=datetime.now(UTC))
    assert holds(steps), [step for step in steps if not step.good]
    shown = "".join(texts(Path("c.pdf").read_bytes()))
    assert "DemoRollingCompany(invented)" in shown
    assert "DEMONSTRATION—NOTACLAIM" in shown


def test_what_is_printed_for_people(pcf: Call, desk: Path) -> None:
    run = done(pcf(*ISSUE, "--mass", "1000", "--lang", "en"))
    assert run.out.splitlines() == [
        "PCF-2026-000001: 7.68 tCO2e/t · Cradle to gate · GWP AR6; L-0203-2, 1,000 kg, valid until 2027-03-02 → c.pdf",
        "DEMONSTRATION - NOT A CLAIM: the plant is invented, and the certificate says so on every page.",
    ]
    chinese = done(pcf("--lang", "zh", *ISSUE, "--mass", "1000", "--lang", "zh", "--force"))
    assert "PCF-2026-000002" in chinese.out
    assert "valid until" not in chinese.out
    assert "产品碳足迹证书" in "".join(texts(Path("c.pdf").read_bytes()))


def test_every_option_of_a_product(pcf: Call, desk: Path) -> None:
    found = loaded(pcf(
        "certificate", "issue", "--product", "hqalight", "--site", "demo-smelter", "--year", "2025", "--mass", "5000", "--customer",
        "customer.yaml", "--lang", "zh", "--out", "c.pdf", "--valid-until", "2026-12-31", "--key", "K", "--electricity", "contract",
        "--attribution", "site-average", "--low-voltage-pfc", "included", "--scrap", "cut-off", "--gwp", "AR5", "--issuer", "issuer",
        "--json",
    ))  # fmt: skip
    assert (found["kind"], found["valid_until"], found["footprint"]["gwp"]) == ("product", "2026-12-31", "AR5")


def test_a_product_of_a_year_by_batch_is_what_remains_of_it(pcf: Call, desk: Path) -> None:
    """20 t of the second heat by batch, so that of 500 t 480 remain: 250 and 230 t; a table of orders after that."""
    done(pcf(*ISSUE, "--mass", "20000"))
    rest = ("certificate", "issue", "--product", "hqalight", "--site", "demo-smelter", "--customer", "customer.yaml")
    assert (
        "500,000 kg of hqalight of demo-smelter in 2025, which is certified by batch; expected at most the 480,000.000 kg"
        in refused(pcf, 2, *rest, "--mass", "500000", "--out", "r.pdf")
    )
    found = loaded(pcf(*rest, "--mass", "48000", "--out", "r.pdf", "--bundle", "r.json", "--json"))
    assert (found["kind"], found["mass_kg"]) == ("product", 48_000)
    shown = json.loads(done(pcf("certificate", "show", found["number"])).out)["certificate"]
    assert (shown["average_of"], [(one["id"], one["share"]) for one in shown["batches"]]) == (
        "remaining", [(HEAT, 25 / 48), (OTHER_HEAT, 23 / 48)]
    )  # fmt: skip
    Path("orders.csv").write_text(
        "order,product,batch,site,mass_kg,name,address,country\n"
        "1,hqalight,,demo-smelter,1000,Buyer,1 Road,DE\n"
        f"2,,{OTHER_HEAT},,,Buyer,1 Road,DE\n"
        "3,hqalight,,demo-smelter,,Buyer,1 Road,DE\n",
        encoding="utf-8",
    )
    done(pcf("certificate", "bulk", "orders.csv", "--out", "made"))
    rows = loaded(pcf("certificate", "list", "--json"))
    assert [row["certified"] for row in rows] == ["hqalight", OTHER_HEAT, "hqalight", "hqalight", OTHER_HEAT]
    # The batch order takes all whole kilograms of its heat; together all that was cast, but for less than a kilogram.
    assert sum(row["mass_kg"] for row in rows) in (499_999, 500_000)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "what to certify: found none; expected exactly one of --product, --batch, --shipment"),
        (("--batch", HEAT, "--shipment", INGOT), "what to certify: found --batch, --shipment"),
        (("--batch", " "), "what to certify: found --batch"),
        (("--batch", HEAT, "--site", "demo-smelter"), "--site, --year: found 'demo-smelter'; expected nothing"),
        (("--batch", HEAT, "--year", "2025"), "--site, --year: found 2025; expected nothing"),
        (("--product", "hqalight", "--site", "nowhere", "--mass", "5"), "--site: found 'nowhere'; expected a site of the records"),
        (("--product", "hqalight", "--site", "demo-smelter", "--mass", "0"), "--mass"),
        (("--batch", HEAT, "--mass", "1.5"), "--mass"), (("--batch", HEAT, "--mass", "-1"), "--mass"),
        (("--batch", HEAT, "--valid-until", "31.12.2026"), "--valid-until: found '31.12.2026'; expected a day such as 2027-03-31"),
        (("--batch", HEAT, "--valid-until", "2026-02-30"), "--valid-until: found '2026-02-30'"),
        (("--batch", HEAT, "--valid-until", "20261231"), "--valid-until: found '20261231'"),
        (("--batch", HEAT, "--lang", "fr"), "--lang"), (("--batch", HEAT, "--scrap", "none"), "--scrap"),
        (("--batch", HEAT, "--reason", "because"), "--reason: found 'because'; expected none without --replaces"),
        (("--batch", HEAT, "--replaces", "PCF-1"), "certificate: found 'PCF-1'"),
        (("--batch", HEAT, "--key", "x" * 201), "--key"),
        (("--batch", "NOWHERE"), "unit: found 'NOWHERE'"),
        (("--batch", HEAT, "--profile", "nowhere.yaml"), "nowhere.yaml: found no regular file"),
    ],
    ids=str,
)  # fmt: skip
def test_wrong_options(pcf: Call, desk: Path, arguments: tuple[str, ...], says: str) -> None:
    assert says in refused(pcf, 2, "certificate", "issue", *arguments, "--customer", "customer.yaml", "--out", "c.pdf")


def test_a_check_that_says_no_is_exit_1(pcf: Call, desk: Path) -> None:
    assert "low-voltage PFC neither measured nor included" in refused(pcf, 1, *ISSUE, "--low-voltage-pfc", "excluded")


def test_places_where_no_file_can_be_made(pcf: Call, desk: Path) -> None:
    Path("there.pdf").write_text("mine", encoding="utf-8")
    Path("link.pdf").symlink_to("there.pdf")
    os.mkfifo("pipe.pdf")
    Path("folder.pdf").mkdir()
    for out, says in (
        ("c.txt", "found .txt; expected .pdf"), ("there.pdf", "a file that exists"), ("nowhere/c.pdf", "a folder that does not exist"),
        ("folder.pdf", "found a folder"),
    ):  # fmt: skip
        assert says in refused(pcf, 2, *ISSUE[:-1], out)
    for out, says in (("link.pdf", "a symbolic link"), ("pipe.pdf", "a pipe or device")):
        assert says in refused(pcf, 2, *ISSUE[:-1], out, "--force")
    assert "found .pdf; expected .json" in refused(pcf, 2, *ISSUE, "--bundle", "b.pdf")
    assert Path("there.pdf").read_text(encoding="utf-8") == "mine"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB with 50 kB left, where a certificate does not fit."""
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk (tmpfs)")
    (folder / "other").write_bytes(bytes(1_000_000))
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_leaves_no_half_file_and_a_certificate_whose_file_can_be_written(
    pcf: Call, desk: Path, small_disk: Path
) -> None:
    run = pcf(*ISSUE[:-1], str(small_disk / "c.pdf"))
    assert (run.code, run.out) == (3, "")
    (line,) = run.err.splitlines()
    assert "No space left on device; nothing was written; certificate PCF-2026-000001 is recorded all the same" in line
    assert "pcf certificate show PCF-2026-000001 --out FILE.pdf writes its file" in line
    assert [path.name for path in small_disk.iterdir()] == ["other"]
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    assert "Read-only file system" in refused(
        pcf, 3, "certificate", "show", "PCF-2026-000001", "--out", str(small_disk / "c.pdf")
    )
    done(pcf("certificate", "show", "PCF-2026-000001", "--out", "c.pdf", "--bundle", "b.json"))
    done(pcf("certificate", "publish", "--out", "trust/demo"))
    assert holds(verify(Path("c.pdf"), read_trust(Path("trust")), Path("b.json"), at=datetime.now(UTC)))


def test_a_repeat_with_its_key_is_the_same_certificate(pcf: Call, desk: Path) -> None:
    first = loaded(pcf(*ISSUE, "--key", "ORDER-7", "--json"))
    again = loaded(pcf(*ISSUE, "--key", "ORDER-7", "--json", "--force"))
    assert first == again
    assert "--key: found 'ORDER-7', under which PCF-2026-000001 was issued" in refused(
        pcf, 2, *ISSUE, "--key", "ORDER-7", "--mass", "5", "--force"
    )


def test_a_preview_is_neither_recorded_nor_signed(pcf: Call, desk: Path) -> None:
    run = done(pcf(*ISSUE, "--preview"))
    assert run.out == "Preview, neither recorded nor signed: 7.68 tCO2e/t → c.pdf\n"
    assert numbers(pcf) == []
    assert "PREVIEW" in "".join(texts(Path("c.pdf").read_bytes()))


def test_replacing(pcf: Call, desk: Path) -> None:
    done(pcf(*ISSUE))
    found = loaded(pcf(*ISSUE, "--replaces", "PCF-2026-000001", "--reason", "wrong street", "--force", "--json"))
    shown = loaded(pcf("certificate", "show", "PCF-2026-000001"))
    assert shown["end"] == {
        "status": "superseded",
        "date": "2026-03-02",
        "reason": "wrong street",
        "replaced_by": found["number"],
    }


# Customers -----------------------------------------------------------------------------------------------------------------


PLAIN = {"name": "Räderwerk GmbH", "address": "Hafenstraße 1", "country": "DE"}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": None}, "customer.yaml.name: found nothing"), ({"address": ""}, "customer.yaml.address"),
        ({"country": "Germany"}, "customer.yaml.country: found 'Germany'; expected a country by its two letters"),
        ({"phone": "1"}, "customer.yaml.phone: found a field that is not known"),
        ({"name": "שלום"}, "customer.yaml.name"), ({"name": "a\u202eb"}, "customer.yaml:1: found control or direction characters"), ({"name": "wheels 🚗"}, "U+1F697"),
        ({"name": "𠀀"}, "U+20000"), ({"name": "x" * 500}, "customer.yaml.name"), ({"name": "a\u0000b"}, "customer.yaml"),
        ({"name": ["a"]}, "customer.yaml.name"), ({"name": 7}, "customer.yaml.name"), ({"order": "a\nb"}, "customer.yaml.order"),
    ],
    ids=str,
)  # fmt: skip
def test_customers_that_cannot_be_printed(pcf: Call, desk: Path, fields: dict[str, Any], says: str) -> None:
    Path("customer.yaml").write_text(json.dumps({**PLAIN, **fields}, ensure_ascii=False), encoding="utf-8")
    assert says in refused(pcf, 2, *ISSUE)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "customer.yaml: found an empty file"), ("[1, 2]", "customer.yaml: found a list"), ("name", "customer.yaml: found a str"),
        ("a: &x [1]\nb: *x\n", "customer.yaml:1: found an anchor or alias"), ("name: !!python/object:os.system x\n", "found tag"),
        ("{" * 5000, "customer.yaml"), ("name: a\nname: b\n", "customer.yaml"), ("name: [\n", "customer.yaml"), ("\ufeffname: a", "byte order mark"),
        ("name: a\n---\nname: b\n", "customer.yaml:2"), ("x" * 2_100_000, "customer.yaml: found 2,100,000 bytes"),
    ],
    ids=lambda value: value[:12],
)  # fmt: skip
def test_files_that_are_no_customer(pcf: Call, desk: Path, content: str, says: str) -> None:
    Path("customer.yaml").write_text(content, encoding="utf-8")
    assert says in refused(pcf, 2, *ISSUE)


def test_places_that_are_no_file(pcf: Call, desk: Path) -> None:
    Path("folder").mkdir()
    os.mkfifo("pipe")
    for name in ("folder", "pipe", "nowhere", "/dev/zero"):
        assert f"{Path(name).name}: found no regular file" in refused(pcf, 2, *ISSUE[:5], name, *ISSUE[6:])
    assert "--customer: found nothing; expected a file with name, address and country" in refused(pcf, 2, *ISSUE[:4], *ISSUE[6:])


def test_markup_is_printed_as_it_was_typed(pcf: Call, desk: Path) -> None:
    name, address = '#panic("no") $x$ *b* `r` \\ @l <b>&amp;</b>', "{{7*7}} ${x} %s ../../etc <script>alert(1)</script>"
    customer = {**PLAIN, "name": name, "address": address, "order": "=1+1"}
    Path("customer.yaml").write_text(json.dumps(customer), encoding="utf-8")
    done(pcf(*ISSUE, "--lang", "en"))
    shown = "".join(texts(Path("c.pdf").read_bytes()))
    for value in customer.values():
        assert value.replace(" ", "") in shown.replace(" ", "")


def test_a_shipment_is_for_whom_it_went_to(pcf: Call, desk: Path) -> None:
    text = refused(pcf, 2, "certificate", "issue", "--shipment", INGOT, "--customer", "customer.yaml", "--out", "c.pdf")
    assert "customer.yaml, name: found 'Räderwerk GmbH'; expected the customer of shipment SH-L-01: 'Demo Rolling Company" in text
    own = {**PLAIN, "name": "demo rolling company (INVENTED)", "part_number": "P-7"}
    Path("customer.yaml").write_text(json.dumps(own), encoding="utf-8")
    done(pcf("certificate", "issue", "--shipment", INGOT, "--customer", "customer.yaml", "--out", "c.pdf"))
    assert "--shipment: found 'SH-X'; expected a recorded shipment" in refused(
        pcf, 2, "certificate", "issue", "--shipment", "SH-X", "--out", "d.pdf"
    )
    assert "issuer.yaml, products: found no can-stock-3104" in refused(
        pcf, 2, "certificate", "issue", "--shipment", COILS, "--out", "d.pdf"
    )


# list, show, revoke, publish, profile -----------------------------------------------------------------------------------


def test_the_list(pcf: Call, desk: Path) -> None:
    assert "No certificate has been issued yet" in done(pcf("certificate", "list")).out
    assert loaded(pcf("certificate", "list", "--json")) == []
    assert "pcf key create" in done(pcf("--lang", "zh", "certificate", "list")).out
    for mass in ("1000", "2000", "3000"):
        done(pcf(*ISSUE, "--mass", mass, "--force"))
    assert [row["mass_kg"] for row in loaded(pcf("certificate", "list", "--json", "--limit", "2"))] == [3000, 2000]
    assert len(loaded(pcf("certificate", "list", "--json", "--contains", "räderwerk"))) == 3
    assert loaded(pcf("certificate", "list", "--json", "--contains", "nobody")) == []
    assert "L-0203-2" in done(pcf("certificate", "list")).out
    assert pcf("certificate", "list", "--limit", "0").code == 2


def test_showing(pcf: Call, desk: Path) -> None:
    issued = loaded(pcf(*ISSUE, "--json"))
    for name in (issued["number"], issued["id"]):
        found = loaded(pcf("certificate", "show", name))
        assert found["certificate"]["number"] == issued["number"]
        assert found["end"] is None
    assert "a file that exists" in refused(pcf, 2, "certificate", "show", issued["number"], "--out", "c.pdf")
    assert "certificate: found 'PCF-1'" in refused(pcf, 2, "certificate", "show", "PCF-1")
    assert done(pcf("certificate", "show", issued["number"], "--bundle", "b.json")).out == "written: b.json\n"


def test_revoking(pcf: Call, desk: Path) -> None:
    done(pcf(*ISSUE))
    for reason in ("", " ", "x" * 301, "a\nb"):
        assert "--reason" in refused(pcf, 2, "certificate", "revoke", "PCF-2026-000001", "--reason", reason)
    assert "certificate: found 'PCF-1'" in refused(pcf, 2, "certificate", "revoke", "PCF-1", "--reason", "r")
    assert pcf("certificate", "revoke", "PCF-2026-000001").code == 2
    text = done(pcf("certificate", "revoke", "PCF-2026-000001", "--reason", "wrong mass")).out
    assert text == "PCF-2026-000001 is revoked since 2026-03-02: wrong mass. Publish it: pcf certificate publish\n"
    assert loaded(pcf("certificate", "revoke", "PCF-2026-000001", "--reason", "wrong mass", "--json"))["status"] == "revoked"
    assert "revoked on 2026-03-02: wrong mass" in refused(pcf, 2, "certificate", "revoke", "PCF-2026-000001", "--reason", "r")
    done(pcf("certificate", "publish", "--out", "trust/demo", "--days", "7"))
    steps = verify(Path("c.pdf"), read_trust(Path("trust")), at=datetime.now(UTC))
    assert [step.key for step in steps if step.good is False] == ["status"]


def test_publishing_into_what_is_no_folder(pcf: Call, desk: Path) -> None:
    Path("file").write_text("x", encoding="utf-8")
    for place in ("file", "file/below"):
        run = pcf("certificate", "publish", "--out", place)
        assert (run.code in (2, 3), len(run.err.splitlines())) == (True, 1), run.err
    assert pcf("certificate", "publish", "--out", "p", "--days", "0").code == 2


def test_the_issuers_file_is_written_once(pcf: Call, desk: Path) -> None:
    done(pcf("certificate", "profile", "--out", "new.yaml"))
    assert "a file that exists" in refused(pcf, 2, "certificate", "profile", "--out", "new.yaml")
    assert "expected .yaml or .yml" in refused(pcf, 2, "certificate", "profile", "--out", "new.txt")
    done(pcf("certificate", "profile", "--out", "new.yaml", "--force"))
    done(pcf(*ISSUE, "--profile", "new.yaml"))
