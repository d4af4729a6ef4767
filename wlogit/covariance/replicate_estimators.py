"""From a request for replicates or a bootstrap to the estimator, checked."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.covariance.centering import ClassScheme
from wlogit.covariance.replication import Replicated
from wlogit.covariance.resampling import (
    CaseBootstrap,
    ClusterBootstrap,
    GivenReplicates,
    Resampling,
    has_classes,
)
from wlogit.covariance.sampled import Sampled
from wlogit.errors import DesignError
from wlogit.survey.design import SurveyDesign
from wlogit.survey.making import Options, factors_of_psus, make_replicates, whole
from wlogit.survey.protocol import Design
from wlogit.survey.replicates import ReplicateDesign
from wlogit.weights.weights import Weights

# Resamples, unless the user says otherwise.
N_BOOT = 999


def by_replicates(
    weights: Weights, sampled: Sampled, scheme: ClassScheme, keywords: Mapping[str, Any]
) -> Replicated:
    """Refits under the replicate weights of a design.

    Parameters
    ----------
    weights : Weights
    sampled : Sampled
        With a `ReplicateDesign`.
    scheme : ClassScheme
    keywords : mapping
        "df" and "progress".
    """
    design: Any = sampled.design
    given: ReplicateDesign = design
    return Replicated(
        name="replicate",
        source=GivenReplicates(weights, given.replicates, given.sampling_weights),
        rule=given.rule,
        scheme=scheme,
        words=f"refitted in {given.describe()}",
        design=given,
        df=keywords.get("df", "residual"),
        refit=sampled.refit,
        refits=sampled.refits,
        advance=sampled.advance,
    )


def by_bootstrap(
    weights: Weights, sampled: Sampled, scheme: ClassScheme, keywords: Mapping[str, Any]
) -> Replicated:
    """Refits in resamples: of cases, of clusters, or of the PSUs of a design within strata.

    Parameters
    ----------
    weights : Weights
    sampled : Sampled
    scheme : ClassScheme
        With sampling "case-control", cases are drawn within class.
    keywords : mapping
        "n_boot", "seed", "df" and "progress".

    Raises
    ------
    ValueError
        Options that do not go together.
    DesignError
        One cluster.
    """
    count = int(keywords.get("n_boot", N_BOOT))
    seed = int(keywords["seed"])
    if isinstance(sampled.design, SurveyDesign):
        return _of_psus(weights, sampled, sampled.design, scheme, keywords)
    if len(sampled.groupings) > 1:
        raise ValueError(
            f"a bootstrap draws clusters of one grouping, not of {len(sampled.groupings)}; use "
            'cov_type "cluster" for several.'
        )
    source: Resampling
    if sampled.groupings:
        codes, clusters = _clusters(weights, sampled.groupings[0])
        source = ClusterBootstrap(weights, count, seed, codes, clusters)
        words = f"{count:,} resamples of {clusters:,} clusters"
    else:
        within = scheme.sampling == "case-control"
        if within and not has_classes(weights):
            raise ValueError(
                'sampling="case-control" draws cases within class, and fractions have no class; '
                "leave it out, or give the outcome as counts."
            )
        source = CaseBootstrap(weights, count, seed, within)
        words = f"{count:,} resamples of {weights.nobs:,.0f} cases"
        words += " within class" if within else ""
    return Replicated(
        name="bootstrap",
        source=source,
        rule=None,
        scheme=scheme,
        words=f"{words}, seed {seed}",
        refit=sampled.refit,
        refits=sampled.refits,
        advance=sampled.advance,
    )


def check_bootstrap(keywords: Mapping[str, Any], design: Design | None) -> dict[str, Any]:
    """The keywords of a bootstrap, with a seed if there is none, and "df" under a design.

    Raises
    ------
    ValueError
    """
    given = dict(keywords)
    if design is not None and design.cov_type == "replicate":
        raise ValueError(
            "the design of this fit has replicates of its own, which a bootstrap would not know "
            'of: use cov_type "replicate".'
        )
    if "n_boot" in given:
        given["n_boot"] = whole("n_boot", given["n_boot"], 2)
    if "seed" in given:
        given["seed"] = whole("seed", given["seed"], 0)
    else:
        given["seed"] = int(np.random.SeedSequence().generate_state(1)[0])
    others = [name for name in ("groups", "sampling") if name in given]
    if design is not None and others:
        raise ValueError(
            f"under a design the bootstrap draws its PSUs within strata: leave {others[0]} out."
        )
    if design is not None:
        given.setdefault("df", "residual")
    elif "df" in given:
        raise ValueError(
            'df is for fits with a design; cov_type "bootstrap" has normal tests here.'
        )
    if given.get("sampling") == "case-control" and "groups" in given:
        raise ValueError(
            'sampling="case-control" draws cases within class and groups= draws clusters: give one '
            "of them."
        )
    return given


def _of_psus(
    weights: Weights,
    sampled: Sampled,
    design: SurveyDesign,
    scheme: ClassScheme,
    keywords: Mapping[str, Any],
) -> Replicated:
    """PSUs of a design, drawn within strata."""
    finite = bool(design.stages[0].fractions.any())
    options = Options(
        kind="bootstrap" if finite else "subbootstrap",
        n_replicates=int(keywords.get("n_boot", N_BOOT)),
        seed=int(keywords["seed"]),
    )
    psus, table, rule = make_replicates(
        design.stages, design.lonely_psu.kind, options, "the stratum of row {}".format
    )
    of = "with their populations (Canty and Davison)" if finite else "(Rao and Wu)"
    sampling = design.sampling_weights
    return Replicated(
        name="bootstrap",
        source=GivenReplicates(weights, factors_of_psus(psus, table, sampling), sampling),
        rule=rule,
        scheme=scheme,
        words=f"{table.shape[1]:,} resamples of PSUs within strata {of}, seed {options.seed}",
        design=design,
        df=keywords.get("df", "residual"),
        refit=sampled.refit,
        refits=sampled.refits,
        advance=sampled.advance,
    )


def _clusters(weights: Weights, codes: IntArray) -> tuple[IntArray, int]:
    """Codes of the clusters with weight, in the order of their first such row; their number."""
    row_weight: Array = weights.row_weight
    weighted: BoolArray = np.broadcast_to(row_weight > 0.0, (weights.n_rows,))
    known, first, numbered = np.unique(codes[weighted], return_index=True, return_inverse=True)
    if len(known) < 2:
        raise DesignError(
            "all rows with a positive weight are in one cluster; a bootstrap of clusters needs at "
            "least two."
        )
    recoded = np.zeros(len(codes), dtype=np.intp)
    recoded[weighted] = np.argsort(np.argsort(first))[numbered.ravel()]
    return recoded, len(known)
