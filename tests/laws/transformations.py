"""What the laws do to a study, and what that does to its statistics.

Each returns the study, and how `comparison.differences` is to be asked about the two fits.
"""

from dataclasses import replace

import numpy as np
import pandas as pd


def per_row(change):
    """Expectation that changes the statistics of rows only."""
    return lambda statistic, value: change(value) if statistic.level == "rows" else value


# ---------------------------------------------------------------------------- replication


def repeated(study):
    """Every row as many times as it counts, in place of frequency weights."""
    times = study.weight("freq_weights").astype(int)
    frame = study.frame.loc[np.repeat(study.frame.index, times)].reset_index(drop=True)

    def expected(statistic, value):
        if statistic.level != "rows":
            return value
        # Of one of m cases: the power of the weight in the statistic is its unit.
        unit = 0.0 if "one sort" in statistic.tags else statistic.unit
        share = np.maximum(times, 1.0) ** unit
        return np.repeat((value.T / share).T, times, axis=0)

    return study.of(frame).given(freq_weights=None), {"expected": expected}


def split(study):
    """Every row twice, its frequency weight divided between the two."""
    half = study.frame["frequency"] // 2
    parts = [study.frame.assign(frequency=m) for m in (half, study.frame["frequency"] - half)]
    return study.of(pd.concat(parts, ignore_index=True)), {"skip": is_of_rows}


def ungrouped(study):
    """Counts as one row for each case."""
    frame = study.frame
    parts = [
        frame.loc[np.repeat(frame.index, frame[column])].assign(y=y)
        for column, y in (("successes", 1), ("failures", 0))
    ]
    cases = pd.concat(parts, ignore_index=True)
    # Row-wise residuals of counts are of the whole row.
    options = {
        "expected": per_row(lambda value: value[cases["id"]]),
        "skip": lambda statistic: "outcome" in statistic.tags,
    }
    return replace(study.of(cases), outcome="binary"), options


def is_of_rows(statistic):
    return statistic.level == "rows"


# ---------------------------------------------------------------------------------- scale


def scaled(study, c):
    """Sampling weights in another unit; weights of c where there were none."""
    frame = study.frame.assign(sampling=c * study.weight("sampling_weights"))

    def expected(statistic, value):
        return None if statistic.unit is None else value * c**statistic.unit

    return study.of(frame).given(sampling_weights="sampling"), {"expected": expected}


# ---------------------------------------------------------------------------- absent rows


def with_absent_rows(study, *, seed, category=False, column=False):
    """Rows of weight zero among the others, that would change everything if they counted.

    Parameters
    ----------
    category, column : bool
        Whether they have a category, or a column of the design, of their own.
    """
    rng = np.random.default_rng(seed)
    extreme = {"x1": 900.0, "x2": -70.0, "z": 1e4, "offset": 40.0, "c1": 77, "c2": 78, "id": 999}
    junk = study.frame.iloc[rng.integers(0, len(study.frame), 6)].assign(**extreme)
    junk["y"], junk["share"] = rng.integers(0, 2, 6), rng.random(6)
    junk["g"] = "own" if category else junk["g"]
    kept = np.arange(len(study.frame))
    frame = pd.concat([study.frame, junk], ignore_index=True)
    absent = np.isin(np.arange(len(frame)), kept, invert=True)
    frame["own"] = np.where(absent, rng.normal(size=len(frame)), 0.0)
    options = _without_weight(study, frame, absent, seed)
    order = rng.permutation(len(frame))
    right = f"own + {study.right}" if column else study.right
    changed = replace(study, frame=frame.iloc[order].reset_index(drop=True), right=right)
    positions = np.argsort(order)[kept]

    def found(statistic, value):
        return value[positions] if statistic.level == "rows" else value

    return changed.given(**options, aliased="drop"), {"found": found}, np.argsort(order)[absent]


