"""Every number in the reference cases, at the tolerance the case states."""

from fnmatch import fnmatch

import pytest

from tests.reference import (
    bias_checks,
    fit_checks,
    hypothesis_checks,
    influence_checks,
    label_checks,
    margin_checks,
    measure_checks,
    profile_checks,
    survey_checks,
)
from tests.reference.cases import Case, all_cases, load
from tests.reference.comparing import Check, close
from tests.reference.margin_checks import close_estimates, in_words, margin_fit
from tests.reference.skipped import SKIPPED, skipped
from wlogit.datasets import MID_PREVALENCE, load_mid

CHECKS: dict[str, Check] = {
    **fit_checks.CHECKS,
    **survey_checks.CHECKS,
    **bias_checks.CHECKS,
    **measure_checks.CHECKS,
    **influence_checks.CHECKS,
    **margin_checks.CHECKS,
    **label_checks.CHECKS,
    **profile_checks.CHECKS,
    **hypothesis_checks.CHECKS,
}


def test_the_method_gives_the_effects_where_r_averages_as_it_does() -> None:
    for name in ("T09_birthwt_ame", "T09_birthwt_ame_quad_inter", "T09_infert_cluster"):
        case = load(name)
        content = case.content["expected"]
        results = margin_fit(case, content["vcov_used"])
        margins = results.get_margeff(variables="all", scale="weighted")
        for key, effect in content["effects"].items():
            kind, _, rest = key.partition(":")
            if kind in ("dydx", "discrete"):
                position = margins.names.index(in_words(kind, rest))
                close_estimates(case, margins.inference, position, effect)
            elif kind == "avgpred":
                variable, level = rest.split("=")
                levels = {variable: int(level) if level.isdigit() else level}
                found = results.predictions_at(levels, which="mean")
                close_estimates(case, found.inference, 0, effect)


def unprefixed(block: str) -> str:
    """The name a check is registered under."""
    for prefix in ("expanded.", "dropped."):
        block = block.removeprefix(prefix)
    parts = block.split(".")
    return f"tests.{parts[-1]}" if parts[0] == "tests" else block


COMPARED = [
    (case, block) for case in all_cases() for block in case.blocks if not skipped(case, block)
]


# In T04_rep_scd_brr_given one replicate does not identify the slope.
@pytest.mark.filterwarnings("ignore:1 of 4 replicates have no estimate")
# The naive numbers of R are compared as well.
@pytest.mark.filterwarnings("ignore:a nonrobust")
@pytest.mark.parametrize(
    ("case", "block"), COMPARED, ids=[f"{case.id}-{block}" for case, block in COMPARED]
)
def test_wlogit_agrees_with_r(case: Case, block: str) -> None:
    CHECKS[unprefixed(block)](case, block, case.blocks[block])


def test_every_block_is_compared_or_skipped_for_a_reason() -> None:
    names = [f"{case.id}:{block}" for case in all_cases() for block in case.blocks]
    unknown = [f"{case.id}:{block}" for case, block in COMPARED if unprefixed(block) not in CHECKS]
    assert not unknown
    unused = [pattern for pattern in SKIPPED if not any(fnmatch(n, pattern) for n in names)]
    assert not unused


def test_indicators_of_every_level_span_the_constant() -> None:
    case, with_constant = load("T01_birthwt_cellmeans"), load("T01_birthwt_basic")
    results = case.fit()
    close(case, -2.0 * results.llnull, with_constant.content["expected"]["null_deviance"])
    assert results.df_model == len(results.params) - 1


def test_the_package_ships_the_data_of_the_rare_events_case() -> None:
    case = load("T06_mid_zelig")
    assert load_mid().equals(case.data)
    assert case.content["expected"]["tau"] == MID_PREVALENCE
