"""Reports in a real browser: every figure is seen, nothing overflows, nothing is asked for.

A page is shown in two frames, as wide as a phone and as a desk, because a headless window has a
least width. A script beside them writes what it measures into the document.
"""

import html
import json
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from wlogit.datasets import load_endometrial, load_mid
from wlogit.formula.api import weighted_logit

pytest.importorskip("matplotlib")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium"),
]
WIDTHS = (375, 1200)
DISPUTES = "conflict ~ major + contig + power + maxdem + mindem + years"

PROBE = """
addEventListener("load", () => {
  const measure = frame => {
    const page = frame.contentDocument, view = frame.contentWindow;
    const seen = one => { const box = one.getBoundingClientRect(); return box.width * box.height; };
    return {
      width: view.innerWidth,
      scroll: page.documentElement.scrollWidth,
      images: [...page.images].map(one => [one.naturalWidth, seen(one), one.alt.length]),
      drawings: [...page.querySelectorAll("svg")].map(seen),
      wide: [...page.querySelectorAll(".wide")].map(one => one.getBoundingClientRect().right),
      headings: [...page.querySelectorAll("h1, h2, h3, h4")].map(one => +one.tagName[1]),
      links: [...page.links].map(one => page.getElementById(one.hash.slice(1)) !== null),
      asked: view.performance.getEntriesByType("resource").map(one => one.name),
      ids: [...page.querySelectorAll("[id]")].map(one => one.id),
      text: parseFloat(view.getComputedStyle(page.body).fontSize),
    };
  };
  const found = [...document.querySelectorAll("iframe")].map(measure);
  document.getElementById("found").textContent = JSON.stringify(found);
});
"""


def looked_at(page, folder):
    """What the browser measures in the page at each width, and what it logs."""
    frames = "".join(
        f'<iframe width="{width}" height="800" style="border:0" srcdoc="{html.escape(page)}">'
        "</iframe>"
        for width in WIDTHS
    )
    document = folder / "probe.html"
    document.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><script>{PROBE}</script><pre id="found"></pre>'
        f"{frames}",
        encoding="utf-8",
    )
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    command += [f"--user-data-dir={folder / 'profile'}", "--dump-dom", document.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)[1]
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    return json.loads(html.unescape(found)), console


def balanced():
    return weighted_logit(DISPUTES, load_mid(), class_weight="balanced").fit(disp=False)


def separated():
    return weighted_logit("HG ~ NV + PI + EH", load_endometrial()).fit(disp=False)


def awkward():
    """Names that are markup, words without a place to break, and many levels."""
    rng = np.random.default_rng(5)
    n = 300
    long = "a_column_with_a_name_that_is_longer_than_any_screen_is_wide_in_pixels"
    frame = pd.DataFrame({"<b>x</b>": rng.normal(size=n), long: rng.normal(size=n)})
    frame["g"] = rng.choice([f"<script>alert({i})</script>" for i in range(6)], n)
    frame["y"] = np.where(rng.random(n) < 0.4, "<img src=x>", "a & b")
    formula = f"y ~ Q('<b>x</b>') + {long} + g"
    return weighted_logit(formula, frame, event="<img src=x>", class_weight="balanced").fit(disp=0)


def many():
    rng = np.random.default_rng(6)
    x = rng.normal(size=20_000)
    frame = pd.DataFrame({"x": x, "y": (rng.random(20_000) < 1 / (1 + np.exp(2 - x))).astype(int)})
    return weighted_logit("y ~ x", frame).fit(disp=False)


FITS = {"balanced": balanced, "separated": separated, "awkward": awkward, "many": many}


@pytest.mark.filterwarnings("ignore::wlogit.errors.SeparationWarning")
@pytest.mark.parametrize("fit", FITS)
def test_a_report_is_seen_whole(fit, tmp_path):
    FITS[fit]().report(tmp_path / "fit.html")
    page = (tmp_path / "fit.html").read_text(encoding="utf-8")
    found, console = looked_at(page, tmp_path)
    assert console == []
    assert [view["width"] for view in found] == list(WIDTHS)
    for view in found:
        assert view["scroll"] <= view["width"]
        assert all(right <= view["width"] for right in view["wide"])
        assert view["asked"] == []
        # Coefficients, calibration, ROC and influence; infinite estimates have the first alone.
        figures = len(view["images"]) + len(view["drawings"])
        assert figures == (1 if fit == "separated" else 4)
        assert all(natural > 0 and seen > 1000 and alt for natural, seen, alt in view["images"])
        assert all(seen > 1000 for seen in view["drawings"])
        assert view["headings"][0] == 1
        assert max(np.diff(view["headings"])) <= 1
        assert view["links"]
        assert all(view["links"])
        assert len(set(view["ids"])) == len(view["ids"])
        assert view["text"] >= 16


def test_the_probe_finds_what_is_wrong(tmp_path):
    page = (
        '<!DOCTYPE html><body style="width: 3000px">'
        '<img src="https://example.invalid/x.png" alt="">'
        "<script>console.error('wrong')</script></body>"
    )
    found, console = looked_at(page, tmp_path)
    assert any("wrong" in line for line in console)
    for view in found:
        assert view["scroll"] > view["width"]
        assert view["asked"] == ["https://example.invalid/x.png"]
        assert view["images"][0][0] == 0
