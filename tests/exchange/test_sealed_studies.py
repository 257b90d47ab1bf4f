"""A sealed bundle, handed on as files for other programs, gives the sealed number there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcf.catalogue import Catalogue
from pcf.certificate.seal import make_seal
from pcf.certificate.strict_json import write_canonical
from pcf.engine import at, calculate
from pcf.methods import assess, document
from pcf.model import Method, Settings
from tests.exchange.test_brightway_package import compute
from tests.exchange.test_openlca import read, solve

SALT = bytes(range(32))


def sealed(catalogue: Catalogue, *products: tuple[str, float], gwp: str = "AR6") -> bytes:
    """A bundle of products with their weights: kg of each per kg of what is sealed, which trim makes more than 1 together."""
    found = [(mass, calculate(catalogue, product, Method(gwp=gwp), Settings())) for product, mass in products]
    value = sum(mass * at(item.total, 0) for mass, item in found)
    printed = document(found[0][1], assess(found[0][1]))
    return make_seal([(mass, item.system) for mass, item in found], printed, value, SALT)[0]


def export(pcf: Callable[..., Any], kind: str, folder: Path, bundle: bytes, out: str) -> Any:
    (folder / "seal.json").write_bytes(bundle)
    return pcf("export", kind, "--bundle", str(folder / "seal.json"), "--out", str(folder / out), "--json")


def test_every_part_is_a_product_system_that_gives_its_share(
    pcf: Callable[..., Any], catalogue: Catalogue, tmp_path: Path
) -> None:
    run = export(pcf, "openlca", tmp_path, sealed(catalogue, ("a356.2", 0.25), ("hqalight", 0.8), gwp="AR5"), "study.zip")
    assert run.code == 0, run.err
    package = read(tmp_path / "study.zip")
    systems = {item["name"]: solve(package, item) for item in package["product_systems"].values()}
    first, second = (
        1000 * json.loads(pcf("footprint", product, "--gwp", "AR5", "--json").out)["total"]["value"]
        for product in ("a356.2", "hqalight")
    )
    assert [systems[name] for name in sorted(systems)] == pytest.approx([first, second], rel=1e-9)
    said = json.loads(run.out)
    assert (said["value"], said["unit"]) == (pytest.approx((0.25 * first + 0.8 * second) / 1000, rel=1e-9), "kg")
    # The gas of a factor that is no CO2e is told apart: methane of coal mines, 6.26e-3 kg per kg of coal in datasets/factors.
    (mine,) = [item for item in package["processes"].values() if item["name"] == "coal-mine-methane-underground-cn"][:1]
    emission = next(item for item in mine["exchanges"] if not item.get("isQuantitativeReference"))
    assert package["flows"][emission["flow"]["@id"]]["name"] == "methane, fossil"
    row = catalogue.factors["coal-mine-methane-underground-cn"]
    assert emission["amount"] == pytest.approx(row[max(row)].quantity.shown, rel=1e-9)  # kg/t, of a t
    assert package["sources"][mine["processDocumentation"]["sources"][0]["@id"]]["name"] == row[max(row)].quantity.marks.source


def test_brightway_alone_computes_a_bundle(pcf: Callable[..., Any], catalogue: Catalogue, tmp_path: Path) -> None:
    run = export(pcf, "brightway-package", tmp_path, sealed(catalogue, ("hqaloop", 1.0)), "study.bw2package")
    assert run.code == 0, run.err
    start = json.loads((tmp_path / "seal.json").read_text(encoding="utf-8"))["parts"][0]["nodes"][0]["key"]
    found = compute(tmp_path / "study.bw2package", start, tmp_path / "brightway")
    assert found["score"] == pytest.approx(1000 * json.loads(run.out)["value"], rel=1e-6)


def test_a_bundle_whose_number_is_another_is_not_handed_on(pcf: Callable[..., Any], catalogue: Catalogue, tmp_path: Path) -> None:
    content = json.loads(sealed(catalogue, ("anode", 1.0)))
    content["result"]["value"] *= 1.0001
    run = export(pcf, "openlca", tmp_path, write_canonical(content, "seal"), "study.zip")
    assert run.code == 1 and "the footprint is" in run.err and not (tmp_path / "study.zip").exists()


def test_a_bundle_that_says_little_or_lies_is_handed_on_as_it_is_or_refused(
    pcf: Callable[..., Any], catalogue: Catalogue, tmp_path: Path
) -> None:
    good = json.loads(sealed(catalogue, ("anode", 1.0)))
    value = good["result"]["value"]

    def change(action: Callable[[dict[str, Any]], Any]) -> Any:
        content = json.loads(json.dumps(good))
        action(content)
        (tmp_path / "study.zip").unlink(missing_ok=True)
        return export(pcf, "openlca", tmp_path, write_canonical(content, "seal"), "study.zip")

    def first(content: dict[str, Any]) -> Any:
        return content["parts"][0]["nodes"][0]

    for action in (
        lambda content: content.update(calculation={}),
        lambda content: content["calculation"].update(factors=[], parameters="x", method={"gwp": "AR9"}, product={"name": [], "id": "a/../b"}),
        lambda content: content["calculation"].update(references={"x": 3}, site={"name": {}}, provenance={"engine": {"a": 1}}),
        lambda content: [item.update(url="javascript:alert(1)") for item in content["calculation"]["references"].values()],
        lambda content: first(content).update(unit="barrel", name="<b>x</b>\u202e", geography=""),
        lambda content: content["calculation"]["factors"].update({key: {"value": "x"} for key in content["calculation"]["factors"]}),
    ):  # fmt: skip
        run = change(action)
        assert run.code == 0, run.err
        package = read(tmp_path / "study.zip")
        (system,) = package["product_systems"].values()
        assert solve(package, system) == pytest.approx(1000 * value, rel=1e-9)
        assert "\u202e" not in json.dumps(package, ensure_ascii=False)
        assert "javascript:" not in {str(item.get("url"))[:11] for item in package.get("sources", {}).values()}
    row = next(link["target"] for node in good["parts"][0]["nodes"] for link in node["links"] if link["kind"] == "factor")
    run = change(lambda content: first(content).update(key=f"factor:{row}"))
    assert run.code == 2 and "two activities under one key" in run.err and not (tmp_path / "study.zip").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "a PRODUCT, or --bundle"),
        (("a356.2", "--bundle", "{folder}/seal.json"), "both"),
        (("--bundle", "{folder}/seal.json", "--gwp", "AR5"), "--gwp"),
        (("--bundle", "{folder}/seal.json", "--site", "yunnan"), "--site"),
        (
            (
                "--bundle",
                "{folder}/none.json",
            ),
            "no regular file",
        ),
        (
            (
                "--bundle",
                "{folder}/text.json",
            ),
            "bundle",
        ),
    ],
)
def test_usage_that_makes_no_sense_is_refused(
    pcf: Callable[..., Any], tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "seal.json").write_text("{}", encoding="utf-8")
    (tmp_path / "text.json").write_text("no bundle", encoding="utf-8")
    for kind, name in (("openlca", "study.zip"), ("brightway-package", "study.bw2package")):
        run = pcf("export", kind, *(item.format(folder=tmp_path) for item in arguments), "--out", str(tmp_path / name))
        assert run.code == 2 and said in run.err and not (tmp_path / name).exists()
        assert run.err.count("\n") == 1 and "defect" not in run.err
