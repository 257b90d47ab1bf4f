"""Standing of a result: whether it may ever be more than a model's estimate."""

from __future__ import annotations

from collections.abc import Iterable

from pcf.model import System


def rests_on_plant(system: System) -> bool:
    """Whether a plant's own year describes the product's process, and no value was set by hand: a what-if was measured nowhere."""
    site = system.own.site
    described = site is not None and site.standing != "model-estimate" and system.nodes[0].process.id in site.covers
    return described and not system.is_hypothetical


def standing(system: System) -> str:
    """`site-result`, `demonstration` or `model-estimate`; demonstration data anywhere in the chain taint all of it."""
    if any(scope.site is not None and scope.site.standing == "demonstration" for scope in system.scopes):
        return "demonstration"
    site = system.own.site
    return site.standing if site is not None and rests_on_plant(system) else "model-estimate"


def weakest_standing(standings: Iterable[str]) -> str:
    """The standing of what is made of several results: the one that claims least."""
    found = set(standings)
    return next(name for name in ("demonstration", "model-estimate", "site-result") if name in found)
