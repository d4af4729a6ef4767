"""What a multinomial model is given, brought to the rows that are fitted."""

from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from wlogit.construction import with_labels
from wlogit.designs import domain_of
from wlogit.inputs import Inputs, common_index, drop_missing, read_domain, read_table, rows_of
from wlogit.rows import Rows
from wlogit.survey.protocol import Design
from wlogit.weights.labelled import LabelledOutcome, read_labels


def read_inputs(
    endog: Any, exog: Any, missing: str, evaluated: Rows | None, design: Design | None
) -> Inputs[LabelledOutcome]:
    """Outcome and design on the kept rows, from arrays or from an evaluated formula.

    Parameters
    ----------
    endog, exog, missing
        As the model takes them.
    evaluated : Rows or None
        Rows of an evaluated formula; outcome and design are then already read.
    design : Design or None
        Rows outside its domain are left out.
    """
    if evaluated is not None:
        whole = exog if exog.compact is None else replace(exog, values=exog.compact.toarray())
        return with_labels(drop_missing(endog, whole, evaluated, None, missing))
    if design is not None:
        domain = partial(domain_of, design)
        labels, table, rows, _ = read_domain(endog, exog, None, read_labels, domain)
        return drop_missing(labels, table.dense(), rows, None, missing)
    table = read_table(exog).dense()
    index = common_index(endog, table)
    outcome = read_labels(endog)
    rows = rows_of(len(outcome.codes), table, index)
    return drop_missing(outcome, table, rows, None, missing)


def stored_codes(inputs: Inputs[LabelledOutcome], rows: Rows, codes: Any) -> Any:
    """The codes as statsmodels stores them, labelled where the data were."""
    if inputs.table.index is None and rows.index is None:
        return codes
    return pd.Series(codes, index=rows.labels, name=inputs.outcome.name or "y")