def _without_weight(study, frame, absent, seed):
    """Zeros for the rows, in one of the weights that the study has, or in new ones of one."""
    options, kind = {}, study.kind
    if study.outcome == "counts" and not {"freq_weights", "sampling_weights"} & kind:
        frame.loc[absent, ["successes", "failures"]] = 0
    elif "sampling_weights" in kind and ("freq_weights" not in kind or seed % 2):
        frame.loc[absent, "sampling"] = 0.0
    else:
        if "freq_weights" not in study.kind:
            frame["frequency"] = 1
            options = {"freq_weights": "frequency"}
        frame.loc[absent, "frequency"] = 0
    return options


def with_dropped_rows(study, *, seed, subset=False):
    """Rows that are left out: for a missing covariate, or by ``subset``.

    Their weights and clusters may be missing too.
    """
    rng = np.random.default_rng(seed)
    junk = study.frame.iloc[rng.integers(0, len(study.frame), 6)]
    # Whole numbers with a missing one are floats, which is no matter (law 13).
    gone = ["frequency", "sampling", "c1", "c2", "offset"]
    junk = junk.astype(dict.fromkeys(gone, float)).assign(id=999, **dict.fromkeys(gone, np.nan))
    junk["x1"] = 900.0 if subset else np.nan
    frame = pd.concat([study.frame, junk], ignore_index=True)
    order = rng.permutation(len(frame))
    frame = frame.iloc[order].reset_index(drop=True)
    changed = replace(study, frame=frame, subset=frame["id"] != 999 if subset else None)
    kept = order[order < len(study.frame)]
    return changed, {"expected": per_row(lambda value: value[kept])}


# ---------------------------------------------------------------------------------- order


def reordered(study, seed):
    """The rows in another order."""
    order = np.random.default_rng(seed).permutation(len(study.frame))
    options = {"expected": per_row(lambda value: value[order])}
    return study.of(study.frame.iloc[order].reset_index(drop=True)), options


def as_shuffled_series(study, seed):
    """Weights, offset and clusters as Series with the labels in another order."""

    def passed(frame, name):
        return frame[name].sample(frac=1.0, random_state=seed)

    return replace(study, passed=passed), {}


# -------------------------------------------------------------------------- class weights


def as_sampling_weights(study, class_weights):
    """The weight of each class as sampling weights of its rows."""
    of_row = study.frame["y"].map(class_weights) * study.weight("sampling_weights")
    frame = study.frame.assign(sampling=of_row)
    options = {"class_weight": None, "prevalence": None, "sampling_weights": "sampling"}
    return replace(study.of(frame), class_weights=None).given(**options)


# --------------------------------------------------------------------------------- design


def rebased(study, basis):
    """The design times an invertible matrix; the statistics are mapped back."""

    def expected(statistic, value):
        mapped = statistic.level != "coefficient" and "coordinates" not in statistic.tags
        return value if mapped else None

    def found(statistic, value):
        if statistic.level == "params":
            return basis @ value
        if statistic.level == "covariance":
            return basis @ value @ basis.T
        if statistic.level == "influence":
            return np.append(basis @ value[:-1], value[-1])
        return value

    return replace(study, basis=basis), {"expected": expected, "found": found}


def as_array(study):
    """The design as a matrix in place of the formula."""
    return replace(study, basis=np.eye(study.design.shape[1]))


# ------------------------------------------------------------------------------- outcome


def flipped(study):
    """Events and non-events trade places, with what belongs to them."""
    frame = study.frame.assign(
        y=1 - study.frame["y"],
        share=1.0 - study.frame["share"],
        successes=study.frame["failures"],
        failures=study.frame["successes"],
        offset=-study.frame["offset"],
    )
    mapping = study.options.get("class_weight")
    changes = {}
    if isinstance(mapping, dict):
        changes["class_weight"] = {0: mapping[1], 1: mapping[0]}
    if "prevalence" in study.options:
        changes["prevalence"] = 1.0 - study.options["prevalence"]
    return replace(study.of(frame), flipped=True).given(**changes), {"expected": _flip}


def with_the_other_event(study):
    """The same outcome, its other label called the event."""
    changes = {"event": 0}
    if "prevalence" in study.options:
        changes["prevalence"] = 1.0 - study.options["prevalence"]
    frame = study.frame.assign(offset=-study.frame["offset"])
    return replace(study.of(frame), flipped=True).given(**changes), {"expected": _flip}


def _flip(statistic, value):
    return statistic.flip(value)
