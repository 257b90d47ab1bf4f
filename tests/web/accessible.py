"""Every page of the workbench for the checks of accessibility: where it is, when it stands, and what somebody opens on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pcf.catalogue import open_catalogue
from pcf.certificate.desk import find_profile, open_office
from pcf.certificate.drafting import save_draft
from pcf.certificate.gather import Request
from pcf.certificate.issue import Order, issue, make_file
from pcf.certificate.register import revoke
from pcf.custody import Book
from pcf.exchange.sharing.clients import Client
from pcf.exchange.sharing.keeping import let_in
from pcf.store import open_database
from pcf.store.keys import ensure_key
from pcf.views.issuing import this_day
from pcf.views.state import parse_state
from pcf.web import variants
from tests.web import stories
from tests.web.certified import CUSTOMER, OTHER_HEAT, url_of

WAIT = 120_000
"""For what is computed, on a machine that does other things as well [ms]."""

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
"""Groups of axe's rules: levels A and AA of WCAG 2.0 and 2.1, and what is held to be good practice."""


@dataclass(frozen=True)
class Look:
    """A page: where it is, what stands on it when it is whole, and what somebody does on it before it is looked at."""

    path: str
    ready: str
    do: Callable[[Any], None] | None = None


@dataclass(frozen=True)
class Papers:
    """Certificates of each standing: id and file by name."""

    ids: Mapping[str, str]
    files: Mapping[str, bytes]


def fill(home: Path) -> Papers:
    """The demonstration's book with certificates, a draft, a client and a saved variant."""
    stories.fill(home, url_of(home))
    ids, contents = {}, {}
    with closing(open_database(url_of(home))) as database:
        book = Book(database, open_catalogue(None, overlays=[home / "data"]), "demo")
        office = open_office(book, home, "issuer", find_profile(home, None), ensure_key(home / "keys", "log"), None)
        for name in ("genuine", "revoked"):
            entry = issue(office, Order(Request("batch", OTHER_HEAT, mass_kg=1_000), CUSTOMER, key=name), this_day())
            ids[name], contents[name] = entry.id, make_file(office, entry.number)
        revoke(book, entry.number, this_day(), "weighed anew")
        save_draft(book, Order(Request("batch", OTHER_HEAT, mass_kg=2_000), CUSTOMER, key="draft"))
        variants.save(database, "lin", "Mostly recycled", parse_state("a356.2:recycled_content=0.85"))
        with database.write("admin") as tx:
            let_in(tx, Client("gamma", "Gamma", address="https://gamma.example/pact"))
    contents["tampered"] = contents["genuine"].replace(b"/Producer", b"/Producer "[:-2] + b"R", 1)
    return Papers(ids, contents)


def press(name: str, then: str) -> Callable[[Any], None]:
    """Somebody presses a button and waits for what it brings."""

    def do(page: Any) -> None:
        page.get_by_role("button", name=name).first.click()
        page.wait_for_selector(then, timeout=WAIT)

    return do


def click(what: str, then: str) -> Callable[[Any], None]:
    """Somebody clicks on what a selector finds and waits for what that brings."""

    def do(page: Any) -> None:
        page.locator(what).first.click()
        page.wait_for_selector(then, timeout=WAIT)

    return do


def open_panels(page: Any) -> None:
    """The panels of Explore that are folded in the beginning."""
    for panel in page.locator(".levers .q-expansion-item .q-item").all():
        panel.click()
    page.wait_for_selector(".lever.small")


def panel(number: int, then: str) -> Callable[[Any], None]:
    """One of the tabs of a page."""

    def do(page: Any) -> None:
        page.get_by_role("tab").nth(number).click()
        page.wait_for_selector(f".q-tab-panel {then}")

    return do


def to_what(page: Any) -> None:
    """The wizard's second step, with the heats that can be certified."""
    page.locator(".cert-field-name input").wait_for(timeout=WAIT)
    for name, value in CUSTOMER.items():
        page.locator(f".cert-field-{name} input").fill(value)
    next_step(page)
    page.locator(".cert-kinds button").nth(1).click()
    page.wait_for_selector(f".cert-choices td:text-is('{OTHER_HEAT}')", timeout=WAIT)


def to_options(page: Any) -> None:
    """Its third step, for the free heat."""
    to_what(page)
    page.locator(f".cert-choices td:text-is('{OTHER_HEAT}')").click()
    page.wait_for_selector(".cert-choices tr.selected")
    next_step(page)
    page.locator("#chosen:visible").wait_for()


def to_preview(page: Any) -> None:
    """Its last step: the very pages."""
    to_options(page)
    page.locator("input[inputmode=numeric]:visible").fill("3000")
    next_step(page)
    page.wait_for_selector("#preview", timeout=WAIT)


def next_step(page: Any) -> None:
    page.locator(".cert-steps:visible button").last.click()


MILL = "scope=mill-scope&period=2025"

