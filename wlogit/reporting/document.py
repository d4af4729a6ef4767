"""Content of a summary: titled pairs and sentences, without formatting."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SummaryData:
    """What a summary says.

    Attributes
    ----------
    title : str
    left, right : tuple of (label, text)
        The two columns of facts above the coefficients.
    notes : tuple of str
        Plain sentences below the coefficients.
    """

    title: str
    left: tuple[tuple[str, str], ...]
    right: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
