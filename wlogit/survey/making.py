"""Replicate weights from strata and PSUs: jackknife, balanced half samples, bootstrap.

The factors are those of R's ``as.svrepdesign``: PSUs in the order in which they appear, strata
likewise. Half samples are balanced by another Hadamard matrix, and draws are not R's.

References
----------
Lumley (2010), Complex Surveys, section 2.3; Canty and Davison (1999), The Statistician 48, 379-391;
Rao and Wu (1988), JASA 83, 231-241; Judkins (1990), J. Official Statistics 6, 223-239 (Fay).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, NoReturn, get_args

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit._warn import warn_user
from wlogit.errors import DesignError, InferenceWarning
from wlogit.keywords import check_choice
from wlogit.survey.hadamard import hadamard
from wlogit.survey.replicate_rule import ReplicateKind, ReplicateRule
from wlogit.survey.replicate_weights import ReplicateWeights
from wlogit.survey.stages import Stage, reached

MadeKind = Literal["JK1", "JKn", "BRR", "Fay", "bootstrap", "subbootstrap"]

# Factors that are kept: beyond, a jackknife of very many PSUs fills the memory.
_MOST_FACTORS = 2**27
# Of the bootstraps, unless the user says otherwise.
REPLICATES = 200


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for: see ``SurveyDesign.to_replicates``."""

    kind: MadeKind
    rho: float | None = None
    n_replicates: int | None = None
    seed: Any = None
    mse: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """PSUs and strata of a sample, in the order in which their rows appear.

    Attributes
    ----------
    psus : ndarray of int, shape (n,)
        PSU of each row.
    strata : ndarray of int, shape (G,)
        Stratum of each PSU.
    sizes : ndarray of int, shape (H,)
        n_h, PSUs sampled from a stratum.
    fractions : ndarray, shape (H,)
        f_h, zero without a finite population correction.
    not_sampled : ndarray, shape (H,)
        ``1 - f_h``, zero for a census.
    rows : ndarray of int, shape (H,)
        First row of each stratum, by which messages name it.
    lonely : str
        Policy for strata of one PSU.
    """

    psus: IntArray
    strata: IntArray
    sizes: IntArray
    fractions: Array
    not_sampled: Array
    rows: IntArray
    lonely: str

    @classmethod
    def of(cls, stage: Stage, lonely: str) -> "Frame":
        """From the first stage of a design."""
        first = np.full(stage.n_units, len(stage.units))
        np.minimum.at(first, stage.units, np.arange(len(stage.units)))
        order = np.argsort(first, kind="stable")
        position = np.empty_like(order)
        position[order] = np.arange(len(order))
        of_psus = stage.strata[order]
        known, where = np.unique(of_psus, return_index=True)
        known = known[np.argsort(where)]
        number = np.full(stage.n_strata, -1)
        number[known] = np.arange(len(known))
        return cls(
            psus=position[stage.units],
            strata=number[of_psus],
            sizes=np.bincount(number[of_psus]),
            fractions=stage.fractions[known],
            not_sampled=stage.not_sampled[known],
            rows=first[order][np.sort(where)],
            lonely=lonely,
        )

    @property
    def n_psu(self) -> int:
        """G."""
        return len(self.strata)

    @property
    def n_strata(self) -> int:
        """H."""
        return len(self.sizes)

    @property
    def alone(self) -> BoolArray:
        """Strata of one PSU that is not all there is, shape (H,)."""
        return np.asarray((self.sizes == 1) & (self.not_sampled > 0.0))

    def members(self) -> Iterator[tuple[int, IntArray]]:
        """Each stratum and its PSUs."""
        order = np.argsort(self.strata, kind="stable")
        yield from enumerate(np.split(order, np.cumsum(self.sizes)[:-1]))


Named = Callable[[int], str]


def make_replicates(
    stages: tuple[Stage, ...], lonely: str, options: Options, named: Named
) -> tuple[IntArray, Array, ReplicateRule]:
    """PSU of each row, factors of the PSUs (G, R), and the rule of the replicates.

    Parameters
    ----------
    stages : tuple of Stage
    lonely : str
        Policy for strata of one PSU.
    options : Options
    named : callable
        Words for the stratum of a row.

    Raises
    ------
    DesignError
        A kind that does not fit the strata, or options that do not belong to it.
    """
    _check_options(options)
    frame = Frame.of(stages[0], lonely)
    _check_strata(frame, options.kind, named)
    _warn_of_what_is_lost(stages, frame, options.kind)
    if options.kind == "JK1":
        table, rule = _jk1(frame)
    elif options.kind == "JKn":
        table, rule = _jkn(frame)
    elif options.kind in ("BRR", "Fay"):
        table, rule = _brr(frame, options.rho)
    else:
        table, rule = _bootstrap(frame, options)
    return frame.psus, table, replace(rule, mse=bool(options.mse))


