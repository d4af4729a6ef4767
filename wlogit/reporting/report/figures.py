"""Figures drawn into the page: vector graphics, unless they have too many points."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wlogit._optional import require
from wlogit.plots import style
from wlogit.reporting.report.markup import Html, element, image, joined

# Artists with more points are drawn as pixels inside the vector graphic.
MANY_POINTS = 2_000
# Characters of a vector graphic beyond which the whole figure is pixels.
HEAVY = 250_000
DPI = 250
# Pixels of the page to an inch of a figure: drawn as for print, and shown larger.
PIXELS = 140
SETTINGS = {
    "svg.hashsalt": "wlogit",
    "svg.fonttype": "path",
    "font.size": 8.0,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    **style.SETTINGS,
}


@dataclass(frozen=True, slots=True)
class Size:
    """Inches of a figure."""

    width: float = 4.2
    height: float = 3.0


def figure(draw: Callable[[Any], object], alt: str, caption: str, size: Size) -> Html:
    """A figure with its caption.

    Parameters
    ----------
    draw : callable
        Draws on the Axes it is given.
    alt : str
        What the figure shows, for who cannot see it.
    caption : str
    size : Size
    """
    matplotlib = require("matplotlib", extra="plots")
    # A Figure without pyplot: no display is looked for, and no state of the session changes.
    figures = require("matplotlib.figure", extra="plots")
    with matplotlib.rc_context(SETTINGS):
        whole = figures.Figure(figsize=(size.width, size.height), dpi=DPI, layout="constrained")
        draw(whole.subplots())
        source = _encoded(whole)
    drawn = image(source, alt, width=round(PIXELS * size.width), height=round(PIXELS * size.height))
    return element("figure", joined((drawn, element("figcaption", caption))))


def _encoded(whole: Any) -> str:
    """The figure as the address of an image."""
    for axes in whole.axes:
        for artist in (*axes.collections, *axes.lines):
            if _points(artist) > MANY_POINTS:
                artist.set_rasterized(True)
    vector = io.BytesIO()
    whole.savefig(vector, format="svg", metadata={"Date": None})
    if vector.tell() <= HEAVY:
        return _address("svg+xml", vector.getvalue())
    pixels = io.BytesIO()
    whole.savefig(pixels, format="png")
    return _address("png", pixels.getvalue())


def _points(artist: Any) -> int:
    offsets = getattr(artist, "get_offsets", None)
    if offsets is not None and len(offsets()) > 1:
        return len(offsets())
    marked = getattr(artist, "get_marker", lambda: "None")() not in ("None", "", " ", None)
    return len(artist.get_xdata()) if marked else 0


def _address(kind: str, image: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(image).decode('ascii')}"
