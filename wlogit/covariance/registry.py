"""From ``cov_type`` and its keywords to an estimator: the one place the names are spelled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from wlogit._typing import (
    AdjustedKind,
    ClassWeightsAre,
    ClusterKind,
    RobustKind,
    Sampling,
    TotalsKind,
)
from wlogit.covariance.base import CovarianceEstimator
from wlogit.covariance.centering import ClassScheme
from wlogit.covariance.cluster import Clustered
from wlogit.covariance.cluster_adjusted import AdjustedClusters
from wlogit.covariance.model_based import ModelBased
from wlogit.covariance.replicate_estimators import (
    N_BOOT,
    by_bootstrap,
    by_replicates,
    check_bootstrap,
)
from wlogit.covariance.robust import Linearized, Robust
from wlogit.covariance.sampled import Sampled
from wlogit.covariance.survey import DesignDf, Survey
from wlogit.errors import WeightError
from wlogit.survey.design import SurveyDesign
from wlogit.survey.protocol import Design
from wlogit.survey.replicates import ReplicateDesign
from wlogit.weights.weights import Weights

ROBUST = get_args(RobustKind)
SCHEME_KEYWORDS = ("class_weights", "sampling")
KEYWORDS: dict[str, tuple[str, ...]] = {
    "nonrobust": (),
    **dict.fromkeys(ROBUST, SCHEME_KEYWORDS),
    "linearized": SCHEME_KEYWORDS,
    "cluster": ("groups", "kind", "use_correction", *SCHEME_KEYWORDS),
    "survey": ("df", *SCHEME_KEYWORDS),
    "replicate": ("df", "class_weights", "progress"),
    "bootstrap": ("n_boot", "seed", "groups", "df", "progress", *SCHEME_KEYWORDS),
}
# Those that follow from how a design was drawn, with t tests by default.
OF_DESIGNS = ("survey", "replicate")
# Those of clusters that have degrees of freedom for each coefficient.
ADJUSTED = get_args(AdjustedKind)
# Those that fit the model again, many times.
REFITTED = ("replicate", "bootstrap")


def default_cov_type(weights: Weights, design: Design | None = None) -> str:
    """That of the design; else ``nonrobust`` for a likelihood, ``HC3`` for a pseudo-likelihood."""
    if design is not None:
        return design.cov_type
    return "nonrobust" if weights.likelihood else "HC3"


@dataclass(frozen=True, slots=True)
class CovarianceRequest:
    """A checked request for a covariance; the groups are still as the user gave them."""

    cov_type: str
    keywords: Mapping[str, Any]

    @classmethod
    def read(
        cls,
        cov_type: str | None,
        keywords: Mapping[str, Any] | None,
        weights: Weights,
        design: Design | None = None,
    ) -> "CovarianceRequest":
        """Check names and values.

        Raises
        ------
        ValueError
            Unknown cov_type, a keyword that it does not use, or a value that it does not know; or
            the covariance of a design that the model does not have.
        """
        name = default_cov_type(weights, design) if cov_type is None else cov_type
        if name not in KEYWORDS:
            raise ValueError(f"cov_type {name!r} is not known; use one of {', '.join(KEYWORDS)}.")
        given = {key: value for key, value in (keywords or {}).items() if value is not None}
        unused = [key for key in given if key not in KEYWORDS[name]]
        if unused:
            known = ", ".join(KEYWORDS[name]) or "no keywords"
            raise ValueError(
                f"cov_type {name!r} does not use {', '.join(unused)}; it takes {known}."
            )
        if name == "cluster" and "groups" not in given:
            raise ValueError('cov_type "cluster" needs groups=: a column name or one id per row.')
        if name in OF_DESIGNS and (design is None or design.cov_type != name):
            raise ValueError(_other_design(name, design))
        _choice("df", given.get("df", "residual"), get_args(DesignDf))
        if name in REFITTED and "progress" in given:
            _flag("progress", given["progress"])
        if name == "bootstrap":
            given = check_bootstrap(given, design)
        return cls(name, given)

    @property
    def groups(self) -> Any:
        """The clusters as the user gave them, or None."""
        return self.keywords.get("groups")

    @property
    def use_t(self) -> bool:
        """Whether tests are t tests unless something else is asked for."""
        by_design = self.cov_type == "bootstrap" and "df" in self.keywords
        in_small_samples = self.keywords.get("kind") in ADJUSTED
        return self.cov_type in OF_DESIGNS or by_design or in_small_samples

    def n_refits(self, sampled: Sampled) -> int:
        """How often the model is fitted again."""
        if self.cov_type == "replicate":
            return cast(ReplicateDesign, sampled.design).n_replicates
        return int(self.keywords.get("n_boot", N_BOOT)) if self.cov_type == "bootstrap" else 0

    def estimator(self, weights: Weights, sampled: Sampled) -> CovarianceEstimator:
        """The estimator asked for, with what it needs to know of how the rows were sampled."""
        if self.cov_type == "nonrobust":
            return ModelBased()
        scheme = _scheme(self.keywords, weights)
        if self.cov_type == "survey":
            design = cast(SurveyDesign, sampled.design)
            return Survey(design, scheme, self.keywords.get("df", "residual"))
        if self.cov_type in REFITTED:
            made = by_replicates if self.cov_type == "replicate" else by_bootstrap
            return made(weights, sampled, scheme, self.keywords)
        if self.cov_type == "cluster":
            return _clusters(sampled, _cluster_kind(self.keywords), scheme)
        if self.cov_type == "linearized":
            return Linearized(scheme)
        return Robust(_choice("cov_type", self.cov_type, ROBUST), scheme)


def _other_design(name: str, design: Design | None) -> str:
    if design is None:
        return (
            f"cov_type {name!r} needs a design: WeightedLogit(..., design=...) with a "
            f"{'SurveyDesign' if name == 'survey' else 'ReplicateDesign'}."
        )
    return f"cov_type {name!r} is not that of the design of this fit: use {design.cov_type!r}."


def _scheme(keywords: Mapping[str, Any], weights: Weights) -> ClassScheme:
    default = ClassScheme.default(weights)
    class_weights = keywords.get("class_weights", default.class_weights)
    _choice("class_weights", class_weights, get_args(ClassWeightsAre))
    if class_weights == "estimated" and weights.factors.source is None:
        raise WeightError(
            'class_weights="estimated" needs class_weight= or prevalence= in the model; '
            "this fit has no class weights."
        )
    sampling = keywords.get("sampling", default.sampling)
    return ClassScheme(class_weights, _choice("sampling", sampling, get_args(Sampling)))


def _clusters(
    sampled: Sampled, kind: ClusterKind, scheme: ClassScheme
) -> Clustered | AdjustedClusters:
    if kind in ADJUSTED:
        return AdjustedClusters(sampled.groupings, cast(AdjustedKind, kind), scheme)
    return Clustered(sampled.groupings, cast(TotalsKind, kind), scheme)


def _cluster_kind(keywords: Mapping[str, Any]) -> ClusterKind:
    kinds = get_args(ClusterKind)
    correction = keywords.get("use_correction")
    if correction is None:
        kind: ClusterKind = _choice("kind", keywords.get("kind", "CR1S"), kinds)
        return kind
    spelled: ClusterKind = "CR1S" if _flag("use_correction", correction) else "CR0"
    if keywords.get("kind", spelled) != spelled:
        raise ValueError(
            f"use_correction={correction} means kind={spelled!r}, which conflicts with "
            f"kind={keywords['kind']!r}; give one of the two."
        )
    return spelled


def _flag(name: str, value: Any) -> bool:
    if value not in (True, False):
        raise ValueError(f"{name} must be True or False, not {value!r}.")
    return bool(value)


def _choice(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        options = ", ".join(repr(option) for option in allowed)
        raise ValueError(f"{name}={value!r} is not known; use one of {options}.")
    return value