PAGES = {
    "products": Look("/app/", ".tile"),
    "menu": Look("/app/", ".tile", click(".user-button", ".menu-head")),
    "explore": Look("/app/explore?product=a356.2", "#bars .main-svg", open_panels),
    "explore-sources": Look("/app/explore?product=hqalight&dc_electricity=12500", "#bars .main-svg", panel(1, ".main-svg")),
    "explore-gases": Look("/app/explore?product=hqalight", "#bars .main-svg", panel(2, "table")),
    "explore-choices": Look("/app/explore?product=hqalight", "#bars .main-svg", panel(3, "table")),
    "explore-checks": Look("/app/explore?product=hqalight", "#bars .main-svg", panel(4, ".check")),
    "explore-power": Look("/app/explore?product=primary-shandong&grid_mix=hydro", "#bars .main-svg"),
    "explore-infeasible": Look("/app/explore?product=a356.2&post_consumer_share=0.2&recycled_content=0.98", "#infeasible"),
    "explore-wrong": Look("/app/explore?product=a356.2&recycled_content=7", ".banner.bad"),
    "explore-save": Look("/app/explore?product=a356.2", "#bars .main-svg", click(".actions button:last-child", ".dialog")),
    "explore-list": Look("/app/explore?product=hqalight", "#bars .main-svg", click(".levers .q-select", "[role=listbox]")),
    "explore-copied": Look("/app/explore?product=hqalight", "#bars .main-svg", click(".actions button:nth-child(2)", ".q-notification")),
    "explore-refused": Look("/app/explore?product=hqalight", "#bars .main-svg", lambda page: _refuse(page)),
    "compare-empty": Look("/app/compare", ".adder"),
    "compare": Look("/app/compare?v=a356.2&v=a356.2:recycled_content=0.85,silicon_origin=hydro&v=hqalight", "#verdict"),
    "compare-saved": Look("/app/compare?v=a356.2", ".adder", click(".adder button", ".saved-row")),
    "certificates": Look("/app/certificates", "#listed table"),
    "certificate": Look("/app/certificates", "#listed table", click("#listed tbody a", ".cert-history")),
    "certificate-revoke": Look("/app/certificates?status=active", "#listed table", lambda page: _revoke(page)),
    "certificate-bulk": Look("/app/certificates/bulk", ".q-uploader"),
    "certificate-drafts": Look("/app/certificates/drafts", "#waiting a"),
    "certificate-draft": Look("/app/certificates/drafts", "#waiting a", click("#waiting a", "#preview")),
    "certificate-no-draft": Look("/app/certificates/drafts/none", ".banner.bad"),
    "certificate-none": Look("/app/certificates/c/none", ".banner.bad"),
    "wizard-customer": Look("/app/certificates/new", ".cert-stepper"),
    "wizard-what": Look("/app/certificates/new", ".cert-stepper", to_what),
    "wizard-options": Look("/app/certificates/new", ".cert-stepper", to_options),
    "wizard-preview": Look("/app/certificates/new", ".cert-stepper", to_preview),
    "custody": Look(f"/app/custody?{MILL}", ".plot .main-svg"),
    "custody-lots": Look("/app/custody/lots", "#found"),
    "custody-nothing": Look("/app/custody/lots?q=nothing", "main"),
    "custody-casts": Look("/app/custody/casts", "#found"),
    "custody-steps": Look("/app/custody/steps", "#found"),
    "custody-shipments": Look("/app/custody/shipments", "#found"),
    "custody-unit": Look("/app/custody/unit?id=SH-C-01", "#total"),
    "custody-take-back": Look("/app/custody/unit?id=SH-C-01", "#total", click(".actions .danger", ".dialog")),
    "custody-genealogy": Look("/app/custody/genealogy?id=H12345", "#flows .main-svg"),
    "custody-papers": Look("/app/custody/papers", "#found"),
    "custody-paper": Look("/app/custody/paper?name=out/DEMO-COC-2/DEMO-COC-2-2025-00001", ".paper"),
    "custody-claims": Look("/app/custody/papers?kind=claims", "#found"),
    "custody-claim": Look("/app/custody/claim?id=RC-SH-C-01-post-consumer", "#wording"),
    "custody-registers": Look("/app/custody/registers?kind=meter", "#found"),
    "custody-record": Look("/app/custody/record?kind=party&name=beverage", "#history"),
    "custody-filing": Look("/app/custody/enter?kind=filing", "#record"),
    "custody-amend": Look("/app/custody/enter?kind=party-amendment&id=beverage", "#record"),
    "custody-reports": Look(f"/app/custody/reports?{MILL}", "#report"),
    "custody-green-heats": Look("/app/custody/green", "#found"),
    "custody-green": Look("/app/custody/green?heat=H12345", "#grades"),
    "custody-find": Look("/app/custody/genealogy?id=nothing", "#choose-unit"),
    "custody-issue": Look("/app/custody/issue?shipment=SH-C-01", "#cover"),
    "custody-enter": Look("/app/custody/enter?kind=lot", "#record"),
    "custody-enter-cast": Look("/app/custody/enter?kind=cast", "#record", click("#record", ".q-field--error")),
    "custody-import": Look("/app/custody/import", ".q-uploader"),
    "custody-power": Look("/app/custody/power?site=demo-smelter&year=2025", "#evidence"),
    "custody-close": Look(f"/app/custody/close?{MILL}", "#findings"),
    "audit-checks": Look(f"/app/audit?{MILL}", "#findings"),
    "audit-samples": Look(f"/app/audit?tab=samples&{MILL}", "#samples"),
    "audit-sample": Look(f"/app/audit?tab=samples&{MILL}", "#samples", lambda page: _draw(page)),
    "audit-search": Look("/app/audit?tab=trail", "table"),
    "audit-trail": Look("/app/audit?unit=SH-C-01", "#walk-verdict"),
    "audit-folder": Look(f"/app/audit?tab=folder&{MILL}", "#epcis"),
    "audit-log": Look("/app/audit?tab=log", "#proof"),
    "data": Look("/app/data", "table"),
    "data-processes": Look("/app/data?tab=processes", "table"),
    "data-sources": Look("/app/data?tab=data-sources", "table"),
    "data-versions": Look("/app/data?tab=versions", ".q-uploader", click(".form-row button", "#effect, #difference .banner")),
    "data-plant": Look("/app/data?tab=plant", ".q-uploader"),
    "admin-people": Look("/app/admin?tab=people", "#people table"),
    "admin-person": Look("/app/admin?tab=people", "#people table", click(".title-row button", ".dialog")),
    "admin-disable": Look("/app/admin?tab=people", "#people table", click("#people button:last-child", ".dialog")),
    "admin-keys": Look("/app/admin?tab=keys", "#keys table"),
    "admin-issuer": Look("/app/admin?tab=issuer", ".editor"),
    "admin-clients": Look("/app/admin?tab=clients", "#clients table"),
    "admin-log": Look("/app/admin?tab=log", "#events table"),
    "admin-event": Look("/app/admin?tab=log", "#events table", click("#events tbody button", ".payload")),
    "password": Look("/password", "#old, #password"),
}  # fmt: skip


