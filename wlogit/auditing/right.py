"""The same fit by wlogit, for the weights meant, and the numbers of both beside each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import Array
from wlogit.auditing.meaning import Reading
from wlogit.auditing.peer import Peer
from wlogit.inference.prediction import calibration_shift
from wlogit.model import WeightedLogit
from wlogit.reporting.notes import calibrated_error
from wlogit.results import WeightedLogitResults

# Coefficients that differ by more standard errors are not said to agree.
CLOSE = 0.1
ROBUST = ("HC0", "HC1", "HC2", "HC3")


@dataclass(frozen=True)
class Right:
    """A peer's fit again, with weights that mean what they mean.

    Attributes
    ----------
    peer : Peer
    reading : Reading
    wrapped : WeightedLogitResultsWrapper
        The fit as it is handed to the user.
    """

    peer: Peer
    reading: Reading
    wrapped: Any

    @classmethod
    def build(cls, peer: Peer, reading: Reading) -> "Right":
        """Fit anew, with the kind of covariance that the peer has where that can be right."""
        outcome, options = peer.outcome, dict(reading.options)
        if peer.flipped:
            outcome = 1.0 - outcome
            if isinstance(options.get("class_weight"), Mapping):
                options["class_weight"] = {1 - k: w for k, w in options["class_weight"].items()}
        model = WeightedLogit(outcome, peer.table, offset=peer.offset, **options)
        fitted = model.fit(disp=False)
        if peer.cov_type == "cluster":
            groups, corrected = np.asarray(peer.groups), peer.corrected
            clustered = fitted.with_covariance("cluster", groups=groups, use_correction=corrected)
            return cls(peer, reading, clustered)
        if peer.cov_type in ROBUST:
            return cls(peer, reading, fitted.with_covariance(peer.cov_type))
        return cls(peer, reading, fitted)

    @property
    def results(self) -> WeightedLogitResults:
        """Without pandas labels."""
        inner: WeightedLogitResults = self.wrapped._results  # noqa: SLF001  the wrapper's name
        return inner

    @property
    def sign(self) -> float:
        """What the coefficients of the peer are multiplied by to be about the event."""
        return -1.0 if self.peer.flipped else 1.0

    @cached_property
    def distance(self) -> float:
        """Largest difference of the coefficients, in right standard errors."""
        return self._gap(self.sign * self.peer.params - self.results.params)

    def _gap(self, difference: Array) -> float:
        gap = np.abs(difference)
        error = np.asarray(self.results.bse)
        known = np.isfinite(error) & (error > 0.0)
        return float((gap[known] / error[known]).max(initial=0.0))

    @cached_property
    def penalized_distance(self) -> float:
        """The same from the optimum of the peer's own penalty."""
        penalty = self.peer.penalty
        if penalty is None:
            return self.distance
        fit = self.results.model.fit_regularized(
            method="elastic_net",
            alpha=penalty.strength / self.results.weights.total,
            L1_wt=penalty.l1_ratio,
            disp=False,
        )
        gap = np.abs(self.sign * self.peer.params - np.asarray(fit.params))
        return float(np.max(gap / np.asarray(self.results.bse)))

    @cached_property
    def other_data(self) -> float:
        """How far off the coefficients are of the peer fitted again; 0 where it is the same fit.

        Fitted again to the data as passed, a peer that had stopped by itself comes to where it was,
        however loose its tolerance, or else the data are not those of its fit.
        """
        peer = self.peer
        distance = self.distance if peer.penalty is None else self.penalized_distance
        off = peer.converged and np.isfinite(distance) and distance > CLOSE
        if peer.again is None or not off or not self.results.converged:
            return 0.0
        moved = self._gap(peer.params - peer.again())
        return moved if moved > distance / 2.0 else 0.0

    @property
    def on_population_scale(self) -> bool:
        """Whether class weights can be taken out of probabilities and effects."""
        results = self.results
        return results.has_free_constant or calibration_shift(results.weights) == 0.0

    @property
    def calibrated_intercept(self) -> tuple[float, float] | None:
        """The intercept at population scale with its standard error, where weights moved it."""
        results, where = self.results, self.results.model.data.const_idx
        shift = calibration_shift(results.weights)
        if where is None or shift == 0.0:
            return None
        value = float(results.params[where]) - shift
        return value, calibrated_error(results.covariance, where)

    @cached_property
    def effects(self) -> dict[str, float]:
        """Average marginal effects at population scale, by name; NaN where there are none."""
        if not self.on_population_scale:
            return dict.fromkeys(self.peer.effects(), np.nan)
        margins = self.results.get_margeff()
        return dict(zip(map(str, margins.names), np.asarray(margins.margeff), strict=True))

    @cached_property
    def pairs(self) -> dict[tuple[str, str], tuple[float, float]]:
        """Reported and right number of each quantity and name; NaN where nothing is reported."""
        peer, results = self.peer, self.results
        unknown = np.full(len(peer.names), np.nan)
        by_name = {
            "coefficient": (peer.params, results.params),
            "standard error": (unknown if peer.errors is None else peer.errors, results.bse),
            "p-value": (unknown if peer.pvalues is None else peer.pvalues, results.pvalues),
        }
        found = {
            (quantity, name): (float(theirs), float(ours))
            for quantity, columns in by_name.items()
            for name, theirs, ours in zip(peer.names, *columns, strict=True)
        }
        if self.calibrated_intercept is not None:
            name = peer.names[results.model.data.const_idx]
            found["calibrated intercept", name] = (np.nan, self.calibrated_intercept[0])
        reported = peer.effects()
        for name, value in self.effects.items():
            found["marginal effect", name] = (reported.get(name, np.nan), float(value))
        for quantity, number in peer.numbers.items():
            found[quantity, ""] = (number, self._number(quantity))
        return found

    def _number(self, quantity: str) -> float:
        if quantity == "Cox-Snell R2":
            return float(self.results.pseudo_rsquared("cox_snell"))
        return float(getattr(self.results, quantity))

    def of(self, quantity: str) -> dict[str, tuple[float, float]]:
        """Reported and right numbers of a quantity, where both are known."""
        return {
            name: pair
            for (what, name), pair in self.pairs.items()
            if what == quantity and np.all(np.isfinite(pair))
        }

    def frame(self) -> pd.DataFrame:
        """All of them as a table."""
        index = pd.MultiIndex.from_tuples(list(self.pairs), names=["quantity", "name"])
        return pd.DataFrame(list(self.pairs.values()), index=index, columns=["reported", "right"])

    def mean_probabilities(self) -> tuple[float, float, float]:
        """Mean of the peer's probabilities of the event, of calibrated ones, share of events."""
        theirs = self.peer.probabilities
        theirs = 1.0 - theirs if self.peer.flipped else theirs
        results = self.results
        n, mass = len(theirs), [np.zeros(len(theirs)), np.zeros(len(theirs))]
        for sort, part in zip(results.weights.cases, results.weights.averaging_mass, strict=True):
            mass[0] = mass[0] + np.broadcast_to(part, (n,))
            mass[1] = mass[1] + np.broadcast_to(part * sort.outcome, (n,))
        ours = np.asarray(results.predict(which="calibrated"))
        total = mass[0].sum()
        return (
            float(mass[0] @ theirs / total),
            float(mass[0] @ ours / total),
            float(mass[1].sum() / total),
        )
