"""A replicate design in words."""

from typing import Any

import numpy as np

from wlogit._typing import AnyArray
from wlogit.survey.replicate_rule import TITLES, ReplicateRule
from wlogit.survey.replicate_weights import ReplicateWeights

# Numbers from here on are read without their fractions.
_WHOLE = 1000.0


def in_full(design: Any, replicates: ReplicateWeights, *, is_subset: bool) -> str:
    """What printing a design shows.

    Parameters
    ----------
    design : ReplicateDesign
    replicates : ReplicateWeights
    is_subset : bool
        Whether it is that of a subpopulation.
    """
    rule: ReplicateRule = design.rule
    given = "weights" if replicates.base is None else "factors of the sampling weights"
    entries = [
        ("kind", TITLES[rule.kind] + ("" if rule.rho is None else f", rho = {rule.rho:g}")),
        ("replicates", f"{replicates.n_replicates:,}, kept as {given}"),
        ("scale", f"{rule.scale:.6g}, rscales {_range(rule.rscales)}"),
        ("about", "the estimate (mse)" if rule.mse else "the mean of the replicates"),
    ]
    if is_subset:
        entries.append(("domain", f"{int(np.count_nonzero(design.in_domain)):,} rows"))
    entries.append(("df", f"{design.df:g} (rank of the replicate weights less one)"))
    entries.append(("weights", _weights(design)))
    lines = [f"Replicate design: {design.n_rows:,} rows"]
    return "\n".join(lines + [f"  {title:<12}{text}" for title, text in entries])


def _weights(design: Any) -> str:
    inside = design.sampling_weights[design.in_domain]
    positive = inside[inside > 0.0]
    relative = positive / positive.max()
    size = float(relative.sum() ** 2 / np.sum(relative**2))
    name = "" if design.weights_name is None else f" ({design.weights_name})"
    total = _number(float(positive.sum()))
    return f"{_range(positive)}{name}, sum {total}; effective size {size:,.1f} (Kish)"


def _range(values: AnyArray) -> str:
    low, high = _number(float(values.min())), _number(float(values.max()))
    return low if low == high else f"{low} to {high}"


def _number(value: float) -> str:
    """Four digits, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.4g}"
