"""How much an event and a non-event count: "balanced", weights by label, or a known prevalence."""

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any, Literal

import numpy as np

from wlogit.errors import WeightError
from wlogit.weights.columns import listed, same, shorten
from wlogit.weights.weights import ClassFactors


def class_factors(
    class_weight: object,
    prevalence: object,
    labels: tuple[Hashable, Hashable],
    masses: tuple[float, ...],
) -> ClassFactors:
    """Class factors c0, c1 from what the user asked for.

    Parameters
    ----------
    class_weight : None, "balanced" or mapping
        Weights by label; a key matches a label by equality.
    prevalence : None or float
        Share of events in the population, in (0, 1).
    labels : tuple
        Labels of non-events and events.
    masses : tuple of float
        (W_0, W_1), both positive.

    Notes
    -----
    With W = W_0 + W_1: ``c_k = W / (2 W_k)`` when balanced, ``c1 = tau W / W_1`` and
    ``c0 = (1 - tau) W / W_0`` for prevalence tau.

    References
    ----------
    King & Zeng (2001), Political Analysis 9, section 4.2; Manski & Lerman (1977), Econometrica 45.
    """
    if class_weight is not None and prevalence is not None:
        raise WeightError(
            "class_weight and prevalence both set the weight of the classes; give one of them."
        )
    if prevalence is not None:
        return _from_prevalence(prevalence, masses)
    if class_weight is None:
        return ClassFactors()
    (non_event, event), source = label_factors(class_weight, labels, masses)
    return ClassFactors(non_event, event, source)


def label_factors(
    class_weight: object, labels: Sequence[Hashable], masses: Sequence[float]
) -> tuple[tuple[float, ...], Literal["balanced", "mapping"]]:
    """The weight of each of any number of labels, and where it comes from.

    Parameters
    ----------
    class_weight : "balanced" or mapping
    labels : sequence of J labels
    masses : sequence of J floats
        W_k, all positive.

    Notes
    -----
    ``c_k = W / (J W_k)`` when balanced.
    """
    if isinstance(class_weight, Mapping):
        return _from_mapping(class_weight, labels), "mapping"
    if isinstance(class_weight, str) and class_weight == "balanced":
        share = 1.0 / len(labels)
        return tuple(share * _inverse_share(k, masses) for k in range(len(labels))), "balanced"
    raise WeightError(
        f"class_weight is {shorten(class_weight)}; it must be None, 'balanced' or a mapping "
        f"{{label: weight}} with the labels {listed(labels)}."
    )


def _inverse_share(k: int, masses: Sequence[float]) -> float:
    return sum(masses) / masses[k]


def _from_prevalence(prevalence: object, masses: tuple[float, ...]) -> ClassFactors:
    tau = real(prevalence)
    if tau is None or not 0.0 < tau < 1.0:
        percent = f" ({tau:g} % is {tau / 100.0:g})" if tau and 1.0 < tau < 100.0 else ""
        raise WeightError(
            f"prevalence is {shorten(prevalence)}; it must be the share of events in the "
            f"population, a number between 0 and 1{percent}."
        )
    non_event, event = (1.0 - tau) * _inverse_share(0, masses), tau * _inverse_share(1, masses)
    return ClassFactors(non_event, event, "prevalence", tau)


def _from_mapping(weights: Mapping[Any, object], labels: Sequence[Hashable]) -> tuple[float, ...]:
    unknown = [key for key in weights if not any(same(key, label) for label in labels)]
    if unknown:
        raise WeightError(
            f"class_weight has the key {shorten(unknown[0])}, which is not a label of the outcome; "
            f"the labels are {listed(labels)}{_written_alike(unknown[0], labels)}."
        )
    missing = [label for label in labels if label not in weights]
    if missing:
        raise WeightError(f"class_weight has no weight for the label {shorten(missing[0])}.")
    return tuple(_positive(weights[label], label) for label in labels)


def _written_alike(key: object, labels: Sequence[Hashable]) -> str:
    alike = [label for label in labels if str(label) == str(key)]
    if not alike:
        return ""
    return f" (as {type(alike[0]).__name__}, not {type(key).__name__})"


def _positive(weight: object, label: Hashable) -> float:
    value = real(weight)
    if value is None or not 0.0 < value < np.inf:
        raise WeightError(
            f"class_weight of the label {shorten(label)} is {shorten(weight)}; it must be a "
            "positive number. To leave a class out of the fit, leave out its rows."
        )
    return value


def real(value: object) -> float | None:
    """A real number as a float, None for anything else (a boolean, text)."""
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        return None
    try:
        return float(value)
    except OverflowError:
        return np.inf
