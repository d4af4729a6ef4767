"""A design in words: a clause for summaries, and a table of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit.survey.building import StageColumns
from wlogit.survey.columns import name_of
from wlogit.survey.printed import readable
from wlogit.survey.stages import LonelyPolicy, Stage, reached

LONELY = {
    "remove": "counted as nothing",
    "certainty": "counted as nothing (sampled with certainty)",
    "adjust": "taken about the overall mean",
    "average": "counted as other strata on average",
}


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the columns that a design was made from; None for arrays.

    Attributes
    ----------
    weights : str or None
    strata : str or None
        Of the first stage.
    units : tuple of str or None
        Of each stage.
    rows_are_psus : bool
    stratified, corrected : bool
        Whether strata, and finite population corrections, were given.
    """

    weights: str | None
    strata: str | None
    units: tuple[str | None, ...]
    rows_are_psus: bool
    stratified: bool
    corrected: bool

    @classmethod
    def of(cls, weights: Any, strata: Sequence[Any], columns: Sequence[StageColumns]) -> "Names":
        """From what the user gave."""
        return cls(
            weights=name_of(weights),
            strata=name_of(strata[0]) if strata else None,
            units=tuple(column.name for column in columns),
            rows_are_psus=columns[0].units is None,
            stratified=bool(strata),
            corrected=columns[0].fpc is not None,
        )


def in_short(stages: Sequence[Stage], names: Names, policy: LonelyPolicy) -> str:
    """A clause: ``31 PSUs in 15 strata``.

    Parameters
    ----------
    stages : sequence of Stage
    names : Names
    policy : LonelyPolicy
    """
    first = stages[0]
    said = f"{first.n_units:,} {'rows as PSUs' if names.rows_are_psus else 'PSUs'}"
    if names.stratified:
        said += f" in {first.n_strata:,} strata"
    used = [stage for stage, _ in reached(stages)]
    for number, stage in enumerate(used[1:], start=2):
        said += f", {stage.n_units:,} units at stage {number}"
    if names.corrected:
        said += ", with finite population corrections"
    lonely = sum(int(np.count_nonzero(stage.lonely)) for stage in used)
    if lonely:
        said += f", {_of_one_unit(lonely)} (lonely_psu={policy.kind!r})"
    return said


def in_full(design: Any, names: Names, *, is_subset: bool) -> str:
    """What printing a design shows.

    Parameters
    ----------
    design : SurveyDesign
    names : Names
    is_subset : bool
        Whether it is that of a subpopulation.
    """
    lines = [f"Survey design: {design.n_rows:,} rows"]
    lines += [f"  {title:<9}{text}" for title, text in _entries(design, names, is_subset)]
    return "\n".join(lines)


def _entries(design: Any, names: Names, is_subset: bool) -> list[tuple[str, str]]:
    first: Stage = design.stages[0]
    used = [stage for stage, _ in reached(design.stages)]
    strata = f"{first.n_strata:,}{_in_parentheses(names.strata)}" if names.stratified else "none"
    psus = "rows" if names.rows_are_psus else names.units[0]
    entries = [("strata", strata), ("PSUs", f"{first.n_units:,}{_in_parentheses(psus)}")]
    for number, stage in enumerate(design.stages[1:], start=2):
        text = f"{stage.n_units:,} units{_in_parentheses(names.units[number - 1])}"
        entries.append((f"stage {number}", text if number <= len(used) else f"{text}, {_PART}"))
    entries.append(("fpc", _corrections(used) if names.corrected else _REPLACED))
    if is_subset:
        inside = f"{int(np.count_nonzero(design.in_domain)):,} rows, {design.n_psu:,} PSUs"
        entries.append(("domain", f"{inside} in {design.n_strata:,} strata"))
    entries.append(("df", f"{design.df:g} (PSUs less strata)"))
    entries.append(("weights", _weights(design, names)))
    lonely = sum(int(np.count_nonzero(stage.lonely)) for stage in used)
    if lonely:
        entries.append(("lonely", f"{_of_one_unit(lonely)}, {LONELY[design.lonely_psu.kind]}"))
    return entries


def _of_one_unit(strata: int) -> str:
    return f"{strata:,} {'stratum' if strata == 1 else 'strata'} of one unit"


_PART = "part of the variance between PSUs"
_REPLACED = "none: as if sampled with replacement"


def _corrections(used: Sequence[Stage]) -> str:
    ranges = []
    for number, stage in enumerate(used, start=1):
        low, high = float(stage.fractions.min()), float(stage.fractions.max())
        part = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
        ranges.append(part if len(used) == 1 else f"stage {number} {part}")
    return f"sampled fraction {', '.join(ranges)}"


def _weights(design: Any, names: Names) -> str:
    weights = design.sampling_weights[design.in_domain]
    positive = weights[weights > 0.0]
    largest = positive.max()
    size = float((positive / largest).sum() ** 2 / np.sum((positive / largest) ** 2))
    none = len(weights) - len(positive)
    zero = f", {none:,} of zero" if none else ""
    return (
        f"{readable(positive.min(), 4)} to {readable(largest, 4)}{_in_parentheses(names.weights)}, "
        f"sum {readable(positive.sum(), 6)}{zero}; effective size {size:,.1f} (Kish)"
    )


def _in_parentheses(name: str | None) -> str:
    return "" if name is None else f" ({name})"
