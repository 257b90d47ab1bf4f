"""Lists: every filter, pages without loss or repeat while others publish, and nothing of another customer."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import quote

import pytest

from pcf.errors import InputError
from pcf.exchange.pact import supersede
from pcf.exchange.sharing import Criteria, deprecate, publish, withdraw
from pcf.exchange.sharing.criteria import find_page
from pcf.store import Database
from pcf.store.log import verify
from tests.web.pact.apis import Api, refusal
from tests.web.pact.footprints import COMPANY, footprint, publish_all

OTHER = "urn:pact:example.com:company-id:other"
CABLE = "urn:pact:productclassification:cn:7614"

ITEMS = {
    "plain": footprint(1),
    "two-ids": footprint(2, productIds=["urn:pact:example.com:product-id:A", "urn:gtin:4711"]),
    "other": footprint(3, companyIds=[OTHER, COMPANY]),
    "cable": footprint(4, productClassifications=[CABLE, "urn:pact:productclassification:cpc:41532"]),
    "bare": footprint(5, productClassifications=None, pcf={"geographyCountry": None}),
    "shandong": footprint(6, pcf={"geographyCountry": None, "geographyCountrySubdivision": "CN-SD"}),
    "asia": footprint(7, pcf={"geographyCountry": None, "geographyRegionOrSubregion": "Eastern Asia"}),
    "canada": footprint(8, pcf={"geographyCountry": "CA"}),
    "short": footprint(9, validityPeriodStart="2026-02-01T00:00:00Z", validityPeriodEnd="2026-06-01T00:00:00Z"),
    "long": footprint(10, validityPeriodStart="2027-01-01T00:00:00Z", validityPeriodEnd="2028-01-01T00:00:00Z"),
    "old": footprint(11, status="Deprecated"),
}  # fmt: skip
"""Without a statement they hold from 2026-01-01 to 2029-01-01."""

ALL = set(ITEMS)


def names_of(ids: list[str]) -> set[str]:
    by_id = {item["id"]: name for name, item in ITEMS.items()}
    assert len(set(ids)) == len(ids)
    return {by_id[item] for item in ids}


@pytest.fixture
def filled(api: Api) -> Api:
    publish_all(api.database, ITEMS.values(), ["alpha"])
    publish_all(api.database, [footprint(99)], ["beta"])
    return api


URN = "urn:pact:example.com:product-id"
FILTERS: dict[str, set[str]] = {
    "": ALL,
    f"productId={URN}:ingot-1": {"plain"},
    f"productId={URN.upper()}:INGOT-1": {"plain"},
    f"productId={URN}:a": {"two-ids"},
    f"productId={URN}:A&productId=urn:gtin:4711": {"two-ids"},
    f"productId={URN}:ingot-1&productId={URN}:ingot-3": {"plain", "other"},
    f"PRODUCTID={URN}:ingot-1&productid={URN}:ingot-3": {"plain", "other"},
    f"productId={URN}:ingot": set(),
    f"productId={URN}:ingot-99": set(),
    f"companyId={COMPANY}": ALL,
    f"companyId={OTHER}": {"other"},
    f"companyId={OTHER}&companyId={COMPANY}": ALL,
    f"classification={CABLE}": {"cable"},
    f"classification={CABLE.upper()}&classification=urn:pact:productclassification:cn:7601": ALL - {"bare"},
    "geography=CA": {"canada"},
    "geography=ca": {"canada"},
    "geography=CN": ALL - {"bare", "asia", "canada"},
    "geography=CN-SD": {"shandong"},
    "geography=cn-sd&geography=CA": {"shandong", "canada"},
    "geography=Eastern%20Asia": ALL - {"bare", "canada"},
    "geography=asia": ALL - {"bare", "canada"},
    "geography=Europe": set(),
    "status=Active": ALL - {"old"},
    "status=active": ALL - {"old"},
    "status=Deprecated": {"old"},
    "status=Deprecated&status=Active": ALL,
    "validOn=2026-03-01T00:00:00Z": ALL - {"long"},
    "validOn=2026-06-01T00:00:00Z": ALL - {"long"},
    "validOn=2026-06-01T00:00:01Z": ALL - {"long", "short"},
    "validOn=2026-06-01T02:00:00+02:00": ALL - {"long"},
    "validOn=2026-06-01T02:00:01%2B02:00": ALL - {"long", "short"},
    "validOn=2026-02-01T00:00Z": ALL - {"long"},
    "validOn=2026-01-31": ALL - {"long", "short"},
    "validOn=2025-12-31": set(),
    "validOn=2027-06-01": ALL - {"short"},
    "validAfter=2026-01-01T00:00:00Z": {"short", "long"},
    "validAfter=2025-12-31T23:59:59Z": ALL,
    "validAfter=2027-01-01": set(),
    "validBefore=2029-01-01": {"short", "long"},
    "validBefore=2028-01-01": {"short"},
    "validBefore=2026-06-01": set(),
    "validbefore=2029-01-01&validafter=2026-06-01": {"long"},
    f"geography=CN&classification={CABLE}": {"cable"},
    f"geography=CA&classification={CABLE}": set(),
    f"geography=CN&companyId={OTHER}&productId={URN}:ingot-3&status=Active&validOn=2026-03-01": {"other"},
    f"geography=CN&companyId={OTHER}&status=Deprecated": set(),
    f"companyId={COMPANY}&status=Deprecated": {"old"},
}


def test_every_filter(filled: Api) -> None:
    for query, expected in FILTERS.items():
        assert names_of(filled.ids(f"?{query}")) == expected, query


def test_every_filter_page_by_page(filled: Api) -> None:
    for query, expected in FILTERS.items():
        assert names_of(filled.all_ids(f"?limit=2&{query}")) == expected, query


@pytest.mark.parametrize(
    "query",
    [
        "limit=-1", "limit=x", "limit=", "limit=1&limit=2", "limit=1.5", "limit=99999999999999999999", "productId=4711", "companyId=x",
        "classification=7601", "status=Draft", "status=", "validOn=yesterday", "validOn=2026-13-01", "validOn=", "validOn=2026-01-01&validOn=2026-01-02",
        "validAfter=99999-01-01", "validBefore=0000-01-01T00:00:00Z", "prodctId=urn:x", "x-pcf-after=-1", "x-pcf-after=x", "geography=%00", "geography=%ED%A0%80%00",
        "geography=" + "x" * 501, "&".join(["geography=CN"] * 101), "comment=x",
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused(one: Api, query: str) -> None:
    assert refusal(one.get(f"/3/footprints?{query}"), 400, "BadRequest")


@pytest.mark.parametrize("query", ["$filter=x", "x-other-invoice=1"])
def test_what_this_service_does_not_have_is_said(one: Api, query: str) -> None:
    refusal(one.get(f"/3/footprints?{query}"), 501, "NotImplemented")


@pytest.mark.parametrize("path", ["/2/footprints", "/2/events"])
def test_version_2_is_not_served(one: Api, path: str) -> None:
    refusal(one.get(path), 501, "NotImplemented")


@pytest.mark.parametrize("value", ["' OR 1=1 --", "%", "_", "cn'", 'cn"', "CN\\", "C*", "{}", "[1]"])
def test_a_filter_is_a_text_and_nothing_else(filled: Api, value: str) -> None:
    assert filled.ids(f"?geography={quote(value)}") == []
    assert filled.ids(f"?productId={quote('urn:' + value)}") == []


def test_pages_have_as_many_as_asked_and_one_link(filled: Api) -> None:
    for limit, expected in ((1, 1), (10, 10), (11, 11), (100, 11), (5_000, 11)):
        answer = filled.get(f"/3/footprints?limit={limit}&geography=CN&geography=CA&geography=asia")
        assert len(answer.json()["data"]) == min(expected, 10), limit
        assert ("link" in answer.headers) == (limit < 10)
    answer = filled.get("/3/footprints?limit=0")
    assert answer.json() == {"data": []} and 'rel="next"' in answer.headers["link"]
    exact = filled.get("/3/footprints?limit=11")
    assert len(exact.json()["data"]) == 11 and "link" not in exact.headers, "the last page has no link, also when it is full"


def test_a_link_can_be_called_again(filled: Api) -> None:
    link = filled.get("/3/footprints?limit=3").headers["link"].partition(">")[0][1:]
    assert filled.get(link).json() == filled.get(link).json()
    assert "geography=CN-SD" in filled.get("/3/footprints?limit=1&geography=CN-SD&geography=CA").headers["link"]


@pytest.mark.parametrize(
    "query", ["?limit=3", f"?limit=3&companyId={COMPANY}", "?limit=3&geography=CN&geography=CA&validOn=2026-05-01&status=Active"]
)
def test_pages_lose_and_repeat_nothing_while_others_publish(api: Api, query: str) -> None:
    first = publish_all(api.database, map(footprint, range(20)), ["alpha", "beta"])
    late: list[str] = []

    def between(number: int) -> None:
        # In the midst of it something is published, something already read goes away, and something not yet read does.
        late.extend(publish_all(api.database, [footprint(1_000 + number)], ["alpha"]) if number < 6 else [])
        publish_all(api.database, [footprint(2_000 + number)], ["beta"])
        with api.database.write("me") as tx:
            withdraw(tx, first[0 if number == 1 else 19], ["alpha"])
            deprecate(tx, first[1] if number == 2 else "none")

    found = api.all_ids(query, between=between)
    assert len(set(found)) == len(found), "a footprint came twice"
    assert found == [*first[:19], *late], "in the order of publication, without the one that was withdrawn before it was reached"


def test_nobody_sees_what_was_published_to_another(filled: Api) -> None:
    mine, other = ITEMS["plain"]["id"], footprint(99)["id"]
    assert filled.ids(client="beta") == [other]
    assert filled.ids(f"?productId={URN}:ingot-1", client="beta") == []
    foreign = filled.get(f"/3/footprints/{mine}", "beta")
    nowhere = filled.get(f"/3/footprints/{uuid.uuid4()}", "beta")
    assert refusal(foreign, 404, "NotFound").startswith("NoSuchFootprint")
    assert (foreign.content, dict(foreign.headers)) == (nowhere.content, dict(nowhere.headers)), "the two cannot be told apart"


def test_one_footprint_as_it_was_published(filled: Api) -> None:
    for item in ITEMS.values():
        answer = filled.get(f"/3/footprints/{item['id']}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json() == {"data": item}
    assert filled.get(f"/3/footprints/{ITEMS['plain']['id'].upper()}").json() == {"data": ITEMS["plain"]}
    data = filled.get("/3/footprints").json()["data"]
    assert data == list(ITEMS.values()), "a list has the same texts, in the order of publication"


@pytest.mark.parametrize("name", ["x", "1", "00000000-0000-0000-0000-00000000000", "' OR 1=1", "%00"])
def test_what_is_no_id_is_refused(one: Api, name: str) -> None:
    refusal(one.get(f"/3/footprints/{name}"), 400, "BadRequest")


def test_what_is_withdrawn_is_gone_and_may_come_back(api: Api) -> None:
    a, b = publish_all(api.database, [footprint(1), footprint(2)], ["alpha", "beta"])
    with api.database.write("me") as tx:
        assert withdraw(tx, a, ["alpha"]) == ["alpha"]
        assert withdraw(tx, a, ["alpha"]) == []
    assert api.ids() == [b] and api.ids(client="beta") == [a, b]
    assert api.ids(f"?productId={URN}:ingot-1") == []
    refusal(api.get(f"/3/footprints/{a}"), 404, "NotFound")
    publish_all(api.database, [footprint(1)], ["alpha"])
    assert api.ids() == [b, a] and api.ids(f"?companyId={COMPANY}") == [b, a]
    assert api.get(f"/3/footprints/{a}").status_code == 200
    with api.database.read() as connection:
        assert list(verify(connection)) == []


def test_one_that_takes_anothers_place_deprecates_it(api: Api) -> None:
    old = footprint(1)
    publish_all(api.database, [old], ["alpha", "beta"])
    _, new = supersede(old, footprint(1, comment="computed anew"))
    with api.database.write("me") as tx:
        assert publish(tx, new, ["alpha"]).deprecated == [old["id"]]
        assert publish(tx, new, ["alpha"]).known == 1
    for client, ids in (("alpha", [old["id"], new["id"]]), ("beta", [old["id"]])):
        assert api.ids(client=client) == ids
        assert api.ids("?status=Deprecated", client) == [old["id"]]
        assert api.ids("?status=Active", client) == ids[1:]
        shown = api.get(f"/3/footprints/{old['id']}", client).json()["data"]
        assert shown == {**old, "status": "Deprecated"}
    with api.database.read() as connection:
        assert list(verify(connection)) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"productNameCompany": "another name"}, "the content that its id is of"),
        ({"id": "11111111-1111-5111-8111-111111111111"}, "the content that its id is of"),
        ({"specVersion": "2.0.0"}, "specVersion"),
        ({"pcf": {}}, "PACT pcf"),
    ],
)
def test_what_breaks_the_rules_is_not_published(sqlite: Database, one: Api, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said), sqlite.write("me") as tx:
        publish(tx, {**footprint(1), **changes}, ["alpha"])
    assert one.ids() == []


@pytest.mark.parametrize("client", ["nobody", ""])
def test_a_client_that_is_not_there_gets_nothing(sqlite: Database, one: Api, client: str) -> None:
    with pytest.raises(InputError, match="a client that is there"), sqlite.write("me") as tx:
        publish(tx, footprint(1), ["alpha", client])
    assert one.ids() == [], "all or nothing"


def test_the_stored_text_is_sent_and_never_parsed(sqlite: Database, one: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    name = publish_all(sqlite, [footprint(1)], ["alpha"])[0]
    token, real = one.token(), json.loads

    def only_small(text: Any, **options: Any) -> Any:
        assert len(text) < 2_000, "a footprint was parsed"
        return real(text, **options)

    monkeypatch.setattr(json, "loads", only_small)
    headers = {"Authorization": f"Bearer {token}"}
    bodies = [one.http.get(f"/3/footprints{tail}", headers=headers).text for tail in (f"/{name}", "")]
    monkeypatch.undo()
    assert [real(body)["data"] for body in bodies] == [footprint(1), [footprint(1)]]


def test_a_page_reads_along_the_rarest_criterion(api: Api) -> None:
    """Whichever criterion it begins with, the answer is the same; here both ways, over values of different frequency."""
    publish_all(api.database, [footprint(n, pcf={"geographyCountry": "CA" if n % 3 else "CN"}) for n in range(12)], ["alpha"])
    with api.database.read() as connection:
        terms = {"geography": ("CA", "ca"), "product": tuple(f"{URN}:ingot-{n}" for n in (1, 2, 3))}
        for order in (terms, dict(reversed(terms.items()))):
            page = find_page(connection, "alpha", Criteria(order), -1, 10)
            assert [json.loads(text)["productNameCompany"] for text in page.documents] == ["Ingot 1", "Ingot 2"]
