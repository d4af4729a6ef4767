"""Small studies with every kind of weights: what the laws are stated about."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import patsy
from hypothesis import Phase, settings
from hypothesis import strategies as st

from wlogit import WeightedLogit

# An example compares some three hundred statistics of two fits, so that few say much; and a
# smaller one would take minutes to find.
EXAMPLES = settings(max_examples=2, phases=(Phase.explicit, Phase.generate))
MAPPING = {0: 0.7, 1: 2.4}
PREVALENCE = 0.23
CLASSES = {
    None: {},
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": MAPPING},
    "prevalence": {"prevalence": PREVALENCE},
}
PER_ROW = {"freq_weights": "frequency", "sampling_weights": "sampling", "offset": "offset"}
OUTCOMES = {"binary": "y", "fraction": "share", "counts": "successes + failures"}
# Columns x1 and x2 are the last two of every design. The constant is explicit, implicit, absent.
DESIGNS = ("x1 + x2 + C(g)", "0 + C(g) + x1 + x2", "0 + x1 + x2")


@dataclass(frozen=True)
class Kind:
    """An outcome and the weights it comes with."""

    outcome: str = "binary"
    frequency: bool = False
    sampling: bool = False
    classes: str | None = None

    @property
    def options(self):
        """Arguments of the model; per-row ones as names of columns."""
        given = dict(CLASSES[self.classes])
        for used, option in (
            (self.frequency, "freq_weights"),
            (self.sampling, "sampling_weights"),
        ):
            if used:
                given[option] = PER_ROW[option]
        return given

    def __str__(self):
        parts = ["frequency"] * self.frequency + ["sampling"] * self.sampling
        return " x ".join([*parts, *([self.classes] if self.classes else [])]) or "none"


def _kinds():
    binary = [
        Kind(),
        Kind(frequency=True),
        Kind(sampling=True),
        Kind(frequency=True, sampling=True),
        *(Kind(classes=c) for c in ("balanced", "mapping", "prevalence")),
        Kind(sampling=True, classes="mapping"),
        *(
            Kind(frequency=True, sampling=True, classes=c)
            for c in ("balanced", "mapping", "prevalence")
        ),
    ]
    others = [(False, False, None), (True, False, "mapping"), (True, True, "balanced")]
    others.append((False, True, "prevalence"))
    for kind in binary:
        yield f"{kind}", kind
    for outcome in ("fraction", "counts"):
        for frequency, sampling, classes in others:
            kind = Kind(outcome, frequency, sampling, classes)
            yield f"{outcome}, {kind}", kind


KINDS = dict(_kinds())
# Enough where a law hardly depends on the weights.
SOME = (
    *("none", "prevalence", "sampling x mapping", "frequency x sampling x balanced"),
    *("fraction, frequency x mapping", "counts, sampling x prevalence"),
)


@dataclass(frozen=True, repr=False)
class Study:
    """Data, a design and weights.

    Attributes
    ----------
    frame : DataFrame
        Its column "id" numbers the rows, whatever is done to them.
    basis : ndarray or None
        The design is passed as an array ``X @ basis``; None passes the formula.
    flipped : bool
        Whether the outcome is turned around.
    class_weights : str or None
        Taken as "estimated" or "fixed" however they came about.
    passed : callable or None
        From the frame and a name to the per-row argument that is passed; None passes the names
        of weights and offset, and arrays of cluster ids.
    """

    frame: pd.DataFrame
    outcome: str = "binary"
    right: str = DESIGNS[0]
    options: dict[str, Any] = field(default_factory=dict)
    basis: np.ndarray | None = None
    flipped: bool = False
    class_weights: str | None = None
    passed: Any = None
    subset: Any = None

    def __repr__(self):
        return f"<{len(self.frame)} rows, {self.right}, {self.options}>"

    def _repr_pretty_(self, printer, cycle):
        printer.text(repr(self))

    def of(self, frame):
        """The same study of other rows."""
        return replace(self, frame=frame)

    def given(self, **changes):
        """The same study with other options; None takes one out."""
        options = {key: v for key, v in {**self.options, **changes}.items() if v is not None}
        return replace(self, options=options)

    def weight(self, option):
        """The column of a weight, ones where there is none."""
        name = self.options.get(option)
        return np.ones(len(self.frame)) if name is None else self.frame[name].to_numpy(float)

    @cached_property
    def kind(self):
        """Which parts of the weights are in use."""
        return set(self.options) - {"offset", "aliased", "event"}

    @property
    def scheme(self):
        """What class weights are taken to be unless said otherwise; None without them."""
        if not self.kind & {"class_weight", "prevalence"}:
            return None
        mapped = isinstance(self.options.get("class_weight"), dict)
        return self.class_weights or ("fixed" if mapped else "estimated")

    @cached_property
    def design(self):
        """X before any change of basis."""
        return np.asarray(patsy.dmatrix(self.right, self.frame))

    def model(self):
        passed = self.passed or (_name if self.basis is None else _array)
        options = {
            key: passed(self.frame, value) if key in PER_ROW else value
            for key, value in self.options.items()
        }
        if self.basis is None:
            formula = f"{OUTCOMES[self.outcome]} ~ {self.right}"
            return WeightedLogit.from_formula(formula, self.frame, self.subset, **options)
        endog = self.frame[OUTCOMES[self.outcome].split(" + ")].to_numpy().squeeze()
        return WeightedLogit(endog, self.design @ self.basis, **options)

    def fit(self, *, remember=False):
        return Fit(self, remember=remember)


class Fit:
    """A fitted study, with what the statistics need besides the results.

    One that is compared again and again may remember the statistics it was asked for.
    """

    def __init__(self, study, *, remember=False):
        self.study = study
        self.answers = {} if remember else None
        self._under, self._groups = {}, {}
        self.model = study.model()
        self.results = self.model.fit(disp=False, cov_kwds=self.keywords({}))
        self.n_params = len(self.results.params)

    def contrast(self, matrix):
        """Combinations of the last coefficients, in the coordinates of this fit."""
        rows = np.atleast_2d(matrix)
        k = self.n_params
        whole = np.hstack([np.zeros((len(rows), k - rows.shape[1])), rows])
        return whole if self.study.basis is None else whole @ self.study.basis

    def groups(self, names):
        """Clusters as ``with_covariance`` takes them."""
        if names not in self._groups:
            passed = self.study.passed or _array
            groups = [passed(self.study.frame, name) for name in names]
            self._groups[names] = groups[0] if len(groups) == 1 else groups
        return self._groups[names]

    def keywords(self, options):
        """Keywords of a covariance, with the groups filled in."""
        filled = dict(options)
        if self.study.class_weights is not None:
            filled.setdefault("class_weights", self.study.class_weights)
        if "groups" in filled:
            filled["groups"] = self.groups(filled["groups"])
        return filled

    def under(self, covariance):
        """The results with another covariance."""
        if covariance not in self._under:
            keywords = {} if covariance.naive else self.keywords(covariance.options)
            found = self.results.with_covariance(covariance.cov_type, **keywords)
            self._under[covariance] = found._results  # without labels, which take most of the time
        return self._under[covariance]

    def constrained(self, cov_type=None, **options):
        """The fit with equal coefficients of the last two columns."""
        key = (cov_type, *options)
        if key not in self._under:
            self._under[key] = self.model.fit_constrained(
                (self.contrast([1.0, -1.0]), [0.0]),
                disp=False,
                cov_type=cov_type,
                cov_kwds=self.keywords(options),
            )
        return self._under[key]

    @cached_property
    def _first(self):
        """Positions of five rows that are the same whatever the order of the data."""
        return np.unique(self.study.frame["id"], return_index=True)[1][:5]

    @cached_property
    def new(self):
        """Arguments of ``predict`` for these rows as if they were new."""
        study = self.study
        if study.basis is not None:
            return self.new_design
        rows = {"exog": study.frame.iloc[self._first]}
        return rows if study.passed is None else {**rows, **self._new_offset}

    @cached_property
    def new_design(self):
        """The same by columns of the design."""
        in_the_model = self.study.frame["x1"].notna().to_numpy()
        if self.study.subset is not None:
            in_the_model = in_the_model & self.study.subset.to_numpy()
        rows = np.cumsum(in_the_model)[self._first] - 1
        return {"exog": self.model.exog[rows], **self._new_offset}

    @property
    def _new_offset(self):
        offset = self.study.options.get("offset")
        return (
            {} if offset is None else {"offset": self.study.frame[offset].to_numpy()[self._first]}
        )

    @cached_property
    def notes(self):
        """The sentences under the summary."""
        return "\n".join(self.results._results._document().notes)

    @cached_property
    def extra(self):
        """Columns for a score test."""
        return self.study.frame[["z", "c2"]].to_numpy(float)

    @cached_property
    def some_params(self):
        """Coefficients away from the optimum, at which to look at the likelihood."""
        params = np.linspace(-0.3, 0.4, self.n_params)
        return -params if self.study.flipped else params


def _name(frame, name):
    return name


def _array(frame, name):
    return frame[name].to_numpy()


def make(kind, *, seed=0, n=60, levels=3, offset=False, right=DESIGNS[0]):
    """A study whose categories hold both outcomes and whose effects are moderate."""
    rng = np.random.default_rng(seed)
    x1, category = rng.normal(size=n), np.arange(n) % levels
    columns = {
        "id": np.arange(n),
        "g": np.array(list("abc"))[category],
        "x1": x1,
        "x2": rng.integers(0, 2, n) if seed % 2 else rng.gamma(2.0, 0.7, n),
        "z": rng.normal(size=n) + 0.5 * x1,
        "offset": rng.normal(0.0, 0.4, n),
        "frequency": rng.integers(0, 4, n),
        "sampling": rng.lognormal(0.0, 0.7, n),
        "c1": rng.integers(0, 12, n),
        "c2": rng.integers(0, 9, n),
    }
    eta = -0.6 + 0.5 * x1 + 0.3 * columns["x2"] - 0.4 * (category == 1)
    outcomes = _outcomes(rng, 1.0 / (1.0 + np.exp(-eta)), both=4 * levels, levels=levels)
    columns["frequency"][: 4 * levels] = 1 + np.arange(4 * levels) % 3
    options = {**kind.options, **({"offset": "offset"} if offset else {})}
    return Study(pd.DataFrame(columns | outcomes), kind.outcome, right, options)


def _outcomes(rng, probability, *, both, levels):
    """The first rows have both outcomes in each category: the estimate is finite."""
    n = len(probability)
    y = (rng.random(n) < probability).astype(int)
    y[:both] = np.arange(both) // levels % 2
    share = np.round(rng.beta(2.0 * probability, 2.0 * (1.0 - probability)), 2)
    trials = rng.integers(1, 5, n)
    successes = rng.binomial(trials, probability)
    successes[:both] = y[:both]
    return {"y": y, "share": share, "successes": successes, "failures": trials - successes}


@st.composite
def studies(draw, kind, *, designs=DESIGNS):
    """Studies of one kind of weights; the simplest has the explicit constant and no offset."""
    return make(
        kind,
        seed=draw(st.integers(0, 2**32 - 1)),
        n=draw(st.integers(45, 80)),
        levels=draw(st.integers(2, 3)),
        offset=draw(st.booleans()),
        right=draw(st.sampled_from(designs)),
    )