def _refuse(page: Any) -> None:
    """A value that cannot be, and what the page says to it."""
    page.locator(".lever-input input").first.fill("much")
    page.keyboard.press("Enter")
    page.wait_for_selector(".q-notification")


def _revoke(page: Any) -> None:
    """The dialog of a revocation, with what it says of an empty form."""
    page.locator("#listed tbody a").first.click()
    page.locator("#revoke").click(timeout=WAIT)
    page.locator("#revoke-now").click()
    page.wait_for_selector(".q-field--error")


def _draw(page: Any) -> None:
    page.locator("input[inputmode=numeric]").first.fill("3")
    page.locator("main .form-row button").last.click()
    page.wait_for_selector("#sample")


@cache
def _script() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


EXCEPTIONS = {
    (
        "aria-required-children",
        "#f_",
    ): "Quasar's list of options has spacers before and behind what is shown, which are no options",
    ("region", "#q-portal--menu"): "Quasar hangs an open menu at the end of the body, outside of every landmark",
}
"""What axe finds in a part of somebody else that we cannot mend: rule and beginning of the place, with the reason."""

_RUN = """async rules => {
  // Two things that Quasar does axe takes for others than they are: a body that is fixed while a dialog is open, to lie above what
  // stands on it, and the words of a button, which have a level without being positioned, to lie beneath the button.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`.q-btn__content { position: relative; z-index: auto }
    @layer overrides { body.q-body--prevent-scroll { position: static !important } }`);
  document.adoptedStyleSheets.push(sheet);
  const open = document.querySelector('.q-dialog') ? '.q-dialog' : document;  // while a dialog is open it alone can be used
  const found = await axe.run(open, { runOnly: { type: 'tag', values: rules }, resultTypes: ['violations', 'incomplete'] });
  document.adoptedStyleSheets.pop();
  return found;
}"""


def problems(page: Any) -> list[str]:
    """What axe finds on a page as it stands: the rule, how grave it is, where, and why.

    What it cannot decide counts too, but for contrast: words upon pictures and beneath gradients are measured by `test_pages.CONTRAST`.
    """
    page.evaluate(_script())
    found = page.evaluate(_RUN, list(RULES))
    undecided = [rule for rule in found["incomplete"] if rule["id"] != "color-contrast"]
    return [
        f"{rule['id']} ({rule['impact']}): {place}: {node['html'][:160]} – {' '.join(node['failureSummary'].split())}"
        for rule in [*found["violations"], *undecided]
        for node in rule["nodes"]
        for place in [" ".join(map(str, node["target"]))]
        if not any(rule["id"] == name and place.startswith(start) for name, start in EXCEPTIONS)
    ]
