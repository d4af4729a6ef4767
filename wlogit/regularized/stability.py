"""Stability selection: how often a lasso selects each column in random halves of the data."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._typing import Array, BoolArray
from wlogit._warn import warn_user
from wlogit.core.proximal import PenalizedOptimum
from wlogit.errors import ConvergenceWarning
from wlogit.inference.halves import check_halves, complementary_halves
from wlogit.regularized.grid import PathSpec, Track, alpha_grid, read_alphas, read_factors
from wlogit.regularized.stability_results import StabilityResults
from wlogit.regularized.validation import (
    cases_by_class,
    drawn_together,
    model_of_rows,
    one_grouping,
)
from wlogit.reporting.progress import progress_bar

# Share of halves from which a column counts as stable, and how many of those that do may be
# expected to by chance, unless something else is asked for.
THRESHOLD, PFER = 0.75, 1.0
# Grid of alphas by default: its steps, and its smallest alpha over its largest.
STEPS, MIN_RATIO = 30, 0.1
# Largest KKT residual: enough to see which coefficients are zero.
TOL = 1e-7
# A half that selects more than this multiple of what the bound allows on average ends the grid.
MOST = 3.0


@dataclass(frozen=True, slots=True)
class StabilityRequest:
    """The arguments of ``stability_selection``."""

    alphas: Any
    L1_wt: float
    n_pairs: int
    threshold: float | None
    pfer: float | None
    groups: Any
    seed: Any
    penalty_factor: Any
    standardize: bool
    tol: float | None
    progress: bool

    def check(self) -> None:
        """Raise ValueError for what cannot be."""
        if isinstance(self.n_pairs, bool) or int(self.n_pairs) != self.n_pairs or self.n_pairs < 1:
            raise ValueError(f"n_pairs={self.n_pairs!r} must be a whole number of at least 1.")
        if not 0.0 < self.L1_wt <= 1.0:
            raise ValueError(
                f"L1_wt={self.L1_wt!r} must lie between 0 and 1; ridge (0) selects nothing."
            )
        if self.threshold is not None and not 0.5 < self.threshold <= 1.0:
            raise ValueError(
                f"threshold={self.threshold!r} must be above 0.5, where the error bound begins to "
                "hold, and at most 1."
            )
        if self.pfer is not None and not self.pfer > 0.0:
            raise ValueError(
                f"pfer={self.pfer!r} must be positive: the number of columns that may be selected "
                "by chance."
            )


@dataclass(frozen=True, slots=True)
class Rule:
    """Which columns are stable: the threshold, and the bound that the alphas have to keep.

    Attributes
    ----------
    threshold : float or None
        None if it follows from the bound.
    pfer : float or None
        None if no bound is asked for.
    """

    threshold: float | None
    pfer: float | None

    @classmethod
    def of(cls, request: StabilityRequest) -> "Rule":
        """The rule asked for; a grid is always cut where the bound is lost."""
        threshold, pfer = request.threshold, request.pfer
        if request.alphas is None:
            pfer = PFER if pfer is None else pfer
        if request.alphas is None or pfer is None:
            threshold = THRESHOLD if threshold is None else threshold
        return cls(threshold, pfer)

    def most_selected(self, n_columns: int) -> float:
        """The largest mean number of selected columns, q, that keeps the bound."""
        if self.threshold is None or self.pfer is None:
            return np.inf
        return float(np.sqrt(self.pfer * (2.0 * self.threshold - 1.0) * n_columns))

    def resolve(self, chosen: Array) -> tuple[int, float]:
        """How many of the alphas to use, and the threshold."""
        n_alphas, p = chosen.shape[1], chosen.shape[2]
        if self.pfer is None:
            return n_alphas, float(self.threshold or THRESHOLD)
        # q of the first alpha, of the first two, and so on.
        means = np.logical_or.accumulate(chosen, axis=1).sum(axis=2).mean(axis=0)
        if self.threshold is not None:
            kept = np.flatnonzero(means <= self.most_selected(p))
            if not kept.size:
                raise ValueError(
                    f"pfer={self.pfer:g} cannot be kept with threshold={self.threshold:g}: even at "
                    f"the largest alpha, a half selects {means[0]:.1f} columns on average. Take "
                    "larger alphas, a larger threshold or a larger pfer."
                )
            return int(kept[-1]) + 1, self.threshold
        threshold = 0.5 + 0.5 * float(means[-1]) ** 2 / (self.pfer * p)
        if threshold > 1.0:
            raise ValueError(
                f"pfer={self.pfer:g} cannot be kept at these alphas, at which a half selects "
                f"{means[-1]:.1f} of {p} columns on average: take larger alphas, or give "
                "threshold= too, and only the largest alphas are used."
            )
        return n_alphas, max(threshold, float(np.nextafter(0.5, 1.0)))


def select_stable(model: Any, request: StabilityRequest) -> StabilityResults:
    """Fit the penalised path to halves of the rows, and count what it selects."""
    model.require_data()
    request.check()
    alphas = read_alphas(request.alphas, STEPS, None)
    factors = read_factors(list(model.exog_names), request.penalty_factor)
    tol = TOL if request.tol is None else request.tol
    spec = PathSpec(float(request.L1_wt), request.standardize, factors, tol)
    track = Track.of(model, spec)
    penalised = track.unit.l1 > 0.0
    if not penalised.any():
        raise ValueError("no column is penalised, so none is selected: check penalty_factor.")
    if alphas is None:
        alphas = alpha_grid(track, STEPS, MIN_RATIO)
    rule = Rule.of(request)
    most = MOST * (1.0 + rule.most_selected(int(penalised.sum())))
    halves = _Halves(model, spec, alphas, penalised, most)
    chosen = halves.selections(request)
    last, threshold = rule.resolve(chosen)
    return StabilityResults(model, spec, alphas[:last], chosen[:, :last], penalised, threshold)


@dataclass(frozen=True, slots=True, eq=False)
class _Halves:
    """Fits to halves of the rows.

    Attributes
    ----------
    most : float
        Selected columns beyond which smaller alphas are not wanted.
    """

    model: Any
    spec: PathSpec
    alphas: Array
    penalised: BoolArray
    most: float

    def selections(self, request: StabilityRequest) -> Array:
        """Whether each half selects each column; shape (halves, alphas that all got to, p)."""
        events, rest = cases_by_class(self.model.weights)
        named = request.groups is not None
        groups = one_grouping(self.model, request.groups) if named else drawn_together(self.model)
        check_halves(events, rest, groups, self.model.weights.labels)
        generator = np.random.default_rng(request.seed)
        chosen, failed = [], 0
        with progress_bar(2 * request.n_pairs, "halves", shown=request.progress) as tick:
            for _ in range(request.n_pairs):
                for half in complementary_halves(events, rest, groups, generator):
                    optima = self._walk(half)
                    failed += sum(not optimum.converged for optimum in optima)
                    chosen.append([optimum.params[self.penalised] != 0.0 for optimum in optima])
                    tick()
        if failed:
            warn_user(
                f"{failed} fits to halves of the data did not converge: what they select is not "
                "what the optimum selects. Take larger alphas, or raise tol.",
                ConvergenceWarning,
            )
        reached = min(map(len, chosen))
        return np.array([selections[:reached] for selections in chosen])

    def _walk(self, half: BoolArray) -> list[PenalizedOptimum]:
        track = Track.of(model_of_rows(self.model, half), self.spec)
        return track.walk(self.alphas, done=self._too_many)

    def _too_many(self, optimum: PenalizedOptimum) -> bool:
        return bool(np.count_nonzero(optimum.params[self.penalised]) > self.most)


class StabilitySelection:
    """Selection that is checked on halves of the data."""

    def stability_selection(
        self,
        alphas: Any = None,
        L1_wt: float = 1.0,
        *,
        n_pairs: int = 50,
        threshold: float | None = None,
        pfer: float | None = None,
        groups: Any = None,
        seed: Any = None,
        penalty_factor: Any = None,
        standardize: bool = False,
        tol: float | None = None,
        progress: bool = False,
    ) -> StabilityResults:
        """Fit a lasso to random halves of the data, and keep the columns it often selects.

        Parameters
        ----------
        alphas : float or array_like, optional
            Strengths of the penalty, as in ``fit_regularized(method="elastic_net")``; a half
            selects what it selects at any of them. By default a grid of 30, from the smallest
            alpha that holds every penalised coefficient of the whole data at zero down to a tenth
            of it, which ends where the bound `pfer` would be lost.
        L1_wt : float
            Share of the lasso, above 0.
        n_pairs : int
            Pairs of complementary halves.
        threshold : float, optional
            Share of the halves, above 0.5, in which a stable column is selected; default 0.75.
        pfer : float, optional
            How many columns may be expected among the stable ones by chance; see
            `StabilityResults.error_bound`. 1 for the grid; with `alphas` no bound is kept unless
            given: with `threshold` only the largest alphas that keep it are used, and without
            it sets the threshold.
        groups : column name or array_like of shape (n,), optional
            Rows of a group share a half; by default the sampling units of a design.
        seed : int or numpy.random.Generator, optional
            Without it the halves differ from call to call.
        penalty_factor : array_like of shape (k,), or mapping or Series by name, optional
            Multiples of alpha for each column; zero for a column that is never penalised.
        standardize : bool
            Penalise coefficients per weighted standard deviation of their column in the half.
        tol : float, optional
            Largest ``kkt_residual``; default 1e-7.
        progress : bool
            Show a progress bar (tqdm).

        Returns
        -------
        StabilityResults

        Raises
        ------
        ValueError
            An option out of range, or an error bound that cannot be kept.
        OutcomeError
            Too few rows of a class to halve.

        Notes
        -----
        A row is the unit, however many cases it stands for. Rows with and without events are
        halved apart, and class weights that are computed from the sample are computed anew in
        every half. Correlated columns share their selections: of two that say nearly the same,
        neither may be stable.

        References
        ----------
        Meinshausen and Buhlmann (2010), Journal of the Royal Statistical Society B 72, 417-473.
        Shah and Samworth (2013), the same journal 75, 55-80.

        Examples
        --------
        >>> import numpy as np
        >>> from wlogit import WeightedLogit
        >>> rng = np.random.default_rng(1)
        >>> x = np.column_stack([np.ones(300), rng.normal(size=(300, 10))])
        >>> y = (rng.random(300) < 1 / (1 + np.exp(1 - x[:, 1] + x[:, 2]))).astype(int)
        >>> model = WeightedLogit(y, x, class_weight="balanced")
        >>> stable = model.stability_selection(n_pairs=10, seed=1)
        >>> stable.selected, round(stable.error_bound, 2) <= 1.0
        (['x1', 'x2'], True)
        """
        request = StabilityRequest(
            alphas=alphas,
            L1_wt=L1_wt,
            n_pairs=n_pairs,
            threshold=threshold,
            pfer=pfer,
            groups=groups,
            seed=seed,
            penalty_factor=penalty_factor,
            standardize=standardize,
            tol=tol,
            progress=progress,
        )
        return select_stable(self, request)
