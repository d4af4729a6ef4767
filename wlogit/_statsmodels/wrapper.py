"""The pandas wrapper of the results; its module path contains "statsmodels" on purpose.

The package marginaleffects recognises a model by that word in the name of its type.
"""

from statsmodels.base import wrapper as wrap
from statsmodels.discrete.discrete_model import BinaryResultsWrapper


class WeightedLogitResultsWrapper(BinaryResultsWrapper):  # type: ignore[misc]
    """Puts the user's labels on what the results return."""

    _attrs = {"fittedvalues": "rows"}
    _wrap_attrs = wrap.union_dicts(BinaryResultsWrapper._wrap_attrs, _attrs)
    _wrap_methods = BinaryResultsWrapper._wrap_methods
