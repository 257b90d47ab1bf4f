"""What stands on the pages of a certificate: every line as the template sets it, figures rounded, in one language or both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pcf.certificate.draft import AFTER_CAST, LATER_STEPS, REMAINING, SEPARATE, printed
from pcf.certificate.texts import say
from pcf.methods import NOT_SEPARABLE

Text = list[dict[str, str]]
"""A text as one piece a language, each `{"lang", "text"}`; pieces that are alike are one."""

PREVIEW = "PREVIEW"
"""Number of what is no certificate yet."""

MOST_BATCHES = 8
"""Batches that are printed; all of them are in the attached document."""


def pages(certificate: Mapping[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    """The content of the template `certificate.typ`.

    Parameters
    ----------
    certificate : mapping
        `pcf/certificate/1`.
    languages : sequence of str
        `zh`, `en` or both, the first one leading.
    """
    return _Pages(certificate, languages).made()


class Words:
    """Texts in one language or both, the first one leading."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = tuple(languages)

    def each(self, make: Callable[[str], str]) -> Text:
        """What a function of the language gives; one piece where it gives the same in both."""
        pieces = {make(language): language for language in reversed(self.languages)}
        return [{"lang": language, "text": words} for words, language in reversed(pieces.items())]

    def say(self, key: str, **fields: object) -> Text:
        """A text of the certificate's own; fields that differ by language come as functions of it."""
        return self.each(lambda lang: say(key, lang, **{name: _of(value, lang) for name, value in fields.items()}))

    def pair(self, content: Mapping[str, str]) -> Text:
        """A text that is there in both languages."""
        return self.each(lambda language: content[language])


