"""Likelihood-ratio, Wald and score tests that hold under a pseudo-likelihood."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg, stats

from wlogit._typing import Array
from wlogit.errors import DesignError
from wlogit.inference.printed import Printed, number, pvalue, tested
from wlogit.inference.quadratic_forms import Approximation, satterthwaite, tail


@dataclass(frozen=True, slots=True, repr=False)
class TestResult(Printed):
    """Outcome of a test.

    Attributes
    ----------
    statistic : float
    df : float
        Degrees of freedom of the hypothesis.
    ddf : float
        Denominator degrees of freedom; infinite for a chi-square reference.
    pvalue : float
    eigenvalues : ndarray
        Weights of the chi-square mixture that a likelihood ratio follows; ones for a likelihood.
    method : str
    """

    __test__ = False  # not a pytest class

    statistic: float
    df: float
    ddf: float
    pvalue: float
    eigenvalues: Array
    method: str

    @property
    def scaled(self) -> tuple[float, float]:
        """Chi-square statistic and degrees of freedom that the p-value is of.

        Those of the test itself, unless its statistic follows a mixture of chi-squares: then the
        statistic over ``a`` and Satterthwaite's degrees of freedom, NaN where there is no p-value.
        """
        if self.method != "satterthwaite":
            return self.statistic, self.df
        if np.isnan(self.pvalue):
            return np.nan, np.nan
        scale, df = satterthwaite(self.eigenvalues)
        return self.statistic / scale, df

    def __str__(self) -> str:
        """Statistic, degrees of freedom and p-value."""
        method = self.method
        if method == "satterthwaite" and np.isfinite(self.pvalue):
            statistic, df = self.scaled
            method = f"{method}: {statistic:.4g} on {df:.4g} df"
        return tested(self.statistic, self.df, self.ddf, self.pvalue, method)


def mixture_weights(root: Array, whitened: Array, contrast: Array) -> Array:
    """Eigenvalues of ``(L V0 L')^-1 L V L'`` for ``V0 = H H'`` and ``V = H W H'``, ascending.

    Parameters
    ----------
    root : ndarray, shape (k, r)
        H, a root of the inverse information.
    whitened : ndarray, shape (r, r)
        W, the covariance in use in the coordinates in which that is the identity.
    contrast : ndarray, shape (q, k)
        L, the tested combinations.

    References
    ----------
    Rao and Scott (1984), Annals of Statistics 12, 46-60.
    """
    if contrast.shape[0] == 0:
        return np.zeros(0)
    if not (np.all(np.isfinite(root)) and np.all(np.isfinite(whitened))):
        return np.full(contrast.shape[0], np.nan)
    basis, _ = linalg.qr((contrast @ root).T, mode="economic")
    return np.asarray(linalg.eigvalsh(basis.T @ whitened @ basis))


def mixture_test(
    statistic: float,
    eigenvalues: Array,
    ddf: float = np.inf,
    approximation: Approximation = "saddlepoint",
) -> TestResult:
    """Test whose statistic follows ``sum lambda_j chi2_1`` under the hypothesis.

    Parameters
    ----------
    statistic : float
    eigenvalues : ndarray, shape (q,)
    ddf : float
        If finite, the mixture is over an independent ``chi2_ddf / ddf``.
    approximation : {"saddlepoint", "satterthwaite", "exact"}

    References
    ----------
    Rao and Scott (1984), Annals of Statistics 12, 46-60; Lumley and Scott (2014), Australian and
    New Zealand Journal of Statistics 56, 1-14 (the denominator).
    """
    pvalue = tail(statistic, eigenvalues, ddf, approximation)
    return TestResult(statistic, float(len(eigenvalues)), ddf, pvalue, eigenvalues, approximation)


def chi_square_test(statistic: float, df: float, method: str = "chi2") -> TestResult:
    """Test whose statistic follows a chi-square under the hypothesis."""
    pvalue = float(stats.chi2.sf(statistic, df)) if df > 0 else np.nan
    return TestResult(statistic, float(df), np.inf, pvalue, np.ones(int(df)), method)


def wald_test(
    away: Array, covariance: Array, reference: tuple[float, float] = (1.0, np.inf)
) -> TestResult:
    """Wald test that estimates are what a hypothesis says; NaN if their covariance is singular.

    Parameters
    ----------
    away : ndarray, shape (q,)
        How far they are from it.
    covariance : ndarray, shape (q, q)
    reference : tuple of float
        What the statistic over q is multiplied by to be F, and the degrees of freedom of its
        denominator; one and infinity for chi-square.
    """
    q, se = len(away), np.sqrt(np.maximum(np.diag(covariance), 0.0))
    unit = np.divide(1.0, se, out=np.zeros_like(se), where=se > 0.0)
    correlation = covariance * unit * unit[:, None]
    factor, ddf = reference
    method = "Wald chi2" if np.isinf(ddf) else "Wald F"
    defined = np.all(np.isfinite(correlation)) and not np.isnan(factor)
    if not defined or np.linalg.matrix_rank(correlation, tol=1e-10, hermitian=True) < q:
        return TestResult(np.nan, float(q), ddf, np.nan, np.ones(q), method)
    scaled = away * unit
    wald = float(scaled @ linalg.solve(correlation, scaled, assume_a="sym"))
    if np.isinf(ddf):
        return chi_square_test(wald, q, method)
    statistic = factor * wald / q
    pvalue = float(stats.f.sf(statistic, q, ddf))
    return TestResult(statistic, float(q), ddf, pvalue, np.ones(q), method)


def slope_contrast(n_params: int, constant: Array | None) -> Array:
    """Combinations L whose vanishing means that only the constant is left, shape (q, k).

    Parameters
    ----------
    n_params : int
    constant : ndarray, shape (k,) or None
        Coefficients c with ``X c = 1``; None when the design does not span the constant.
    """
    identity = np.eye(n_params)
    if constant is None:
        return identity
    explicit = np.flatnonzero(constant)
    if explicit.size == 1:
        return np.delete(identity, explicit[0], axis=0)
    return np.asarray(linalg.null_space(constant[None, :]).T)


@dataclass(frozen=True, slots=True, repr=False)
class ScoreTest(Printed):
    """Outcome of a score test; unpacks as ``statistic, pvalue``, as in statsmodels.

    Attributes
    ----------
    statistic, pvalue : float or ndarray
    k_constraint : int or None
        Degrees of freedom; None for separate tests.
    distribution : str
        "chi2", "F" or "norm".
    df_denom : float
        Of F, else infinite.
    """

    statistic: Any
    pvalue: Any
    k_constraint: int | None
    distribution: str
    df_denom: float = np.inf

    def __iter__(self) -> Iterator[Any]:
        """Statistic, then p-value."""
        return iter((self.statistic, self.pvalue))

    def __getitem__(self, which: int) -> Any:
        """0 is the statistic, 1 the p-value."""
        return (self.statistic, self.pvalue)[which]

    def __len__(self) -> int:
        """Two."""
        return 2

    def __str__(self) -> str:
        """Statistic, degrees of freedom and p-value; or those of each test."""
        if self.k_constraint is None:
            statistics, pvalues = np.atleast_1d(self.statistic), np.atleast_1d(self.pvalue)
            return "\n".join(
                f"z = {number(z)}, {pvalue(p)} (score test)"
                for z, p in zip(statistics, pvalues, strict=True)
            )
        method = f"score {self.distribution}"
        return tested(self.statistic, self.k_constraint, self.df_denom, self.pvalue, method)

    @classmethod
    def joint(
        cls, statistic: float, df: int, reference: tuple[float, float] = (1.0, np.inf)
    ) -> "ScoreTest":
        """Chi-square on df degrees of freedom; or F, of a multiple of its mean."""
        factor, ddf = reference
        if not np.isinf(ddf):
            mean = factor * statistic / df
            return cls(float(mean), float(stats.f.sf(mean, df, ddf)), df, "F", float(ddf))
        return cls(float(statistic), float(stats.chi2.sf(statistic, df)), df, "chi2")

    @classmethod
    def separate(cls, statistics: Array) -> "ScoreTest":
        """One normal test per element."""
        return cls(statistics, 2.0 * stats.norm.sf(np.abs(statistics)), None, "norm")


def score_statistic(
    step: Array,
    covariance: Array,
    contrast: Array,
    reference: tuple[float, float] = (1.0, np.inf),
) -> ScoreTest:
    """Generalized score test, ``(L s)' (L V L')^-1 (L s)`` on rank(L) degrees of freedom.

    Parameters
    ----------
    step : ndarray, shape (k,)
        ``s = A^-1 U`` at the restricted estimate.
    covariance : ndarray, shape (k, k)
        ``V = A^-1 M A^-1`` at the restricted estimate.
    contrast : ndarray, shape (q, k)
        L, the restricted combinations.
    reference : tuple of float
        What the statistic over q is multiplied by to be F, and the degrees of freedom of its
        denominator; one and infinity for chi-square.

    References
    ----------
    Boos (1992), The American Statistician 46, 327-333.
    """
    projected = contrast @ step
    spread = contrast @ covariance @ contrast.T
    unit = 1.0 / np.sqrt(np.abs(np.diag(spread)))
    if np.linalg.matrix_rank(spread * unit * unit[:, None], hermitian=True) < len(spread):
        raise DesignError(
            "the covariance of the tested scores is singular: there are more columns to test than "
            "clusters, or cases, that could tell them apart."
        )
    statistic = float(projected @ linalg.solve(spread, projected, assume_a="sym"))
    return ScoreTest.joint(statistic, contrast.shape[0], reference)
