"""Average effects of streamed fits are those in memory."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.unit.streaming.streams import KINDS, chunks, data, in_memory, quietly, streamed
from wlogit import InferenceWarning, NotAvailableError, SurveyDesign
from wlogit.formula.api import weighted_logit
from wlogit.streaming import StreamedLogit

JOINT = ("transforms", "interactions", "categories alone", "aliased")


def assert_same_effects(found, expected):
    assert found.names == expected.names
    assert_allclose(found.margeff, expected.margeff, rtol=1e-8, atol=1e-12)
    scale = np.sqrt(np.diag(expected.margeff_cov))
    difference = (found.margeff_cov - expected.margeff_cov) / scale / scale[:, None]
    assert_allclose(difference, 0.0, atol=1e-9)
    assert_allclose(found.conf_int(), expected.conf_int(), rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in JOINT])
def test_every_kind_of_fit(kind):
    found, expected = streamed(kind, 60), in_memory(kind)
    if kind == "offset without constant":
        # Class weights are none, so that the weighted scale is that of the population.
        assert expected.weights.factors.source is None
    assert_same_effects(found.get_margeff(), expected.get_margeff())


@pytest.mark.parametrize(
    "options",
    [
        {"method": "eyex"},
        {"method": "dyex", "scale": "weighted"},
        {"method": "eydx", "atexog": {"far": 2000.0}},
        {"dummy": True},
        {"count": True, "dummy": True, "atexog": {1: 0.0}},
        {"prevalence": 0.02},
    ],
)
@pytest.mark.parametrize("kind", ["balanced", "product", "offset"])
def test_every_kind_of_effect(kind, options):
    found, expected = streamed(kind, 37), in_memory(kind)
    assert_same_effects(found.get_margeff(**options), expected.get_margeff(**options))
    ours, theirs = (fit.with_covariance("cluster", groups="firm") for fit in (found, expected))
    assert_same_effects(ours.get_margeff(**options), theirs.get_margeff(**options))


def test_under_a_design():
    frame = data().dropna()
    design = {"strata": "town", "psu": "firm", "nest": True}
    found = StreamedLogit.from_formula(
        "y ~ x + g", chunks(40, frame), sampling_weights="a", lonely_psu="adjust", **design
    )
    design = SurveyDesign(frame, weights="a", lonely_psu="adjust", **design)
    expected = weighted_logit("y ~ x + g", frame, design=design)
    found, expected = (quietly(model.fit).get_margeff() for model in (found, expected))
    assert_same_effects(found, expected)
    assert "t" in found.summary_frame().columns
    assert str(found.summary()).partition("Dep.")[2] == str(expected.summary()).partition("Dep.")[2]


def test_variables_in_several_columns_are_warned_of():
    said = []
    for fit in (streamed("transforms", 60), in_memory("transforms")):
        with pytest.warns(InferenceWarning, match="several columns") as caught:
            fit.get_margeff()
        said.append(str(caught[0].message))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "options",
    [{"at": "mean"}, {"at": "all"}, {"vce": "unconditional"}, {"variables": "all"}],
)
def test_what_needs_the_rows_is_refused(options):
    with pytest.raises(NotAvailableError, match=r"average effects of columns.*predict_to_parquet"):
        streamed("balanced", 60).get_margeff(**options)
