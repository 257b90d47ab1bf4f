"""The sealed calculation: computed again by others, and read only when it is what it should be."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pcf.catalogue import Catalogue
from pcf.certificate.seal import MOST_PARTS, Recomputed, check_seal, make_seal, read_seal, recompute
from pcf.certificate.strict_json import write_canonical
from pcf.engine import at, calculate
from pcf.errors import InputError
from pcf.methods import assess, document
from pcf.model import System

SALT = bytes(range(32))


def small(factor: float = 10.0, loop: float = 0.0) -> System:
    """1 t of product takes 2 kWh, which cost `factor` kgCO2e each, and bears 3 kg of a gas of 1 kgCO2e/kg."""

    def node(key: str, unit: str, scale: float, links: list[Any]) -> Any:
        process = SimpleNamespace(name={"en": key}, unit=unit, reference={"en": key}, scale=scale)
        return SimpleNamespace(key=key, process=process, scope=SimpleNamespace(id="here", geography="CN"), links=links)

    def link(kind: str, target: Any, amount: float, characterised: float) -> Any:
        return SimpleNamespace(
            kind=kind, target=target, amount=amount, characterised=characterised, gas="CO2", category="electricity", text=""
        )

    nodes = [
        node(
            "product",
            "t",
            1000.0,
            [link("input", 1, 0.002, 0.0), link("input", 0, loop, 0.0), link("emission", "CO2", 0.003, 1.0)],
        ),
        node("power", "kWh", 1.0, [link("factor", "grid", 1.0, factor)]),
    ]
    return cast(System, SimpleNamespace(nodes=nodes, method=SimpleNamespace(gwp="AR6")))


# 0.002 kWh/kg · 10 kgCO2e/kWh + 0.003 kg/kg · 1 kgCO2e/kg = 0.023 kgCO2e/kg
BY_HAND = 0.023


def test_a_small_system_comes_out_as_by_hand() -> None:
    bundle, digest = make_seal([(1.0, small())], {}, BY_HAND, SALT)
    assert digest == hashlib.sha256(bundle).hexdigest()
    found = check_seal(bundle)
    assert found.reference == pytest.approx(BY_HAND, rel=1e-12)
    assert found.brightway == recompute(bundle) == pytest.approx(BY_HAND, rel=1e-6)
    assert found.scale == pytest.approx(BY_HAND, rel=1e-12)
    assert found.agrees


def test_parts_are_weighted() -> None:
    # a quarter of 0.023 and three of 0.002 · 30 + 0.003 = 0.063: 0.25 · 0.023 + 0.75 · 0.063 = 0.053
    bundle, _ = make_seal([(0.25, small()), (0.75, small(30.0))], {}, 0.053, SALT)
    assert recompute(bundle) == pytest.approx(0.053, rel=1e-6)
    assert check_seal(bundle).agrees


def test_the_tolerance_rests_on_what_cancels() -> None:
    # 0.002 · (-1.4) + 0.003 = 0.0002, of 0.0028 and 0.003
    found = check_seal(make_seal([(1.0, small(-1.4))], {}, 0.0002, SALT)[0])
    assert found.scale == pytest.approx(0.0058, rel=1e-12)
    assert found.agrees


@pytest.mark.parametrize("sealed", [BY_HAND * (1 + 1e-5), BY_HAND * 2, 0.0, -BY_HAND])
def test_another_number_is_seen(sealed: float) -> None:
    assert not check_seal(make_seal([(1.0, small())], {}, sealed, SALT)[0]).agrees


def test_each_solver_has_to_agree() -> None:
    assert Recomputed(1.0, 1.0, 1.0, 1.0).agrees
    assert not Recomputed(1.0, 1.00001, 1.0, 1.0).agrees
    assert not Recomputed(1.0, 1.0, 1.000001, 1.0).agrees


@pytest.mark.parametrize("product", ["hqalight", "a356.2"])
def test_a_product_of_the_catalogue_is_computed_again(catalogue: Catalogue, product: str) -> None:
    result = calculate(catalogue, product)
    printed = document(result, assess(result))
    value = float(at(result.total, 0))
    bundle, digest = make_seal([(1.0, result.system)], printed, value, SALT)
    assert (bundle, digest) == make_seal([(1.0, result.system)], printed, value, SALT)
    found = check_seal(bundle)
    assert found.agrees and found.sealed == value
    held = read_seal(bundle)["calculation"]
    assert held["factors"] == printed["factors"] and held["parameters"] == printed["parameters"]
    assert held["method"] == printed["method"]
    for name in printed["factors"]:
        assert name in held["factors"]


def test_the_salt_hides_what_is_sealed() -> None:
    first, second = (make_seal([(1.0, small())], {}, BY_HAND) for _ in range(2))
    assert first[1] != second[1]
    assert len(json.loads(first[0])["salt"]) == 64
    with pytest.raises(InputError, match="32 bytes"):
        make_seal([(1.0, small())], {}, BY_HAND, b"short")


def archive(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as stream:
        stream.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        archive("seal.json", bytes(10_000_000)),
        archive("../../seal.json", b"{}"),
        b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n",
        b"!!python/object/apply:os.system [true]\n",
        b'{"schema":"pcf/seal/1","schema":"pcf/seal/1"}',
        b"[" * 100_000,
        b"[]",
        b"{}",
        b"null",
        b"\x1f\x8b\x08",
        b" " * 20_000_001,
    ],
    ids=[
        "empty",
        "zip-bomb",
        "traversal",
        "yaml-bomb",
        "yaml-object",
        "twice",
        "deep",
        "list",
        "object",
        "null",
        "gzip",
        "large",
    ],
)
def test_what_is_no_bundle_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        recompute(content)
    assert len(str(caught.value).splitlines()) == 1


def damaged(**changed: Any) -> bytes:
    content = json.loads(make_seal([(1.0, small())], {}, BY_HAND, SALT)[0])
    for place, value in changed.items():
        at_place = content
        *way, last = [int(part) if part.isdigit() else part for part in place.split("__")]
        for part in way:
            at_place = at_place[part]
        at_place[last] = value
    return write_canonical(content, "")


@pytest.mark.parametrize(
    "changed",
    [
        {"schema": "pcf/seal/2"},
        {"salt": "0" * 63},
        {"salt": "G" * 64},
        {"extra": 1},
        {"result": 1},
        {"result__value": "1"},
        {"parts": []},
        {"parts": [{}] * (MOST_PARTS + 1)},
        {"parts__0__weight": 0},
        {"parts__0__weight": True},
        {"parts__0__nodes": []},
        {"parts__0__nodes__0__scale": 0},
        {"parts__0__nodes__0__key": "power"},
        {"parts__0__nodes__0__key": 5},
        {"parts__0__nodes__0__links": {}},
        {"parts__0__nodes__0__links__0__target": 2},
        {"parts__0__nodes__0__links__0__target": -1},
        {"parts__0__nodes__0__links__0__target": True},
        {"parts__0__nodes__0__links__0__amount": "1"},
        {"parts__0__nodes__0__links__0__kind": "factor"},
        {"parts__0__nodes__0__links__0__kind": "exec"},
        {"parts__0__nodes__0__links__0__more": 1},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_bundle_of_another_form_is_refused(changed: dict[str, Any]) -> None:
    read_seal(damaged())
    with pytest.raises(InputError):
        read_seal(damaged(**changed))


def test_a_system_without_a_solution_is_said() -> None:
    # 1 kg of product takes 1 kg of itself.
    with pytest.raises(InputError, match="without a solution"):
        check_seal(damaged(parts__0__nodes__0__links__1__amount=1.0))


def test_what_has_no_number_cannot_be_sealed() -> None:
    for value in (float("nan"), float("inf")):
        with pytest.raises(InputError):
            make_seal([(1.0, small())], {}, value, SALT)
