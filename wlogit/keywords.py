"""Unknown keywords are errors that name the nearest valid one."""

from collections.abc import Iterable
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any

OPTIONS = (
    "class_weight",
    "freq_weights",
    "sampling_weights",
    "prevalence",
    "design",
    "offset",
    "event",
    "missing",
    "aliased",
)
WEIGHTS = ("freq_weights", "sampling_weights", "class_weight", "prevalence")


def reject_unknown(given: Iterable[str], valid: Iterable[str], where: str) -> None:
    """Raise TypeError for the first keyword that is not valid.

    Parameters
    ----------
    given, valid : iterable of str
    where : str
        Name of the call, for the message.
    """
    known = list(valid)
    for name in given:
        if name in known:
            continue
        if name in WEIGHTS and not any(option in known for option in WEIGHTS):
            raise TypeError(
                f"{where} got an unexpected keyword {name!r}: weights belong to the model, "
                f"WeightedLogit(..., {name}=...) or from_formula(..., {name}=...)."
            )
        near = get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else f" It takes {', '.join(known)}."
        raise TypeError(f"{where} got an unexpected keyword {name!r}.{hint}")


def check_choice(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise ValueError for an option that is not one of those allowed."""
    if value not in allowed:
        options = ", ".join(repr(option) for option in allowed)
        raise ValueError(f"{name}={value!r} is not known; use one of {options}.")


def check_whole(name: str, value: object) -> None:
    """Raise ValueError for an option that is no whole number."""
    known = isinstance(value, Integral) and not isinstance(value, bool)
    if not known:
        raise ValueError(f"{name}={value!r} must be a whole number.")


def check_alpha(alpha: object) -> None:
    """Raise ValueError for one minus the level of an interval that is not between 0 and 1."""
    if isinstance(alpha, Real) and 0.0 < float(alpha) < 1.0:
        return
    shown = f"{alpha}" if isinstance(alpha, Real) else repr(alpha)
    raise ValueError(f"alpha={shown} must lie between 0 and 1; for 95 % intervals alpha=0.05.")


def check_threshold(threshold: Any) -> float:
    """A threshold as a float; ValueError for what is no probability between 0 and 1."""
    known = isinstance(threshold, Real) and not isinstance(threshold, bool)
    if not (known and 0.0 <= threshold <= 1.0):
        raise ValueError(f"a threshold is a probability between 0 and 1, not {threshold!r}.")
    return float(threshold)
