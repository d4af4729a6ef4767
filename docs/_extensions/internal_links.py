"""After a build: links within the site lead to a page, and to a place on it, that is there."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


class Page(HTMLParser):
    """What a page links to, and the places on it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read a link, an image or an anchor."""
        found = {name: value for name, value in attrs if value}
        self.places |= {found[name] for name in ("id", "name") if name in found}
        target = found.get("src" if tag in ("img", "script") else "href")
        if target and not urlsplit(target).scheme and not target.startswith("//"):
            self.targets.add(target)


def broken(folder: Path) -> list[str]:
    """Links of the pages in a folder that lead nowhere, with the page that has them."""
    pages = {
        path.resolve(): Page(path.read_text(encoding="utf-8")) for path in folder.rglob("*.html")
    }
    return [
        f"{path.relative_to(folder.resolve())}: {target}"
        for path, page in pages.items()
        for target in sorted(page.targets)
        if not leads_somewhere(path, target, pages)
    ]


def leads_somewhere(path: Path, target: str, pages: dict[Path, Page]) -> bool:
    """Whether a link of a page leads to a file, and to a place on it if it names one."""
    parts = urlsplit(target)
    there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if there.is_dir():
        there /= "index.html"
    place = unquote(parts.fragment)
    return there.exists() and (not place or there not in pages or place in pages[there].places)


def check(app: Sphinx, exception: Exception | None) -> None:
    """Warn of every link that leads nowhere; ``sphinx-build -W`` then fails."""
    if exception is None and app.builder.format == "html":
        for link in broken(Path(app.outdir)):
            logger.warning("the link leads nowhere: %s", link)


def setup(app: Sphinx) -> dict[str, bool]:
    """Hook into the build, after what else is written at its end."""
    app.connect("build-finished", check, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
