"""From ``cov_type`` and its keywords to an estimator: the one place the names are spelled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from wlogit._typing import ClassWeightsAre, ClusterKind, IntArray, RobustKind, Sampling
from wlogit.covariance.base import CovarianceEstimator
from wlogit.covariance.centering import ClassScheme
from wlogit.covariance.cluster import Clustered
from wlogit.covariance.model_based import ModelBased
from wlogit.covariance.robust import Linearized, Robust
from wlogit.errors import WeightError
from wlogit.weights.weights import Weights

ROBUST = get_args(RobustKind)
SCHEME_KEYWORDS = ("class_weights", "sampling")
KEYWORDS: dict[str, tuple[str, ...]] = {
    "nonrobust": (),
    **dict.fromkeys(ROBUST, SCHEME_KEYWORDS),
    "linearized": SCHEME_KEYWORDS,
    "cluster": ("groups", "kind", "use_correction", *SCHEME_KEYWORDS),
}


def default_cov_type(weights: Weights) -> str:
    """``nonrobust`` for a true likelihood, ``HC3`` for a pseudo-likelihood."""
    return "nonrobust" if weights.likelihood else "HC3"


@dataclass(frozen=True, slots=True)
class CovarianceRequest:
    """A checked request for a covariance; the groups are still as the user gave them."""

    cov_type: str
    keywords: Mapping[str, Any]

    @classmethod
    def read(
        cls, cov_type: str | None, keywords: Mapping[str, Any] | None, weights: Weights
    ) -> "CovarianceRequest":
        """Check names and values.

        Raises
        ------
        ValueError
            Unknown cov_type, a keyword that it does not use, or a value that it does not know.
        """
        name = default_cov_type(weights) if cov_type is None else cov_type
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
        return cls(name, given)

    @property
    def groups(self) -> Any:
        """The clusters as the user gave them, or None."""
        return self.keywords.get("groups")

    def estimator(self, weights: Weights, groupings: tuple[IntArray, ...]) -> CovarianceEstimator:
        """The estimator asked for, with the coded clusters of each row."""
        if self.cov_type == "nonrobust":
            return ModelBased()
        scheme = _scheme(self.keywords, weights)
        if self.cov_type == "cluster":
            return Clustered(groupings, _cluster_kind(self.keywords), scheme)
        if self.cov_type == "linearized":
            return Linearized(scheme)
        return Robust(_choice("cov_type", self.cov_type, ROBUST), scheme)


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
