"""HTML from plain text: everything is escaped unless it is markup already."""

import html
from collections.abc import Iterable, Sequence


class Html(str):
    """Markup, which is not escaped again."""

    __slots__ = ()


def safe(value: object) -> Html:
    """Markup as it is; anything else as escaped text.

    Parameters
    ----------
    value : object

    Examples
    --------
    >>> safe("a < b"), safe(Html("<b>a</b>"))
    ('a &lt; b', '<b>a</b>')
    """
    return value if isinstance(value, Html) else Html(html.escape(str(value)))


def element(tag: str, content: object = "", **attributes: object) -> Html:
    """An element with text or markup in it.

    Parameters
    ----------
    tag : str
    content : object
        Escaped unless it is `Html`.
    **attributes
        A trailing underscore is left out, others become hyphens; None leaves the attribute out.

    Examples
    --------
    >>> element("p", "a & b", class_="note")
    '<p class="note">a &amp; b</p>'
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Html(f"<{tag}{given}>{safe(content)}</{tag}>")


def image(source: str, alt: str, *, width: int, height: int) -> Html:
    """An image in the page itself; `alt` says what it shows."""
    return Html(
        f'<img src="{html.escape(source)}" alt="{html.escape(alt)}" width="{width}" '
        f'height="{height}">'
    )


def joined(parts: Iterable[object], between: str = "\n") -> Html:
    """Markup and text, one after the other."""
    return Html(between.join(safe(part) for part in parts))


def paragraph(*parts: object) -> Html:
    """A paragraph of text and markup."""
    return element("p", joined(parts, " "))


def code(value: object) -> Html:
    """A name or a formula."""
    return element("code", value)


def items(entries: Iterable[object], tag: str = "ul") -> Html:
    """A list."""
    return element(tag, joined(element("li", entry) for entry in entries))


def facts(pairs: Iterable[tuple[str, object]]) -> Html:
    """Names and their values."""
    rows = (joined((element("dt", name), element("dd", value)), "") for name, value in pairs)
    return element("dl", joined(rows))


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Html:
    """A table whose first column names the rows.

    Parameters
    ----------
    caption : str
    head : sequence of str
        A name for each column, that of the row names first.
    rows : iterable of sequences
        Cells as text or markup.
    """
    names = joined((element("th", name, scope="col") for name in head), "")
    body = joined(
        element(
            "tr",
            joined((element("th", first, scope="row"), *(element("td", v) for v in cells)), ""),
        )
        for first, *cells in rows
    )
    whole = joined(
        (
            element("caption", caption),
            element("thead", element("tr", names)),
            element("tbody", body),
        )
    )
    # A keyboard reaches what has to be scrolled on a narrow screen.
    return element(
        "div",
        element("table", whole),
        class_="wide",
        tabindex="0",
        role="region",
        aria_label=caption,
    )
