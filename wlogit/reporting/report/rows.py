"""Sections about rows and columns: influence and collinearity."""

from typing import Any

import numpy as np

from wlogit import plots
from wlogit.inference.influence import mean_weight
from wlogit.reporting.report import words
from wlogit.reporting.report.figures import Size, figure
from wlogit.reporting.report.markup import Html, code, joined, paragraph, table

TOP = 10


def influence(results: Any) -> Html:
    """The rows that move the coefficients most, as a table and a figure.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    found = results.get_influence()
    unit = mean_weight(results.weights)
    distance = np.asarray(found.cooks_distance[0], dtype=np.float64) / unit
    order = np.argsort(-np.nan_to_num(distance, nan=-np.inf), kind="stable")[:TOP]
    dfbetas = np.abs(np.asarray(found.dfbetas)) / np.sqrt(unit)
    residual = np.asarray(found.resid_studentized) / np.sqrt(unit)
    names, labels = results.model.exog_names, results.model.rows.labels
    rows = []
    for i in order:
        j = int(np.nanargmax(dfbetas[i])) if np.isfinite(dfbetas[i]).any() else None
        most = "n/a" if j is None else joined((code(names[j]), words.number(dfbetas[i, j])), " ")
        rows.append(
            (
                str(labels[i]),
                words.number(distance[i]),
                words.number(float(found.hat_matrix_diag[i])),
                words.number(float(residual[i])),
                most,
            )
        )
    head = ("row", "Cook's distance", "leverage", "studentized residual", "moves most (dfbetas)")
    text = (
        "Cook's distance is how far all coefficients would move if the row were left out. A row "
        "that stands out deserves a look: at its data first, and at the model if the data are "
        "right."
    )
    if not results.weights.likelihood:
        text += " Distance, residual and dfbetas are those for weights of mean one."
    drawn = figure(
        lambda ax: plots.influence(results, ax),
        "Leverage against studentized residual of every row; the area is Cook's distance.",
        "Leverage against studentized residual; the area of a bubble is Cook's distance.",
        Size(),
    )
    caption = f"The {len(rows)} most influential rows"
    return joined((paragraph(text), table(caption, head, rows), drawn))


def collinearity(results: Any) -> Html:
    """Variance inflation of the columns.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    found = results.collinearity()
    if found.vif.empty:
        return paragraph("There are no two columns that could depend on each other.")
    rows = [
        (code(name), *(words.number(float(value)) for value in values))
        for name, *values in found.terms.itertuples()
    ]
    text = (
        "How much larger the variance of a term is than if its columns had nothing in common with "
        "the others. The last column is on the scale of standard errors; above 2 to 3 a term is "
        "hard to tell from the others."
    )
    said = [
        f"{', '.join(names)} are nearly dependent (condition index {words.number(index)})."
        for index, names in found.dependencies
    ]
    condition = f"The condition number is {words.number(found.condition_number)}."
    head = ("term", *map(str, found.terms.columns))
    return joined(
        (paragraph(text), table("Variance inflation", head, rows), paragraph(condition, *said))
    )
