"""Equations as MathML, which browsers draw by themselves: no script, nothing from a network."""

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


def drawn(node: nodes.Element, display: str) -> str:
    """An equation; a command that is left in it as text is warned of."""
    equation = convert(node.astext(), display=display)
    if "\\" in equation:
        logger.warning("the equation has a command that is not known", location=node)
    return equation


def inline(self: HTML5Translator, node: nodes.math) -> None:
    """An equation in a line of text."""
    self.body.append(drawn(node, "inline"))
    raise nodes.SkipNode


def block(self: HTML5Translator, node: nodes.math_block) -> None:
    """An equation on a line of its own."""
    self.body.append(f'<div class="equation">{drawn(node, "block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer; ``html_math_renderer = "mathml"`` chooses it."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