def factors_of_psus(psus: IntArray, table: Array, weights: Array) -> ReplicateWeights:
    """Replicate weights of rows that share the factors of their PSUs."""
    names = tuple(str(r + 1) for r in range(table.shape[1]))
    return ReplicateWeights(table, psus, weights, names)


def whole(name: str, value: Any, least: int) -> int:
    """A whole number, not below the least.

    Raises
    ------
    ValueError
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name}={value!r} must be a whole number, at least {least}.")
    return int(value)


def _check_options(options: Options) -> None:
    kind = options.kind
    check_choice("kind", kind, get_args(MadeKind))
    if options.mse not in (True, False):
        raise DesignError(f"mse must be True or False, not {options.mse!r}.")
    if kind == "Fay":
        if options.rho is None or not 0.0 <= options.rho < 1.0:
            raise DesignError(
                f'kind="Fay" needs rho, the part of its weight that the left-out half keeps, in '
                f"[0, 1), not {options.rho!r}."
            )
    elif options.rho is not None:
        raise DesignError(f'rho is for kind="Fay", not for kind={kind!r}.')
    drawn = kind in ("bootstrap", "subbootstrap")
    if not drawn and (options.n_replicates is not None or options.seed is not None):
        raise DesignError(
            f"kind={kind!r} draws nothing: n_replicates and seed are for the bootstraps."
        )
    if options.n_replicates is not None:
        whole("n_replicates", options.n_replicates, 2)


def _check_strata(frame: Frame, kind: MadeKind, named: Named) -> None:
    if kind == "JK1" and frame.n_strata > 1:
        raise DesignError('kind="JK1" is for a sample without strata; use "JKn".')
    if kind == "JKn" and frame.n_strata == 1:
        raise DesignError('kind="JKn" is for a stratified sample; use "JK1".')
    if kind in ("BRR", "Fay"):
        if frame.n_strata == 1:
            raise DesignError(
                f"kind={kind!r} takes half of each stratum, and the sample has no strata; use "
                '"JK1" or a bootstrap.'
            )
        odd = (frame.sizes % 2 == 1) & ~frame.alone
        if odd.any():
            _refuse(
                frame,
                odd,
                named,
                f"kind={kind!r} takes one PSU of each pair, and an odd number of PSUs was sampled "
                "from {}: pair PSUs in another way, or use JKn.",
            )
    nothing = frame.lonely in ("remove", "certainty")
    if kind not in ("JK1", "JKn") and frame.alone.any() and not nothing:
        _refuse(
            frame,
            frame.alone,
            named,
            "one PSU was sampled from {}, so that kind=" + repr(kind) + " has nothing to draw "
            "from: merge strata, use JKn, or say that they count as nothing, lonely_psu='remove'.",
        )


def _refuse(frame: Frame, which: BoolArray, named: Named, message: str) -> NoReturn:
    strata = np.flatnonzero(which)
    words = [named(int(frame.rows[h])) for h in strata[:3]]
    more = f" and {len(strata) - 3} more" if len(strata) > 3 else ""
    raise DesignError(message.format(", ".join(words) + more))


def _warn_of_what_is_lost(stages: tuple[Stage, ...], frame: Frame, kind: MadeKind) -> None:
    if kind in ("BRR", "Fay", "subbootstrap") and frame.fractions.any():
        warn_user(
            f"kind={kind!r} takes PSUs as drawn with replacement: the finite population correction "
            "is left out, and variances are larger. JK1, JKn and bootstrap keep it.",
            InferenceWarning,
        )
    elif sum(1 for _ in reached(stages)) > 1:
        warn_user(
            "replicates are made of PSUs: the variance within PSUs, which the finite population "
            "correction of the first stage leaves to further ones, is not in them.",
            InferenceWarning,
        )


def _check_size(n_psu: int, n_replicates: int) -> None:
    if n_psu * n_replicates > _MOST_FACTORS:
        raise DesignError(
            f"{n_psu:,} PSUs in {n_replicates:,} replicates are more factors than are kept "
            f'({_MOST_FACTORS:,}): use kind="bootstrap" with fewer replicates.'
        )


# ------------------------------------------------------------------------------------- jackknife


def _jk1(frame: Frame) -> tuple[Array, ReplicateRule]:
    n, rest = frame.n_psu, float(frame.not_sampled[0])
    if rest == 0.0:
        _refuse_census()
    _check_size(n, n)
    rule = ReplicateRule("JK1", rest * (n - 1.0) / n, np.ones(n))
    return _leave_one_out(n), rule


def _jkn(frame: Frame) -> tuple[Array, ReplicateRule]:
    used = frame.not_sampled > 0.0
    if not used.any():
        _refuse_census()
    columns: list[Array] = []
    rscales: list[Array] = []
    _check_size(frame.n_psu, int(frame.sizes[used].sum()))
    for h, psus in frame.members():
        n, rest = len(psus), float(frame.not_sampled[h])
        if rest == 0.0 or (n == 1 and frame.lonely != "adjust"):
            continue
        if n == 1:
            columns.append(_without_stratum(frame, psus))
            rscales.append(np.array([(frame.n_strata - 1.0) / frame.n_strata]))
            continue
        block = np.ones((frame.n_psu, n))
        block[psus] = _leave_one_out(n)
        columns.append(block)
        rscales.append(np.full(n, rest * (n - 1.0) / n))
    if not columns:
        raise DesignError("every stratum has one PSU: a jackknife needs a stratum with two.")
    table = np.hstack(columns)
    scale = 1.0
    if frame.lonely == "average":
        scale = float(frame.sizes[used].sum()) / table.shape[1]
    return table, ReplicateRule("JKn", scale, np.concatenate(rscales))


def _leave_one_out(n: int) -> Array:
    table = np.full((n, n), n / (n - 1.0))
    np.fill_diagonal(table, 0.0)
    return table


def _without_stratum(frame: Frame, psus: IntArray) -> Array:
    column = np.full((frame.n_psu, 1), frame.n_strata / (frame.n_strata - 1.0))
    column[psus] = 0.0
    return column


def _refuse_census() -> NoReturn:
    raise DesignError("every stratum was sampled in full: the sample is the population.")


# ---------------------------------------------------------------------------------- half samples


def _brr(frame: Frame, rho_of_fay: float | None) -> tuple[Array, ReplicateRule]:
    rho = 0.0 if rho_of_fay is None else float(rho_of_fay)
    pairs = np.concatenate([psus.reshape(-1, 2) for _, psus in frame.members() if len(psus) > 1])
    signs = hadamard(len(pairs))[1 : len(pairs) + 1]
    count = signs.shape[1]
    _check_size(frame.n_psu, count)
    table = np.ones((frame.n_psu, count))
    chosen = signs > 0
    table[pairs[:, 0]] = np.where(chosen, 2.0 - rho, rho)
    table[pairs[:, 1]] = np.where(chosen, rho, 2.0 - rho)
    kind: ReplicateKind = "BRR" if rho_of_fay is None else "Fay"
    scale = 1.0 / (count * (1.0 - rho) ** 2)
    return table, ReplicateRule(kind, scale, np.ones(count), rho=rho_of_fay)


# ------------------------------------------------------------------------------------- bootstrap


def _bootstrap(frame: Frame, options: Options) -> tuple[Array, ReplicateRule]:
    """Factors from draws within strata; a PSU that is alone keeps its weight."""
    several = frame.sizes[frame.sizes > 1]
    if not several.size:
        raise DesignError("every stratum has one PSU: a bootstrap needs a stratum with two.")
    count = REPLICATES if options.n_replicates is None else int(options.n_replicates)
    _check_size(frame.n_psu, count)
    rng, less = np.random.default_rng(options.seed), options.kind == "subbootstrap"
    table = np.ones((frame.n_psu, count))
    for h, psus in frame.members():
        if len(psus) > 1:
            fraction = 0.0 if less else float(frame.fractions[h])
            table[psus] = _draws(rng, len(psus), fraction, count, less=less).T
    scale = 1.0 / (count - 1.0)
    if not less:
        typical = 1.0 / float(np.mean(1.0 / several))
        scale *= typical / (typical - 1.0)
    return table, ReplicateRule("bootstrap", scale, np.ones(count))


def _draws(rng: np.random.Generator, n: int, fraction: float, count: int, *, less: bool) -> Array:
    """How often each of n PSUs counts in each replicate, shape (count, n).

    Parameters
    ----------
    rng : Generator
    n : int
    fraction : float
        Where it is not zero, n are drawn from a population of copies of the sample (Canty and
        Davison).
    count : int
    less : bool
        Draw one less than there are, each counting so much more (Rao and Wu).
    """
    if less:
        drawn = rng.multinomial(n - 1, np.full(n, 1.0 / n), size=count)
        return np.asarray(drawn * (n / (n - 1.0)))
    if fraction == 0.0:
        return rng.multinomial(n, np.full(n, 1.0 / n), size=count).astype(np.float64)
    size = max(int(n / fraction + 1e-9), n)
    copies = np.full(n, size // n)
    copies[rng.permutation(n)[: size % n]] += 1
    return rng.multivariate_hypergeometric(copies, n, size=count).astype(np.float64)
