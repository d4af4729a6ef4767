"""``fit_regularized_path`` of a model."""

from typing import Any

from wlogit.keywords import reject_unknown
from wlogit.regularized.path import RegularizedPath
from wlogit.regularized.path_fit import PathRequest, fit_path
from wlogit.regularized.validation import Criterion

_KEYWORDS = (
    *("alphas", "n_alphas", "L1_wt", "cv", "criterion", "groups", "seed"),
    *("alpha_min_ratio", "penalty_factor", "standardize", "tol", "progress"),
)


class RegularizedPaths:
    """Penalised fits over a falling penalty."""

    def fit_regularized_path(
        self,
        alphas: Any = None,
        n_alphas: int = 100,
        L1_wt: float = 1.0,
        cv: Any = None,
        *,
        criterion: Criterion = "deviance",
        groups: Any = None,
        seed: Any = None,
        alpha_min_ratio: float | None = None,
        penalty_factor: Any = None,
        standardize: bool = False,
        tol: float | None = None,
        progress: bool = False,
        **unknown: Any,
    ) -> RegularizedPath:
        """Fit the elastic net over a falling penalty, and choose a penalty by cross-validation.

        Parameters
        ----------
        alphas : array_like, optional
            Strengths of the penalty, as in ``fit_regularized(method="elastic_net")``. By default a
            grid as glmnet makes it: from the smallest alpha that holds every penalised coefficient
            at zero downwards, evenly spaced on the log scale; it ends early where the deviance has
            been explained, or a step explains less than 1e-5 of it.
        n_alphas : int
            Most alphas of that grid.
        L1_wt : float
            Share of the lasso: 1 is the lasso, 0 ridge.
        cv : int, or column name or array_like of shape (n,), optional
            Number of folds, or the fold of every row. Without it nothing is cross-validated.
        criterion : {"deviance", "auc", "brier"}
            What is judged on the fold held out. The deviance is in the weights of the fit; AUC and
            Brier score are at population scale, to which sampling weights and prevalence belong
            and class weights do not.
        groups : column name or array_like of shape (n,), optional
            Rows of a group share a fold; by default the sampling units of a design.
        seed : int or numpy.random.Generator, optional
            For the shuffling of the rows; without it the folds differ from call to call.
        alpha_min_ratio : float, optional
            Smallest over largest alpha of the grid; default 1e-4, or 1e-2 with fewer rows than
            columns.
        penalty_factor : array_like of shape (k,), or mapping or Series by name, optional
            Multiples of alpha for each column, by default one; zero for a column that is never
            penalised. The constant is not penalised, whatever is given.
        standardize : bool
            Penalise coefficients per weighted standard deviation of their column, as glmnet does
            by default; in cross-validation that of the training rows.
        tol : float, optional
            Largest ``kkt_residual``; default 1e-10.
        progress : bool
            Show a progress bar (tqdm).

        Returns
        -------
        RegularizedPath

        Raises
        ------
        OutcomeError
            A class is missing without, or in, a fold.

        Warns
        -----
        ConvergenceWarning
            Some fits did not reach their optimum.

        Notes
        -----
        A row is the unit of the folds, however many cases it stands for, and the classes are
        spread evenly over them. "balanced" class weights and those of a prevalence are computed
        anew from the training rows, and weigh the rows held out as well. Means and standard errors
        over the folds, in which a fold counts by its weight, are those of glmnet's ``cv.glmnet``,
        with every fold fitted at the very alphas of the path. Unlike there, class weights do not
        enter AUC and Brier score, and predictions are never cut off.

        References
        ----------
        Friedman, Hastie and Tibshirani (2010), Journal of Statistical Software 33(1), section 2.5.

        Examples
        --------
        >>> import numpy as np
        >>> from wlogit import WeightedLogit
        >>> rng = np.random.default_rng(1)
        >>> x = np.column_stack([np.ones(200), rng.normal(size=(200, 8))])
        >>> y = (rng.random(200) < 1 / (1 + np.exp(1 - x[:, 1] + x[:, 2]))).astype(int)
        >>> model = WeightedLogit(y, x, class_weight="balanced")
        >>> path = model.fit_regularized_path(cv=5, seed=1)
        >>> path.one_se.selected
        ['const', 'x1', 'x2']
        """
        reject_unknown(unknown, _KEYWORDS, "fit_regularized_path")
        request = PathRequest(
            alphas=alphas,
            n_alphas=n_alphas,
            L1_wt=L1_wt,
            cv=cv,
            criterion=criterion,
            groups=groups,
            seed=seed,
            alpha_min_ratio=alpha_min_ratio,
            penalty_factor=penalty_factor,
            standardize=standardize,
            tol=tol,
            progress=progress,
        )
        return fit_path(self, request)
