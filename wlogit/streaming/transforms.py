"""Stateful transforms of patsy learning from rows that may be far apart: what they find adds up."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
from patsy.mgcv_cubic_splines import CC, CR, TE
from patsy.splines import BS
from patsy.state import Center, Standardize

# The attributes of a transform.
Learned = dict[str, Any]


def adds_up(transform: Any) -> bool:
    """Whether what a transform finds in some rows can be added to what it finds in others."""
    return type(transform) in _SUMS


def added(transform: Any, first: Learned, second: Learned) -> Learned:
    """What a transform knows after both, of which the rows of `first` came before."""
    return _SUMS[type(transform)](first, second)


def found(transform: Any) -> Learned:
    """What a transform knows, without what it will not use."""
    return _with_ends(vars(transform)) if type(transform) is BS else vars(transform)


def copy_of(transform: Any, learned: Learned | None) -> Any:
    """A transform of the same kind that knows this, or as much as this one."""
    kind = _Standardize if type(transform) is Standardize else type(transform)
    copy: Any = object.__new__(kind)
    vars(copy).update(deepcopy(vars(transform) if learned is None else learned))
    return copy


class _Standardize(Standardize):  # type: ignore[misc]
    """As patsy's, which goes from row to row in Python."""

    def memorize_chunk(self, x: Any, **_options: Any) -> None:
        """Take in some rows."""
        rows = np.asarray(x, dtype=np.float64)
        rows = rows.reshape(len(rows), -1)
        mean = rows.mean(axis=0)
        here = {
            "current_n": len(rows),
            "current_mean": mean,
            "current_M2": ((rows - mean) ** 2).sum(axis=0),
        }
        self.__dict__.update(_sum_of_squares(self.__dict__, here))


def _sum_of_means(first: Learned, second: Learned) -> Learned:
    return {name: first[name] + second[name] for name in first}


def _sum_of_squares(first: Learned, second: Learned) -> Learned:
    """Means, and squares around them, of both (Chan, Golub and LeVeque 1983, equation 2.1)."""
    if not first["current_n"]:
        return second
    n, more = first["current_n"], second["current_n"]
    total, apart = n + more, second["current_mean"] - first["current_mean"]
    return {
        "current_n": total,
        "current_mean": first["current_mean"] + apart * (more / total),
        "current_M2": first["current_M2"] + second["current_M2"] + apart**2 * (n * more / total),
    }


def _one_after_the_other(first: Learned, second: Learned) -> Learned:
    """The values that splines keep."""
    values = [*first["_tmp"]["xs"], *second["_tmp"]["xs"]]
    return {**first, "_tmp": {**first["_tmp"], "xs": values}}


def _ends_of_both(first: Learned, second: Learned) -> Learned:
    return _with_ends(_one_after_the_other(first, second))


def _with_ends(learned: Learned) -> Learned:
    """The smallest and the largest value, where knots are given: nothing else is used."""
    kept = learned["_tmp"]
    if kept["args"]["knots"] is None:
        return learned
    values = np.concatenate(kept["xs"])
    ends = np.array([values.min(), values.max()])
    return {**learned, "_tmp": {**kept, "xs": [ends]}}


def _sum_of_products(first: Learned, second: Learned) -> Learned:
    """Sums of the rows of tensor products, where these are to be centered."""
    ours, theirs = first["_tmp"], second["_tmp"]
    sums = {name: ours[name] + theirs[name] for name in ("count", "sum") if name in ours}
    return {**first, "_tmp": {**ours, **sums}}


_SUMS: dict[type, Callable[[Learned, Learned], Learned]] = {
    Center: _sum_of_means,
    Standardize: _sum_of_squares,
    BS: _ends_of_both,
    CR: _one_after_the_other,
    CC: _one_after_the_other,
    TE: _sum_of_products,
}
