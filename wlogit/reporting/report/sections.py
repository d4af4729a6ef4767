"""Sections made of parts, each of which is shown or says why it does not apply."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wlogit.errors import (
    ConvergenceWarning,
    DataWarning,
    DesignError,
    InferenceWarning,
    NotALikelihoodError,
    NotAvailableError,
    OutcomeError,
    WeightError,
)
from wlogit.reporting.report.markup import Html, element, joined, paragraph

# A statistic that refuses says why. Whatever else goes wrong is a fault, and is raised.
REFUSALS = (NotAvailableError, NotALikelihoodError, WeightError, DesignError, OutcomeError)
CAUTIONS = (ConvergenceWarning, InferenceWarning, DataWarning)


@dataclass(frozen=True, slots=True)
class Part:
    """Something a section shows.

    Attributes
    ----------
    name : str
        What it is, for the sentence that says why it is absent.
    make : callable
        Its markup, from the results.
    of_a_fit : bool
        Whether it means something only for a fit that has converged, or is separated.
    finite : bool
        Whether it means nothing under separation.
    """

    name: str
    make: Callable[[Any], Html]
    of_a_fit: bool = True
    finite: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the parts below it.

    Attributes
    ----------
    anchor : str
        Of the links to it.
    title : str
    parts : tuple of Part
    """

    anchor: str
    title: str
    parts: tuple[Part, ...]


@dataclass(slots=True)
class Writer:
    """Writes sections, and keeps what the statistics warned of.

    Attributes
    ----------
    results : WeightedLogitResults
    cautions : dict
        Messages of warnings, in order, with the titles of the sections they came from.
    """

    results: Any
    cautions: dict[str, str] = field(default_factory=dict)

    def write(self, section: Section) -> Html:
        """A section as markup; refusals for the same reason are said once."""
        content: list[Html] = [element("h2", section.title)]
        reasons: dict[str, list[str]] = {}
        for part in section.parts:
            try:
                content.append(self._made(part, section.title))
            except REFUSALS as refusal:
                reasons.setdefault(sentence(refusal), []).append(part.name)
        for reason, names in reasons.items():
            what = "Not shown." if len(names) == len(section.parts) else f"{_listed(names)}."
            content.append(paragraph(element("strong", what), reason))
        return element("section", joined(content), id=section.anchor)

    def _made(self, part: Part, title: str) -> Html:
        if part.of_a_fit:
            require_fit(self.results, finite=part.finite)
        with self._listening(title):
            return part.make(self.results)

    @contextmanager
    def _listening(self, title: str) -> Iterator[None]:
        """Keep warnings about the statistics for the page, and pass on the others."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
        for one in caught:
            if issubclass(one.category, CAUTIONS):
                self.cautions.setdefault(str(one.message), title)
            else:
                warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def require_fit(results: Any, *, finite: bool = False) -> None:
    """Raise NotAvailableError where coefficients are neither estimates nor limits of them.

    Parameters
    ----------
    results : WeightedLogitResults
    finite : bool
        Limits will not do either.
    """
    separated = bool(np.any(results.fit_record.diverging))
    if not (results.converged or separated):
        raise NotAvailableError("the fit did not converge, and what is computed from it misleads.")
    if finite and separated:
        raise NotAvailableError(
            "under separation coefficients have no finite estimate, and numbers that follow from "
            "them have no valid error. The notes say what can be done."
        )


def _listed(names: list[str]) -> str:
    """Names of parts that are not shown."""
    return f"{', '.join((names[0], *(name.lower() for name in names[1:])))}: not shown"


def sentence(error: object) -> str:
    """What an error says, as a sentence; a first word that is code stays as it is."""
    text = " ".join(str(error).split())
    if text.partition(" ")[0].isalpha():
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
