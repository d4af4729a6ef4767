"""After a build: links within the site lead somewhere, and no page needs the network.

A link leads to a page, and to a place on it, that is there.
"""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


class Page(HTMLParser):
    """What a page links to and loads, and the places on it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.places: set[str] = set()
        self.loaded: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read a link, an image or an anchor."""
        found = {name: value for name, value in attrs if value}
        self.places |= {found[name] for name in ("id", "name") if name in found}
        target = found.get("src" if tag in ("img", "script") else "href", "data:")
        scheme, there = urlsplit(target)[:2]
        if not scheme and not there:
            self.targets.add(target)
        elif scheme != "data" and (tag in ("img", "script") or found.get("rel") == "stylesheet"):
            self.loaded.add(target)


def read(folder: Path) -> dict[Path, Page]:
    """The pages in a folder."""
    paths = [path.resolve() for path in folder.rglob("*.html")]
    return {path: Page(path.read_text(encoding="utf-8")) for path in paths}


def complaints(folder: Path) -> Iterator[str]:
    """What is wrong with the pages in a folder."""
    pages = read(folder)
    for path, page in pages.items():
        name = path.relative_to(folder.resolve())
        for target in sorted(page.targets):
            if not leads_somewhere(path, target, pages):
                yield f"{name}: the link leads nowhere: {target}"
        for target in sorted(page.loaded):
            yield f"{name}: needs the network: {target}"


def leads_somewhere(path: Path, target: str, pages: dict[Path, Page]) -> bool:
    """Whether a link of a page leads to a file, and to a place on it if it names one."""
    parts = urlsplit(target)
    there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if there.is_dir():
        there /= "index.html"
    place = unquote(parts.fragment)
    return there.exists() and (not place or there not in pages or place in pages[there].places)


def check(app: Sphinx, exception: Exception | None) -> None:
    """Warn of what is wrong; ``sphinx-build -W`` then fails."""
    if exception is None and app.builder.format == "html":
        for complaint in complaints(Path(app.outdir)):
            logger.warning("%s", complaint)


def setup(app: Sphinx) -> dict[str, bool]:
    """Hook into the build, after what else is written at its end."""
    app.connect("build-finished", check, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
