"""What the results of penalised fits share, whatever the number of labels."""

import pickle
from collections.abc import Hashable
from pathlib import Path
from typing import Any, ClassVar, NoReturn

import numpy as np

from wlogit import estimation
from wlogit.errors import NotAvailableError
from wlogit.reporting.document import SummaryData


class PenalisedResults:
    """A penalised estimate, how it was found, and what it has not.

    Parameters
    ----------
    model : WeightedLogit or WeightedMNLogit
    fit : PenalizedFit or SymmetricFit
    """

    model: Any
    weights: Any
    # What to call for standard errors.
    _instead: ClassVar[str]

    def __init__(self, model: Any, fit: Any) -> None:
        self.model, self.weights = model, model.weights
        self.fit_record = fit
        options, optimum = fit.options, fit.optimum
        self.method, self.alpha, self.L1_wt = options.method, options.alpha, options.L1_wt
        self.converged, self.nobs = optimum.converged, self.weights.nobs
        self.mle_retvals = {
            "fopt": optimum.value / self.weights.total,
            "iterations": optimum.iterations,
            "warnflag": 0 if optimum.converged else 1,
            "converged": optimum.converged,
            "reason": optimum.reason,
            "kkt_residual": optimum.kkt,
        }
        self.kept_notes: tuple[str, ...] | None = None

    @property
    def kkt_residual(self) -> float:
        """Largest violation of the optimality conditions.

        A violation is the distance of the score from what the penalty allows,
        ``score_j - l2_j b_j = l1_j sign(b_j)``, or ``|score_j| <= l1_j`` at zero, divided by the
        weight of the rarest label and the weighted root mean square of the column. It depends on
        no unit of weights or covariates.
        """
        return float(self.fit_record.optimum.kkt)

    @property
    def selected(self) -> list[Hashable]:
        """Names of the columns with a coefficient that is not zero, for some label."""
        names, params = self.model.exog_names, self.fit_record.optimum.params
        return [names[j] for j in np.flatnonzero(np.atleast_2d(params.T).any(axis=0))]

    @property
    def nnz_params(self) -> int:
        """Number of coefficients that are not zero."""
        return int(np.count_nonzero(self.fit_record.optimum.params))

    @property
    def llf(self) -> float:
        """Log-likelihood at the estimate, in the weights as given; it is not the maximum."""
        return float(self.fit_record.optimum.loglike)

    @property
    def penalized_llf(self) -> float:
        """What was maximised: the log-likelihood less the penalty, in the weights as given."""
        return -float(self.fit_record.optimum.value)

    @property
    def labels(self) -> tuple[Any, ...]:
        """The user's labels; of two, those for non-events and events."""
        labels: tuple[Any, ...] = self.weights.labels
        return labels

    @property
    def has_free_constant(self) -> bool:
        """Whether the class weights only move a constant that is free to move."""
        combination = self.model.constant_combination
        if self.weights.factors.source not in ("balanced", "mapping"):
            return True
        penalty = self.fit_record.penalty
        return combination is not None and not np.any((penalty.l1 + penalty.l2)[combination != 0])

    # -- what a penalised fit has not ----------------------------------------------------------

    def _no_errors(self, name: str) -> NotAvailableError:
        return NotAvailableError(
            f"{name} is not given for a penalised fit: its coefficients are biased towards zero "
            "and chosen by the same data, so no standard error of theirs is valid. "
            f"{self._instead}"
        )

    @property
    def bse(self) -> NoReturn:
        """Refused: a penalised estimate is biased, and no standard error describes it."""
        raise self._no_errors("bse")

    @property
    def tvalues(self) -> NoReturn:
        """Refused, as `bse`."""
        raise self._no_errors("tvalues")

    @property
    def pvalues(self) -> NoReturn:
        """Refused, as `bse`."""
        raise self._no_errors("pvalues")

    @property
    def conf_int(self) -> NoReturn:
        """Refused, as `bse`."""
        raise self._no_errors("conf_int")

    @property
    def cov_params(self) -> NoReturn:
        """Refused, as `bse`."""
        raise self._no_errors("cov_params")

    # -- keeping -------------------------------------------------------------------------------

    def _document(self) -> SummaryData:
        """What the summary says; its notes are kept."""
        raise NotImplementedError

    def remove_data(self) -> None:
        """Drop everything of the length of the data: rows, weights and labels."""
        self._document()
        estimation.forget_rows(self.model)
        estimation.forget_arrays(self.model)
        self.weights = self.model.weights

    def save(self, fname: str | Path, remove_data: bool = False) -> None:
        """Pickle to a file.

        Parameters
        ----------
        fname : str or Path
        remove_data : bool
            Drop the data first.
        """
        if remove_data:
            self.remove_data()
        with Path(fname).open("wb") as file:
            pickle.dump(self, file, protocol=-1)
