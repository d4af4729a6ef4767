"""statsmodels' optimisers by their names, on a function without units."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from statsmodels.base.optimizer import Optimizer

from wlogit._typing import Array
from wlogit.core.objective import LogitObjective

METHODS = (
    "newton",
    "nm",
    "bfgs",
    "lbfgs",
    "powell",
    "cg",
    "ncg",
    "basinhopping",
    "minimize",
)
UNUSED = "Keyword arguments have been passed to the optimizer"


def optimize(
    objective: LogitObjective,
    start: Array,
    method: str,
    maxiter: int,
    disp: bool,
    callback: Callable[[Array], object] | None,
    options: Mapping[str, Any],
) -> tuple[Array, dict[str, Any], dict[str, Any]]:
    """Minimise minus the mean log-likelihood; whatever the unit of the weights.

    Parameters
    ----------
    objective : LogitObjective
    start : ndarray, shape (k,)
    method : str
    maxiter : int
    disp : bool
        Let statsmodels print its convergence lines.
    callback : callable or None
    options : mapping
        What statsmodels documents for the method.

    Returns
    -------
    params : ndarray, shape (k,)
    retvals, settings : dict

    Raises
    ------
    TypeError
        An option that statsmodels does not document for the method.
    """
    total = objective.total_weight

    def value(params: Array, *_: Any) -> float:
        return -objective.value(np.asarray(params)) / total

    def score(params: Array, *_: Any) -> Array:
        return -objective.gradient(np.asarray(params)) / total

    def hessian(params: Array, *_: Any) -> Array:
        return objective.derivatives(np.asarray(params)).information / total

    with warnings.catch_warnings():
        # statsmodels only warns of an option that has no effect.
        warnings.filterwarnings("error", UNUSED, FutureWarning)
        try:
            found, retvals, settings = Optimizer()._fit(
                value,
                score,
                start,
                (),
                dict(options),
                hessian=hessian,
                method=method,
                disp=disp,
                maxiter=maxiter,
                callback=callback,
                retall=False,
                full_output=True,
            )
        except FutureWarning as unused:
            raise TypeError(_shorten(str(unused), method)) from None
    return np.asarray(found, dtype=np.float64), dict(retvals), dict(settings)


def _shorten(message: str, method: str) -> str:
    allowed = message.rsplit(f"{method} is: ", maxsplit=1)[-1].split(". The list", maxsplit=1)[0]
    given = message.rsplit("passed include: ", maxsplit=1)[-1].split(". After", maxsplit=1)[0]
    return f"fit(method={method!r}) got an unexpected keyword {given!r}. It takes {allowed}."
