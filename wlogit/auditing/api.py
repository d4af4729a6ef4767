"""``wlogit.audit``: what a fit of another program reports wrongly for the weights meant."""

import warnings
from dataclasses import dataclass
from typing import Any, get_args

import pandas as pd

from wlogit._typing import Array
from wlogit.auditing.findings import findings
from wlogit.auditing.from_sklearn import read_sklearn
from wlogit.auditing.from_statsmodels import read_statsmodels
from wlogit.auditing.meaning import Meaning, read_weights
from wlogit.auditing.peer import Peer
from wlogit.auditing.right import Right
from wlogit.errors import WeightError
from wlogit.inference.printed import Printed
from wlogit.keywords import check_choice
from wlogit.weights.align import align_column


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Audit(Printed):
    """What a fit reports wrongly.

    Attributes
    ----------
    program : str
        What fitted it.
    weights : str
        What its weights were taken for, and why.
    findings : tuple of str
        A sentence for each thing that is wrong, the gravest first; empty where all is right.
    frame : DataFrame
        Columns "reported" and "right", by quantity and name; NaN where nothing is reported.
    results : WeightedLogitResults
        The fit with the weights as meant.
    """

    program: str
    weights: str
    findings: tuple[str, ...]
    frame: pd.DataFrame
    results: Any

    def __str__(self) -> str:
        """Findings and numbers as text."""
        said = [f"{place}. {sentence}" for place, sentence in enumerate(self.findings, 1)]
        table = self.frame.to_string(float_format="{:.4g}".format, na_rep="-")
        head = f"Audit of a fit by {self.program}: {self.weights}."
        return "\n".join([head, *(said or ["What it reports is right."]), "", table])


def audit(
    other: Any,
    X: Any = None,
    y: Any = None,
    sample_weight: Any = None,
    *,
    meaning: Meaning | None = None,
) -> Audit:
    """Say what a fit of another program reports wrongly for the weights meant.

    Parameters
    ----------
    other : results or estimator
        A fitted statsmodels ``Logit`` or binomial ``GLM`` (formula or arrays, with
        ``freq_weights``, ``var_weights`` or neither), or a fitted scikit-learn
        ``LogisticRegression``.
    X, y : array_like
        The data of a scikit-learn estimator, which keeps none.
    sample_weight : array_like, shape (n,), optional
        Weights of a scikit-learn fit; for statsmodels, weights that are meant and were left out.
    meaning : {"class", "sampling", "frequency"}, optional
        What the weights mean: how much a class counts, inverse sampling probabilities, or numbers
        of cases. By default inferred: weights that are the same within each class are class
        weights, others that are not whole numbers are sampling weights.

    Returns
    -------
    Audit
        With ``.findings`` in words, ``.frame`` of reported and right numbers, and ``.results``,
        the fit with the weights as meant; prints as text.

    Raises
    ------
    TypeError
        For anything but these fits.
    ValueError
        Whole weights that differ within classes and no `meaning`; fits that are constrained, of
        another link, or without their data.

    Notes
    -----
    The right standard errors are of the kind that was asked of the other program where that kind
    can be right (HC0 to HC3, clusters), else the default for the weights.

    Examples
    --------
    >>> import statsmodels.api as sm
    >>> import statsmodels.formula.api as smf
    >>> import wlogit
    >>> from wlogit.datasets import load_mid
    >>> mid = load_mid()
    >>> weights = mid["conflict"].map({0: 1.0, 1: 20.0})
    >>> fit = smf.glm("conflict ~ contig + maxdem", mid, family=sm.families.Binomial(),
    ...               freq_weights=weights).fit()
    >>> report = wlogit.audit(fit)
    >>> report.weights
    'freq_weights is taken for class weights, for it is the same within each class'
    >>> print(report.findings[0].partition(":")[0])
    Standard errors (nonrobust) are 22 to 64 % too small against HC3 for class weights
    >>> report.frame.loc[("marginal effect", "contig")].round(3).to_dict()
    {'reported': 0.581, 'right': 0.474}
    """
    if meaning is not None:
        check_choice("meaning", meaning, get_args(Meaning))
    with warnings.catch_warnings():
        # What the other program warns of when it is asked for its numbers is no news.
        warnings.simplefilter("ignore")
        peer = _read(other, X, y, sample_weight)
    reading = read_weights(peer, meaning)
    right = Right.build(peer, reading)
    return Audit(peer.program, reading.words, findings(right), right.frame(), right.wrapped)


def _read(other: Any, X: Any, y: Any, sample_weight: Any) -> Peer:
    inner = getattr(other, "_results", other)
    searched = _is_a(inner, "sklearn.", "LogisticRegressionCV")
    if _is_a(inner, "sklearn.", "LogisticRegression") and not searched:
        return read_sklearn(inner, X, y, sample_weight)
    model = getattr(inner, "model", None)
    if type(model).__module__.startswith("wlogit."):
        raise TypeError(
            "this is a fit of wlogit, whose weights mean what they say; weighting_report() and "
            "weighting_test() are about them."
        )
    known = (("statsmodels.discrete", "Logit"), ("statsmodels.genmod", "GLM"))
    if not any(_is_a(model, package, name) for package, name in known):
        raise TypeError(
            f"audit reads a fitted statsmodels Logit or GLM, or scikit-learn LogisticRegression; "
            f"this is {type(other).__name__}."
        )
    if not hasattr(inner, "bse"):
        raise ValueError(
            "audit reads fits by maximum likelihood; this one is penalised, and has no standard "
            "errors."
        )
    if X is not None or y is not None:
        raise ValueError("X and y are for scikit-learn; statsmodels keeps the data of its fits.")
    rows = inner.model.data.row_labels
    index = rows if isinstance(rows, pd.Index) else None
    n_rows = 0 if inner.model.endog is None else len(inner.model.endog)
    return read_statsmodels(inner, _aligned(sample_weight, index, n_rows))


def _is_a(fitted: Any, package: str, name: str) -> bool:
    """Whether an object is of a class of a package, which need not be imported for that."""
    classes = type(fitted).__mro__
    return any(one.__module__.startswith(package) and one.__name__ == name for one in classes)


def _aligned(values: Any, index: pd.Index | None, n_rows: int) -> Array | None:
    """Weights on the rows of the fit: a Series by its labels, an array by place."""
    if values is None:
        return None
    if isinstance(values, pd.Series) and index is not None and values.index.is_unique:
        # Rows that the fit dropped as missing have weights too.
        values = values.loc[index] if index.isin(values.index).all() else values
    return align_column(
        values, role="sample_weight", frame=None, index=index, n_rows=n_rows, error=WeightError
    )
