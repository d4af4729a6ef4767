"""What the figures call things: coefficients, the event, and the scale of a probability."""

import re
from textwrap import wrap
from typing import Any

from wlogit.weights.weights import WeightFacts

_CODED = re.compile(
    r"^(?:C\(\s*(?P<inner>Q\([^()]*\)|[^,()]+)\s*(?:,.*)?\)|(?P<plain>Q\([^()]*\)|\w+))"
    r"\[(?P<sort>[A-Z]\.)?(?P<level>.*)\]$"
)
# Letters of a line of an axis label.
LINE_LENGTH = 36
# As matplotlib writes it on its axes.
MINUS = "\N{MINUS SIGN}"
_QUOTED = re.compile(r"""^Q\((["'])(.*)\1\)$""")


def coefficient_label(name: Any) -> str:
    """What a figure writes for a coefficient of a formula.

    Parameters
    ----------
    name : str
        Name in patsy's language.

    Examples
    --------
    >>> coefficient_label("C(region, Treatment('south'))[T.north]")
    'region = north'
    """
    return " \N{MULTIPLICATION SIGN} ".join(_factor_label(part) for part in _factors(str(name)))


def _factors(name: str) -> list[str]:
    """Parts between the colons that stand outside of brackets."""
    parts, depth = [""], 0
    for letter in name:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == ":" and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _factor_label(factor: str) -> str:
    coded = _CODED.match(factor)
    if coded is None:
        return variable_label(factor)
    variable = variable_label((coded["inner"] or coded["plain"]).strip())
    # Levels of other codings than treatment are not "equal to" a level.
    return f"{variable} = {coded['level']}" if coded["sort"] in (None, "T.") else factor


def variable_label(name: Any) -> str:
    """A variable without the marks that a formula quotes it with."""
    quoted = _QUOTED.match(str(name))
    return quoted[2] if quoted else str(name)


def shortened(label: str, most: int) -> str:
    """A label of at most so many letters, its middle left out."""
    if len(label) <= most:
        return label
    head = (most - 1) * 2 // 3
    return f"{label[:head].rstrip()}…{label[head + 1 - most :].lstrip()}"


def shortened_all(labels: list[str], most: int = 30) -> list[str]:
    """Labels of at most so many letters; as long as it takes to tell them apart."""
    longest = max(map(len, labels), default=0)
    for length in range(most, longest):
        short = [shortened(label, length) for label in labels]
        if len(set(short)) == len(set(labels)):
            return short
    return labels


def event_label(results: Any) -> str:
    """The event in words: ``conflict = 1``, or what is counted or shared."""
    label = class_labels(results)[1]
    if not isinstance(results.weights.labels[1], str):
        return label
    return f"{shortened(variable_label(results.model.endog_names), 30)} = {label}"


def class_labels(results: Any) -> tuple[str, str]:
    """Non-events and events in words; labels that are words stand for themselves."""
    name = shortened(variable_label(results.model.endog_names), 24)
    kind = results.model.outcome_kind
    if kind == "counts":
        parts = name.split(" + ")
        return (parts[1], parts[0]) if len(parts) == 2 else ("failure", "success")
    if kind == "fraction":
        return f"not {name}", name
    labels = results.weights.labels
    rest, event = shortened_all([str(label) for label in labels], 24)
    if all(isinstance(label, str) for label in labels):
        return rest, event
    return f"{name} = {rest}", f"{name} = {event}"


def probability_label(results: Any, which: str, prevalence: float | None = None) -> str:
    """Name of the axis of a probability: of what, and in which population.

    Parameters
    ----------
    results : WeightedLogitResults
    which : {"calibrated", "mean"}
    prevalence : float or None
        To which it was moved.
    """
    noun = "Expected" if results.model.outcome_kind == "fraction" else "Probability of"
    scale = scale_words(results.weights, which, prevalence)
    named = "\n".join(wrap(f"{noun} {event_label(results)}", LINE_LENGTH, break_on_hyphens=False))
    return named + (f"\n({scale})" if scale else "")


def scale_words(weights: WeightFacts, which: str, prevalence: float | None = None) -> str:
    """The population that a probability is about; empty where weights do not make it a question.

    Without class weights it is that of the cases: only a prevalence or sampling weights say that
    these are the population.
    """
    source = weights.factors.source
    if prevalence is not None:
        return f"at a prevalence of {prevalence:.3g}"
    if source is None:
        return ""
    if which == "mean" and source != "prevalence":
        return "scale of the class weights"
    known = source == "prevalence" or weights.has_sampling
    return "population scale" if known else "class weights taken out"


def event_of(source: Any) -> str:
    """The event in words for a fit; empty for what is not one, as an evaluation."""
    return event_label(source) if getattr(source, "model", None) is not None else ""


def with_interval(value: float, interval: tuple[float, float], form: str = ".3f") -> str:
    """``0.897 (0.882 to 0.911)``, with minus signs as matplotlib writes them."""
    estimate, lower, upper = (_signed(one, form) for one in (value, *interval))
    return f"{estimate} ({lower} to {upper})"


def _signed(value: float, form: str) -> str:
    """A number with a minus sign, which zero has not."""
    written = f"{value:{form}}"
    return written.lstrip("-") if float(written) == 0.0 else written.replace("-", MINUS)


def amount(number: float) -> str:
    """A number of cases: whole, or with one decimal."""
    return f"{number:,.0f}" if abs(number - round(number)) < 0.05 else f"{number:,.1f}"


def percent(level: float) -> str:
    """A share between 0 and 1 in percent, without needless digits."""
    return f"{100.0 * level:.10g}%"
