"""How the spread of replicates becomes a variance: scales of each kind, and what they are about."""

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from wlogit._typing import Array, BoolArray
from wlogit.errors import DesignError
from wlogit.keywords import check_choice
from wlogit.weights.columns import shorten

ReplicateKind = Literal["BRR", "Fay", "JK1", "JKn", "JK2", "bootstrap", "SDR", "other"]

TITLES: dict[str, str] = {
    "BRR": "balanced repeated replication (BRR)",
    "Fay": "balanced repeated replication by Fay",
    "JK1": "jackknife without strata (JK1)",
    "JKn": "stratified jackknife (JKn)",
    "JK2": "jackknife of paired PSUs (JK2)",
    "bootstrap": "bootstrap",
    "SDR": "successive differences (SDR)",
    "other": "replicates of a kind of their own",
}
# Kinds whose scale is a number of theirs; and those whose replicates count alike besides.
_OWN_SCALE = ("BRR", "Fay", "JK2", "SDR")
_ALIKE = ("JK2", "SDR")


@dataclass(frozen=True, slots=True, eq=False)
class ReplicateRule:
    """``V = scale * sum of rscales_r (t_r - c)(t_r - c)'``.

    Attributes
    ----------
    kind : str
    scale : float
    rscales : ndarray, shape (R,)
    mse : bool
        Whether c is the estimate; else it is the mean of the replicates with positive rscales.
    rho : float or None
        Of Fay's method.
    """

    kind: ReplicateKind
    scale: float
    rscales: Array
    mse: bool = False
    rho: float | None = None

    def covariance(self, replicates: Array, estimate: Array) -> Array:
        """Covariance of estimates, shape (q, q); NaN where no replicate is left.

        Parameters
        ----------
        replicates : ndarray, shape (R, q)
            The estimates in each replicate.
        estimate : ndarray, shape (q,)
            In the full sample.
        """
        counted = self.rscales > 0.0
        if not counted.any():
            return np.full((len(estimate), len(estimate)), np.nan)
        center = estimate if self.mse else replicates[counted].mean(axis=0)
        apart = (replicates - center) * np.sqrt(self.rscales)[:, np.newaxis]
        return np.asarray(self.scale * (apart.T @ apart))

    def only(self, kept: BoolArray) -> "ReplicateRule":
        """The rule of some of the replicates; the scale stays."""
        return replace(self, rscales=self.rscales[kept])

    def describe(self) -> str:
        """A clause: ``31 replicates, stratified jackknife (JKn)``."""
        title = TITLES[self.kind]
        if self.rho is not None:
            title += f" with rho = {self.rho:g}"
        about = ", about the estimate" if self.mse else ""
        return f"{len(self.rscales):,} replicates, {title}{about}"


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """What the user gave: see `wlogit.ReplicateDesign`."""

    kind: ReplicateKind
    rho: float | None
    scale: float | None
    rscales: Any
    mse: bool


def read_rule(options: RuleOptions, factors: Array | None, n_replicates: int) -> ReplicateRule:
    """The rule of a kind of replicates, with R's defaults of ``svrepdesign``.

    Parameters
    ----------
    options : RuleOptions
    factors : ndarray, shape (R,), or None
        Largest factor of each replicate, where replicate weights are factors.
    n_replicates : int

    Raises
    ------
    DesignError
        A scale that is missing, or one that does not belong to the kind.
    """
    kind = options.kind
    check_choice("kind", kind, get_args(ReplicateKind))
    if not isinstance(options.mse, bool | np.bool_):
        raise DesignError(f"mse must be True or False, not {shorten(options.mse)}.")
    rho = _rho(options)
    rscales = _rscales(options, factors, n_replicates)
    scale = _scale(options, rho, factors, n_replicates)
    return ReplicateRule(kind, scale, rscales, bool(options.mse), rho)


def _rho(options: RuleOptions) -> float | None:
    if options.kind != "Fay":
        if options.rho is not None:
            raise DesignError(f'rho is for kind="Fay", not for kind={options.kind!r}.')
        return None
    if options.rho is None:
        raise DesignError(
            'kind="Fay" needs rho, the part of its weight that the left-out half keeps, in [0, 1).'
        )
    rho = _number("rho", options.rho)
    if not 0.0 <= rho < 1.0:
        raise DesignError(f"rho is {rho:g}; it must lie in [0, 1): zero is BRR.")
    return rho


def _rscales(options: RuleOptions, factors: Array | None, n_replicates: int) -> Array:
    given, kind = options.rscales, options.kind
    if given is None:
        if kind != "JKn":
            return np.ones(n_replicates)
        if factors is None:
            raise DesignError(
                'kind="JKn" needs rscales, (n_h - 1) / n_h for the stratum whose PSU a replicate '
                "leaves out: combined weights do not tell them. One number will do if it is the "
                "same for all."
            )
        return 1.0 / factors
    try:
        found = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise DesignError(f"rscales must be numbers, not {shorten(given)}.") from None
    if found.ndim == 0 or found.size == 1:
        found = np.full(n_replicates, float(found.reshape(-1)[0]))
    if found.shape != (n_replicates,):
        raise DesignError(
            f"rscales has shape {found.shape}; it needs one number for each of the "
            f"{n_replicates} replicates."
        )
    wrong = ~(np.isfinite(found) & (found >= 0.0))
    if wrong.any():
        r = int(np.argmax(wrong))
        raise DesignError(
            f"rscales of replicate {r + 1} is {found[r]:g}; it must not be negative or missing."
        )
    if not found.any():
        raise DesignError("rscales are all zero: no replicate counts.")
    if kind in _ALIKE and not np.all(found == 1.0):
        raise DesignError(f'kind={kind!r} counts its replicates alike; use kind="other".')
    return found.copy()


def _scale(
    options: RuleOptions, rho: float | None, factors: Array | None, n_replicates: int
) -> float:
    kind, own = options.kind, _own_scale(options.kind, rho, factors, n_replicates)
    if options.scale is None:
        if own is None:
            raise DesignError(
                'kind="other" needs scale, the number that the sum of squared deviations of the '
                "replicates is multiplied by; the documentation of the survey has it."
            )
        return own
    scale = _number("scale", options.scale)
    if not 0.0 < scale < np.inf:
        raise DesignError(
            f"scale is {scale:g}; it must be a positive number: it multiplies every variance."
        )
    if kind in _OWN_SCALE and not np.isclose(scale, own or 0.0, rtol=1e-8):
        raise DesignError(
            f"kind={kind!r} has the scale {own:g} with {n_replicates} replicates, not {scale:g}; "
            'leave scale out, or use kind="other".'
        )
    return scale


def _own_scale(
    kind: str, rho: float | None, factors: Array | None, n_replicates: int
) -> float | None:
    count = float(n_replicates)
    if kind in ("BRR", "Fay"):
        return 1.0 / (count * (1.0 - (rho or 0.0)) ** 2)
    if kind == "JK1":
        return (count - 1.0) / count if factors is None else 1.0 / float(factors[0])
    if kind == "bootstrap":
        return 1.0 / (count - 1.0)
    if kind == "SDR":
        return 4.0 / count
    return None if kind == "other" else 1.0


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise DesignError(f"{name} must be a number, not {shorten(value)}.") from None
    if np.isnan(number):
        raise DesignError(f"{name} is missing; give a number.")
    return number