class _Pages(Words):
    def __init__(self, certificate: Mapping[str, Any], languages: Sequence[str]) -> None:
        super().__init__(languages)
        self.known = certificate

    def made(self) -> dict[str, Any]:
        known = self.known
        mark = "preview" if known["number"] == PREVIEW else "demonstration" if known["demonstration"] else ""
        return {
            "languages": list(self.languages),
            "document": " / ".join(say("title.document", language, number=known["number"]) for language in self.languages),
            "author": " / ".join(dict.fromkeys(known["issuer"]["name"][language] for language in self.languages)),
            "issued": [int(part) for part in known["issued"].split("-")],
            "notice": [say(f"notice.{mark}", language) for language in ("zh", "en")] if mark else None,
            "notice_note": self.say(f"notice.{mark}-note") if mark else None,
            "issuer": self.pair(known["issuer"]["name"]),
            "title": self.say("title.certificate"),
            "kind": self._kind(),
            "qr_alt": " ".join((say("label.qr", self.languages[0]), known["verify"]["url"])),
            "hero": self._hero(),
            "facts": self._facts(),
            "heads": {name: self.say(f"head.{name}") for name in _HEADS},
            "parties": [self._issuer(), self._customer()],
            "product": self._product(),
            "chart": self._chart(),
            "columns": {name: self.say(f"label.{name}") for name in ("stage", "gas", "mass-kg", "value", "share", "leg", "evidence")},
            "gases": self._gases(),
            "separate": self._separate(),
            "scrap": [[self.say(f"scrap.{name}"), plain(printed(value))] for name, value in _ordered(known["scrap_methods"], _SCRAP)],
            "content": self._content(),
            "electricity": self._electricity(),
            "method": self._method(),
            "quality": self._quality(),
            "limitations": [self.pair(one) for one in known["limitations"]],
            "comparison": self.pair(known["comparison"]),
            "assurance": self.pair(known["assurance"]["statement"]),
            "how": self.pair(known["verify"]["how"]),
            "verify": self._verify(),
            "footer": {
                "number": known["number"], "id": known["id"],
                "labels": {name: self.say(f"footer.{name}") for name in ("number", "id")},
                "page": [words["text"] for words in self.each(lambda lang: say("footer.page", lang, page="{page}", pages="{pages}"))],
            },
        }  # fmt: skip

    def row(self, label: str, value: Text | None) -> list[Text]:
        """A label with its value; no row without a value."""
        return [] if value is None else [self.say(f"label.{label}"), value]

    def rows(self, *found: list[Text]) -> list[list[Text]]:
        return [row for row in found if row]

    def _kind(self) -> Text:
        known = self.known
        if known["unit"] is None:
            year, key = known["data_period"]["start"][:4], "remaining" if known["average_of"] == REMAINING else "product"
            return self.say(f"title.{key}", year=year, heats=self._heats)
        return self.say(f"title.{known['kind']}", unit=known["unit"]["id"])

    def _hero(self) -> dict[str, Any]:
        made = self.known["footprint"]
        return {
            "label": self.say("label.footprint"), "value": made["printed"], "unit": "tCO₂e/t",
            "basis": [
                [self.say("label.boundary"), self._boundary()],
                [self.say("label.gwp"), plain(f"GWP100, IPCC {made['gwp']}")],
                [self.say("label.scrap"), self.say(f"scrap.{made['scrap']}")],
                [self.say("label.power"), self._power()],
                self._standards(),
            ],
            "assurance": self.pair(self.known["assurance"]["statement"]),
        }  # fmt: skip

    def _boundary(self) -> Text:
        made = self.known["footprint"]
        return self._joined(f"boundary.{made['boundary']}", f"gate.{made['gate']}")

    def _joined(self, *keys: str) -> Text:
        return self.each(lambda lang: _COMMA[lang].join(say(key, lang) for key in keys))

    def _standards(self) -> list[Text]:
        return [self.say("label.standards"), *(plain(name) for name in self.known["standards"]["names"])]

    def _facts(self) -> list[list[Text]]:
        known = self.known
        return self.rows(
            self.row("number", plain(known["number"])), self.row("version", plain(str(known["version"]))),
            self.row("status", self.say(f"status.{known['status']}")), self.row("issued", plain(known["issued"])), self.row("valid-until", plain(known["valid_until"])),
            self.row("mass", self.say("value.mass", mass=f"{known['mass_kg']:,}")),
        )  # fmt: skip

    def _issuer(self) -> list[list[Text]]:
        issuer, site = self.known["issuer"], self.known["site"]
        more = [plain(text) for text in (issuer["identifier"], issuer["contact"]) if text]
        return self.rows(
            [*self.row("issuer", self.pair(issuer["name"])), self.pair(issuer["address"]), *more],
            self.row("site", self.each(lambda lang: f"{site['name'][lang]} ({site['geography']})")),
        )

    def _customer(self) -> list[list[Text]]:
        customer = self.known["customer"]
        return self.rows(
            [*self.row("customer", plain(customer["name"])), plain(f"{customer['address']}, {customer['country']}")],
            self.row("part-number", _maybe(customer["part_number"])), self.row("order", _maybe(customer["order"])),
        )  # fmt: skip

    def _product(self) -> list[list[Text]]:
        known = self.known
        product, period, average = known["product"], known["data_period"], known["average_of"]
        named = self.each(lambda language: f"{product['name'][language]} ({product['id']})")
        return self.rows(
            self.row("product", named), self.row("product-standard", plain(product["standard"])),
            self.row("commodity-code", _maybe(product["commodity_code"])),
            self.row("mode", average and self.say(f"value.mode-{average}", heats=self._heats)),
            self.row("batches", self._batches()),
            self.row("unit-date", None if known["unit"] is None else plain(known["unit"]["date"])), self.row("declared-unit", self.say("value.unit")),
            self.row("period", self.say("value.period", start=period["start"], end=period["end"])),
            self.row("coc-model", self.say(f"coc.{known['coc_model']}")),
        )  # fmt: skip

    def _heats(self, lang: str) -> str:
        count = len(self.known["batches"])
        return say("value.heat", lang) if count == 1 else say("value.heats", lang, count=f"{count:,}")

    def _batches(self) -> Text | None:
        found = self.known["batches"]
        if not found:
            return None
        shown = ", ".join(batch["id"] for batch in found[:MOST_BATCHES])
        more = len(found) - MOST_BATCHES
        return plain(shown) if more <= 0 else self.each(lambda lang: f"{shown} {say('label.more-batches', lang, count=more)}")

    def _chart(self) -> dict[str, Any]:
        from pcf.charts.style import look

        stages = self.known["stages"]
        shown = [stage for stage in stages if stage["value"]]
        widest = max((stage["value"] for stage in shown), default=1.0)
        absent = [stage["id"] for stage in stages if not stage["value"]]
        rows = [
            {
                "name": self.say(f"stage.{stage['id']}"), "value": f"{stage['value']:.3f}", "share": percent(stage["share"]),
                "width": max(stage["value"] / widest, 0.0) if widest > 0 else 0.0, "part": max(float(stage["share"]), 0.0),
                "color": look("stage", stage["id"]).color,
            }
            for stage in shown
        ]  # fmt: skip
        names = {lang: _LISTED[lang].join(say(f"stage.{name}", lang) for name in absent) for lang in self.languages}
        return {"rows": rows, "absent": self.say("value.not-on-route", stages=names.__getitem__) if absent else None}

    def _gases(self) -> list[list[Any]]:
        return [
            [
                self.say(f"gas.{gas['gas']}"), "–" if gas["mass_kg"] is None else mass(gas["mass_kg"]),
                f"{gas['tCO2e']:.3f}",
            ]
            for gas in self.known["gases"]
        ]  # fmt: skip

    def _separate(self) -> list[list[Text]]:
        return [
            [
                self.say(f"separate.{name}"),
                self.say("separate.not separable") if value == NOT_SEPARABLE else plain(f"{value:.3f}"),
            ]
            for name, value in _ordered(self.known["separate"], SEPARATE)
        ]  # fmt: skip

    def _content(self) -> list[list[Text]]:
        found = self.known["recycled_content"]
        if found is None:
            return [[[], self.say("value.no-content")]]
        post, pre = found["post_consumer"], found["pre_consumer"]
        named = ", ".join(found["claims"])
        basis = self.say("value.basis", content=lambda lang: say(f"content-basis.{found['basis']}", lang), claims=named)
        return self.rows(
            self.row("post", plain(percent(post))), self.row("pre", plain(percent(pre))), self.row("total", plain(percent(post + pre))),
            self.row("basis", basis),
        )  # fmt: skip

    def _power(self) -> Text:
        found = self.known["electricity"]
        return self._joined(f"electricity.{found['basis']}", f"attribution.{found['attribution']}")

    def _electricity(self) -> dict[str, Any]:
        found = self.known["electricity"]
        return {
            "basis": self._power(),
            "legs": [[self.say(f"leg.{leg['leg']}"), percent(leg["share"]), self.pair(leg["evidence"])] for leg in found["legs"]],
            "results": [
                [self.say("label.by-contract"), plain(printed(found["results"]["contract"]))],
                [self.say("label.by-location"), plain(printed(found["results"]["location"]))],
            ],
        }  # fmt: skip

    def _method(self) -> list[list[Text]]:
        made, pfc = self.known["footprint"], self.known["low_voltage_pfc"]
        method = made["method"]
        settled = pfc["with"] is None or pfc["without"] is None
        choice = self.say("value.pfc-settled") if settled else self.say(
            "value.pfc-pair", choice=lambda lang: say(f"pfc.{pfc['treatment']}", lang), without=printed(pfc["without"]),
            **{"with": printed(pfc["with"])},
        )  # fmt: skip
        options = {"td": method["td"], "heat": method["heat"], "co-products": method["co_products"]}
        year = method["factor_year"]
        return self.rows(
            self._standards(), self.row("gwp", plain(f"GWP100, IPCC {made['gwp']}")),
            self.row("factor-year", self.say(f"factor-year.{year}") if year == "newest" else plain(year)),
            self.row("pfc", choice),
            *(self.row(name, self.say(f"{name}.{value}")) for name, value in options.items()),
            self.row("rounding", self.say("value.rounding")),
        )  # fmt: skip

    def _quality(self) -> list[list[Text]]:
        known = self.known
        scores = {name: f"{value:.1f}" for name, value in known["data_quality"].items() if name != "scale"}
        shares = known["evidence"]
        checks = {
            "read": shares["source-read"], "transcribed": shares["transcribed"], "derived": shares["derived"],
            "assumed": shares["assumed"],
        }  # fmt: skip
        cut, interval = known["cut_offs"], known["uncertainty"]
        unknown = len(cut["unknown"])
        return self.rows(
            self.row("primary-data", self.say("value.primary", share=percent(known["primary_data"]["share"]))),
            self.row("data-quality", self.say("value.quality", **scores)),
            self.row("evidence-shares", self.say("value.evidence", **{name: percent(share) for name, share in checks.items()})),
            self.row("cut-off", self.say(
                "value.cut-off", share=percent(cut["share"]), limit=percent(cut["limit"]),
                unknown=lambda lang: unknown or say("value.no-unknown", lang),
            )),
            self.row("uncertainty", self.say("value.no-interval") if interval is None else self.say(
                "value.interval", low=printed(interval["low"]), high=printed(interval["high"]), level=percent(interval["level"]),
                draws=f"{interval['draws']:,}", sampler=interval["sampler"], seed=interval["seed"],
            )),
        )  # fmt: skip

    def _verify(self) -> list[list[Text]]:
        known = self.known
        log = known["log"]
        return self.rows(
            self.row("url", plain(known["verify"]["url"])),
            self.row("sealed", plain(f"{known['footprint']['value']} tCO₂e/t")),
            self.row("seal", self.say("value.seal", digest=known["seal"]["sha256"])),
            self.row("log", self.say("value.no-log") if log is None else self.say("value.log", index=log["index"], size=log["size"])),
        )  # fmt: skip


