"""A variant as a link has it: a product and what was changed, in texts that everybody can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from pcf.catalogue import Catalogue
from pcf.engine.axes import read_variant
from pcf.engine.montecarlo import Variant
from pcf.errors import InputError

MOST_CHANGES, LONGEST = 60, 300
PRODUCT = "product"


@dataclass(frozen=True)
class State:
    """A product with its changes: settings, choices of the method, `grid_mix` and `site`, by name."""

    product: str
    changes: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """As the command line writes a variant: `a356.2:recycled_content=0.9,scrap=co-product`."""
        listed = ",".join(f"{name}={value}" for name, value in self.changes.items())
        return f"{self.product}:{listed}" if listed else self.product

    @property
    def query(self) -> str:
        """As a link has it."""
        return urlencode({PRODUCT: self.product, **self.changes}, quote_via=quote, safe=":,./@")

    def having(self, **changes: str) -> State:
        """The same with other changes; an empty text takes one back."""
        return self.with_changes(changes)

    def with_changes(self, changes: Mapping[str, str]) -> State:
        """The same with other changes; an empty text takes one back."""
        merged = {**self.changes, **changes}
        return replace(self, changes={name: value for name, value in merged.items() if value})

    def variant(self, catalogue: Catalogue) -> Variant:
        """What is to be computed.

        Raises
        ------
        InputError
            For what cannot be read.
        """
        return read_variant(catalogue, self.text)


def read_state(pairs: Iterable[tuple[str, str]], otherwise: str = "") -> State:
    """A state from the parts of a link.

    Raises
    ------
    InputError
        For too many or too long ones.
    """
    product = otherwise
    changes: dict[str, str] = {}
    for name, value in pairs:
        if len(changes) >= MOST_CHANGES or len(name) > LONGEST or len(value) > LONGEST:
            raise InputError("link", "too many or too long settings", f"at most {MOST_CHANGES} of {LONGEST} characters")
        if name == PRODUCT:
            product = value
        elif value.strip() and not {"=", ":", ","} & set(name):
            changes[name.strip()] = value.strip()
    return State(product, changes)


def parse_state(text: str) -> State:
    """A state from a variant as the command line writes it."""
    product, _, rest = text.partition(":")
    changes: dict[str, str] = {}
    last = ""
    for part in filter(None, (item.strip() for item in rest.split(","))):
        name, found, value = part.partition("=")
        if found:
            last = name.strip()
            changes[last] = value.strip()
        elif last:
            changes[last] += f",{part}"
    return read_state([(PRODUCT, product), *changes.items()])
