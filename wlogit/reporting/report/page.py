"""The whole page: head, contents and sections."""

from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

from wlogit._optional import require
from wlogit._version import __version__
from wlogit.reporting.report import data, estimates, predictions, rows
from wlogit.reporting.report.markup import Html, code, element, items, joined, paragraph, safe
from wlogit.reporting.report.reading import reading
from wlogit.reporting.report.sections import Part, Section, Writer

SECTIONS = (
    Section("reading", "In plain words", (Part("The reading", reading, of_a_fit=False),)),
    Section(
        "data",
        "Data and weights",
        (
            Part("Rows and cases", data.rows_and_cases, of_a_fit=False),
            Part("Classes", data.classes, of_a_fit=False),
            Part("Weights", data.weighing, of_a_fit=False),
            Part("Precision lost to weights", data.cost),
        ),
    ),
    Section(
        "coefficients",
        "Coefficients",
        (
            Part("Coefficients", estimates.coefficients, of_a_fit=False),
            Part("Figure of the odds ratios", estimates.forest),
        ),
    ),
    Section(
        "tests",
        "Tests",
        (
            Part("Test of all slopes", estimates.global_test),
            Part("Tests of the terms", estimates.term_tests),
            Part("Test of the weights", estimates.weighting_test),
            Part("Link test", estimates.link_test),
        ),
    ),
    Section(
        "effects", "Effects", (Part("Average marginal effects", estimates.effects, finite=True),)
    ),
    Section(
        "calibration",
        "Calibration",
        (
            Part("Calibration", predictions.calibration, finite=True),
            Part("Figure of the calibration", predictions.calibration_figure, finite=True),
            Part("Hosmer-Lemeshow test", predictions.grouped_fit, finite=True),
        ),
    ),
    Section(
        "classification",
        "ROC and classification",
        (
            Part("Area under the ROC curve", predictions.discrimination, finite=True),
            Part("Figure of the ROC curve", predictions.roc_figure, finite=True),
            Part("Classification", predictions.classification, finite=True),
            Part("Cases by prediction", predictions.confusion, finite=True),
        ),
    ),
    Section("influence", "Influence", (Part("Influence", rows.influence),)),
    Section("collinearity", "Collinearity", (Part("Collinearity", rows.collinearity),)),
)
# What a browser may do with the page: show it. No script, nothing from elsewhere.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
NOTES = Section("notes", "Notes and warnings", (Part("Notes", data.notes, of_a_fit=False),))
SESSION = Section("session", "Session", (Part("Session", data.session, of_a_fit=False),))


def write_report(results: Any, path: Any) -> None:
    """Write the page of a fit.

    Parameters
    ----------
    results : WeightedLogitResults
    path : str or path-like
        Overwritten if it is there.

    Raises
    ------
    ImportError
        Without matplotlib.
    NotAvailableError
        After ``remove_data``.
    """
    require("matplotlib", extra="plots")
    results.model.require_data()
    Path(path).write_text(page(results), encoding="utf-8")


def page(results: Any) -> Html:
    """The page of a fit as HTML.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    writer = Writer(results)
    sections = [writer.write(section) for section in SECTIONS]
    notes = writer.write(NOTES).removesuffix("</section>")
    sections.append(Html(f"{notes}{_cautions(writer)}</section>"))
    sections.append(writer.write(SESSION))
    title = f"Logistic regression of {results.model.endog_names}"
    style = resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    head = joined(
        (
            Html('<meta charset="utf-8">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Html(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
            element("title", title),
            element("style", Html(style)),
        )
    )
    body = joined((_top(results, title), _contents(), element("main", joined(sections))))
    return Html(
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n'
        "</html>\n"
    )


def _top(results: Any, title: str) -> Html:
    formula = getattr(results.model, "formula", None)
    written = datetime.now().astimezone().strftime("%d %B %Y").lstrip("0")
    lines = [element("h1", title)]
    if formula is not None:
        lines.append(paragraph(code(formula)))
    lines.append(element("p", f"wlogit {__version__}, {written}", class_="written"))
    return element("header", joined(lines))


def _contents() -> Html:
    sections = (*SECTIONS, NOTES, SESSION)
    links = (element("a", section.title, href=f"#{section.anchor}") for section in sections)
    return element("nav", items(links), aria_label="Contents")


def _cautions(writer: Writer) -> Html:
    if not writer.cautions:
        return safe("")
    told = (f"{title}: {message}" for message, title in writer.cautions.items())
    heading = element("h3", "Said while the sections were computed")
    return joined((heading, items(told)))