_HEADS = (
    "parties", "product", "stages", "gases", "separate", "scrap", "content", "electricity", "quality", "method", "limitations",
    "verify",
)  # fmt: skip

_SCRAP = ("cut-off", "co-product")

_LISTED = {"zh": "、", "en": ", "}
_COMMA = {"zh": "，", "en": ", "}

NEEDED = frozenset({f"stage.{AFTER_CAST}", f"gas.{LATER_STEPS}"})
"""Texts whose names come from the figures."""


def plain(content: str) -> Text:
    """A text that is the same in every language."""
    return [{"lang": "", "text": content}]


def percent(share: float) -> str:
    """A share of the whole as per cent; what is there but small shows as such."""
    return "< 0.1 %" if 0 < share < 0.0005 else f"{100 * share:.1f} %"


def mass(value: float) -> str:
    """A mass of a gas [kg/t]: three significant digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _ordered(found: Mapping[str, Any], names: Sequence[str]) -> list[tuple[str, Any]]:
    """Members in an order of their own, whatever order a file has them in: canonical JSON sorts them."""
    return [(name, found[name]) for name in names if name in found]


def _maybe(content: str | None) -> Text | None:
    return None if content is None else plain(content)


def _of(value: object, language: str) -> object:
    return value(language) if callable(value) else value
