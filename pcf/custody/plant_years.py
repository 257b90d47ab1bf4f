"""Which year of a plant stands behind what was cast."""

from __future__ import annotations

from pcf.catalogue import Catalogue, nearest
from pcf.errors import InputError


def choose_site(catalogue: Catalogue, plant: str, year: int) -> tuple[str, bool]:
    """The site whose data stand for a plant in a year, and whether they only do so for the time being.

    Parameters
    ----------
    catalogue : Catalogue
    plant : str
        A plant (`demo-smelter` of `demo-smelter-2025`), one of its sites, or a shipped model site, which has one year only
        and gives a model's estimate in any.
    year : int
        Year of the cast.

    Returns
    -------
    (str, bool)
        Site id, and whether it is that of an earlier year (`provisional`): the year's own data do not exist yet.

    Raises
    ------
    InputError
        For an unknown plant, or one without data of the year or an earlier one.
    """
    sites = catalogue.sites
    if plant in sites:
        plant = plant.removesuffix(f"-{sites[plant].year}")
    years = {site.year: name for name, site in sites.items() if name == f"{plant}-{site.year}"}
    if year in years:
        return years[year], False
    if not years and plant in sites:
        return plant, False
    if not years:
        known = sorted({name.removesuffix(f"-{site.year}") for name, site in sites.items()})
        raise InputError("site", repr(plant), f"a plant of the catalogue: {', '.join(known)}", nearest(plant, known))
    earlier = [item for item in years if item < year]
    if not earlier:
        found = ", ".join(str(item) for item in sorted(years))
        raise InputError(f"site {plant}", f"data of {found}", f"data of {year} or an earlier year", "import the plant's year")
    return years[max(earlier)], True
