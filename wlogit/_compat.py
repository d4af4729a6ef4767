"""Private or moved names of statsmodels, and versions that do not go together, in one place."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
import statsmodels
import statsmodels.formula
from statsmodels.base.data import ModelData

# What statsmodels' base classes pass on to one another while a model is built.
PRIVATE_KEYWORDS = ("hasconst", "check_rank", "missing")


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")[:2]
    return int(major), int(minor)


if _version(pd.__version__) >= (3, 0) and _version(statsmodels.__version__) < (0, 15):
    raise ImportError(
        f"pandas {pd.__version__} needs statsmodels >= 0.15, but statsmodels "
        f"{statsmodels.__version__} is installed: upgrade statsmodels or use pandas < 3."
    )

# The attribute under which ModelData keeps patsy's DesignInfo.
SPEC_NAME = "model_spec" if _version(statsmodels.__version__) >= (0, 15) else "design_info"


def attach_design_info(data: ModelData, design_info: Any) -> None:
    """Put patsy's DesignInfo where this version of statsmodels looks for it."""
    setattr(data, SPEC_NAME, design_info)


def without_design_info(data: ModelData) -> ModelData:
    """A shallow copy without patsy's DesignInfo, which cannot be pickled."""
    plain: ModelData = object.__new__(type(data))
    plain.__dict__.update({key: value for key, value in vars(data).items() if key != SPEC_NAME})
    return plain


@contextmanager
def patsy_engine() -> Iterator[None]:
    """Have statsmodels read our designs with patsy, whatever engine the user has set."""
    options = getattr(statsmodels.formula, "options", None)
    if options is None:
        yield
        return
    before = options.formula_engine
    options.formula_engine = "patsy"
    try:
        yield
    finally:
        options.formula_engine = before


def design_info(data: ModelData) -> Any:
    """patsy's DesignInfo of a model built from a formula, else None."""
    return getattr(data, SPEC_NAME, None)
