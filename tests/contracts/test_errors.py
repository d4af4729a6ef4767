"""What every error and warning says: what is wrong, where, and what to do.

The last test reads the source: a ``raise`` that none of the cases reaches fails it.
"""

import ast
import re
import traceback
import warnings
from pathlib import Path

import numpy as np
import pytest
import statsmodels.tools.sm_exceptions as theirs

import wlogit
from tests.contracts import error_fits, warning_cases
from tests.contracts.error_cases import ERRORS
from tests.contracts.error_fits import clusters, constrained, without_data
from tests.contracts.warning_cases import WARNINGS
from wlogit import (
    ConvergenceWarning,
    DesignError,
    MissingValueError,
    NotALikelihoodError,
    NotAvailableError,
    OutcomeError,
    SeparationError,
    SeparationWarning,
    WeightError,
)

PACKAGE = Path(wlogit.__file__).parent


@pytest.mark.filterwarnings("ignore::wlogit.errors.ConvergenceWarning")
@pytest.mark.parametrize("case", ERRORS)
def test_an_error_says_what_where_and_what_to_do(case):
    call, error, words = ERRORS[case]
    with pytest.raises(error) as raised:
        call()
    message = str(raised.value)
    assert [word for word in words if word not in message] == [], message
    # A sentence, without the traces of numpy's way to print.
    assert message == message.strip()
    assert not re.search(r"np\.(int|float|str_|bool)|array\(|dtype", message), message


@pytest.mark.parametrize("case", WARNINGS)
def test_a_warning_states_the_consequence_and_points_here(case):
    call, category, words = WARNINGS[case]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    assert [one.category for one in caught] == [category]
    message = str(caught[0].message)
    assert [word for word in words if word not in message] == [], message
    assert caught[0].filename in (warning_cases.__file__, error_fits.__file__)


def test_a_negative_eigenvalue_is_said():
    for seed in range(200):
        rng = np.random.default_rng(seed)
        groups = [rng.integers(0, 4, 60), rng.integers(0, 4, 60)]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            results = clusters(groups)
        said = any("negative eigenvalue" in str(one.message) for one in caught)
        values = np.linalg.eigvalsh(np.asarray(results.cov_params()))
        assert said == (values[0] < -1e-12 * values[-1])
        if said:
            return
    pytest.fail("no grouping of these has a negative eigenvalue")


# ------------------------------------------------------------------------------------ the classes


def test_one_class_for_each_decision_of_the_caller():
    assert issubclass(WeightError, ValueError)
    assert issubclass(DesignError, ValueError)
    assert issubclass(OutcomeError, ValueError)
    assert issubclass(MissingValueError, (ValueError, theirs.MissingDataError))
    assert issubclass(NotAvailableError, AttributeError)
    assert issubclass(NotALikelihoodError, AttributeError)
    assert issubclass(NotALikelihoodError, ValueError)
    assert issubclass(SeparationError, theirs.PerfectSeparationError)
    assert issubclass(ConvergenceWarning, theirs.ConvergenceWarning)
    assert issubclass(SeparationWarning, ConvergenceWarning)


def test_hasattr_steps_over_what_is_not_available():
    results = without_data()
    assert not hasattr(results, "fittedvalues")
    assert not hasattr(constrained(class_weight="balanced"), "llr_pvalue")
    assert hasattr(results, "params")


# --------------------------------------------------------------------------------- completeness

# Tested where they belong: core raises nothing of ours, weights has its unit tests.
ELSEWHERE = ("core", "weights", "_optional.py", "_compat.py")


def statements():
    """(file, first line, last line) of every raise with a message, outside of `ELSEWHERE`."""
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(PACKAGE)
        if relative.parts[0] in ELSEWHERE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                yield str(relative), node.lineno, node.end_lineno


@pytest.mark.filterwarnings("ignore")
def test_every_raise_has_its_case():
    reached = set()
    for call, error, _ in ERRORS.values():
        try:
            call()
        except error as raised:
            for frame in traceback.extract_tb(raised.__traceback__):
                path = Path(frame.filename)
                if path.is_relative_to(PACKAGE):
                    reached.add((str(path.relative_to(PACKAGE)), frame.lineno))
        except Exception:  # noqa: BLE001, S110  for the test of that case to say
            pass
    missed = [
        f"{file}, line {first}"
        for file, first, last in statements()
        if not any((file, line) in reached for line in range(first, last + 1))
    ]
    assert missed == []
