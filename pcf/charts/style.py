"""Colours, hatches and type of all figures. The palette is Okabe and Ito's, which every common colour vision tells apart."""

from __future__ import annotations

from dataclasses import dataclass

INK = "#1f2933"
SOFT = "#5b6672"
RULE = "#c9d0d6"
GRID = "#e6eaed"
FAINT = "#f2f4f6"
WHITE = "#ffffff"

ORANGE, SKY, GREEN, YELLOW = "#e69f00", "#56b4e9", "#009e73", "#f0e442"
BLUE, VERMILLION, PURPLE, CARBON, GREY = "#0072b2", "#d55e00", "#cc79a7", "#3a3a3a", "#9aa3ab"
SERIES = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, CARBON, SKY)
"""Colours of series without a meaning of their own, darkest contrasts first."""

DASHES: tuple[tuple[float, ...], ...] = ((), (6, 2), (2, 1.5), (7, 2, 1.5, 2), (10, 3), (1, 1))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

UP, DOWN = VERMILLION, BLUE
"""More and less emission; increases are hatched too."""

SEQUENCE = ("#eef5fa", "#c3def0", "#84bce0", "#3f93c6", "#0f68a4", "#08406f", "#04244a")
"""Low to high for heat maps: lightness falls all the way, so a grey print keeps the order."""

HOLE, HOLE_INK = "#c5cbd0", "#8a949c"
"""Infeasible cells where no hatch can be had, and words that name them."""

INFEASIBLE_FACE, INFEASIBLE_EDGE, INFEASIBLE_HATCH = "#eceff1", "#a3abb2", "////"

SIZE_TITLE, SIZE_SUBTITLE, SIZE_LABEL, SIZE_SMALL, SIZE_FOOTER = 14.0, 9.5, 8.5, 7.5, 7.0


@dataclass(frozen=True)
class Look:
    """How a part of a footprint is drawn: colour, colour of text on it, hatch."""

    color: str
    ink: str = WHITE
    hatch: str = ""


# In the order in which they are stacked. Neighbours differ in lightness, or one of the two is hatched.
LOOKS: dict[str, dict[str, Look]] = {
    "stage": {
        "bauxite": Look(VERMILLION),
        "alumina": Look(SKY, INK),
        "anode": Look(CARBON),
        "electrolysis": Look(BLUE),
        "casting": Look(ORANGE, INK),
        "recycling": Look(GREEN),
        "alloying": Look(PURPLE, INK, "\\\\\\\\"),
        "rolling": Look(YELLOW, INK),
        "transport": Look(GREY, INK),
    },
    "source": {
        "electricity": Look(BLUE),
        "pfc": Look(ORANGE, INK),
        "process-co2": Look(CARBON),
        "thermal-energy": Look(VERMILLION),
        "ancillary": Look(PURPLE, INK, "\\\\\\\\"),
        "transport": Look(GREY, INK),
        "scrap-burden": Look(GREEN),
    },
    # Units of the chain of custody; lots by what their metal was before.
    "unit": {
        "post-consumer": Look(GREEN),
        "pre-consumer": Look(SKY, INK),
        "primary": Look(BLUE),
        "alloying": Look(PURPLE, INK),
        "internal": Look("#b9a98c", INK),
        "other": Look("#6f7a84"),
        "heat": Look(ORANGE, INK),
        "return": Look(GREY, INK),
        "dross": Look("#8c6d46"),
        "bundle": Look(YELLOW, INK),
        "processed": Look(VERMILLION),
        "shipment": Look(CARBON),
        "rest": Look(RULE, INK),
    },
}
OTHER = Look("#6f7a84")


def look(group: str, part: str) -> Look:
    """How a part is drawn; one that is not known is slate grey."""
    return LOOKS.get(group, {}).get(part, OTHER)


def order(group: str, parts: set[str]) -> list[str]:
    """Parts in the order of the stack; unknown ones last, by name."""
    known = [part for part in LOOKS.get(group, {}) if part in parts]
    return known + sorted(parts - set(known))


def lighter(color: str, share: float) -> str:
    """A colour mixed with a share of white; an opaque colour prints and converts more surely than a transparent one."""
    channels = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(channel + (255 - channel) * share):02x}" for channel in channels)
