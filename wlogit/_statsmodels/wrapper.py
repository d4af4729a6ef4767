"""The pandas wrapper of the results; its module path contains "statsmodels" on purpose.

The package marginaleffects recognises a model by that word in the name of its type.
"""

from statsmodels.discrete.discrete_model import BinaryResultsWrapper


class WeightedLogitResultsWrapper(BinaryResultsWrapper):  # type: ignore[misc]
    """Puts the user's labels on what the results return."""

    # "weights" is a vector of rows for statsmodels' linear models, a Weights object here.
    _wrap_attrs = {
        name: how for name, how in BinaryResultsWrapper._wrap_attrs.items() if name != "weights"
    }
    _wrap_methods = BinaryResultsWrapper._wrap_methods
