"""The likelihood of a streamed model, and where its rows come from."""

import pickle
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from wlogit._typing import Array
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.objective import Derivatives
from wlogit.errors import NotAvailableError
from wlogit.likelihood_hooks import WeightedLikelihood
from wlogit.streaming.building import NO_ROWS, Prepared, StreamedWeights, labels_of_groups
from wlogit.streaming.chunks import Chunk
from wlogit.streaming.objective import StreamedObjective
from wlogit.streaming.runner import ChunkRunner
from wlogit.streaming.sampled import StreamedDesign
from wlogit.streaming.sites import Site


class StreamedLikelihood(WeightedLikelihood):
    """A binary model whose likelihood is summed over chunks of rows.

    Attributes
    ----------
    weights : StreamedWeights
    frame : ModelMatrix
        One row of the design: names the working coordinates.
    sample : tuple of Chunk
        Rows in memory.
    """

    weights: StreamedWeights
    frame: ModelMatrix
    sample: tuple[Chunk, ...]
    design: StreamedDesign | None  # type: ignore[assignment]
    _runner: ChunkRunner | None
    _prepared: Prepared | None
    _largest: Array

    def loglike(self, params: Any) -> float:
        """``sum w [r eta - log(1 + exp(eta))]`` in the weights as given, in one reading."""
        return self.objective().value(self._working(params))

    def score(self, params: Any) -> Array:
        """``sum w (r - p) x``, the gradient of `loglike`; shape (k,)."""
        return self._plain_derivatives(params).gradient

    def information(self, params: Any) -> Array:
        """``sum w p q x x'``, observed and expected information alike; shape (k, k)."""
        return self._plain_derivatives(params).information

    def linear_predictor(self, params: Any) -> Array:
        """Refuse: rows are not kept."""
        raise NotAvailableError(NO_ROWS)

    def require_data(self) -> None:
        """Raise NotAvailableError: rows are not kept."""
        raise NotAvailableError(NO_ROWS)

    def objective(self) -> StreamedObjective:
        """The log-likelihood in working coordinates."""
        return StreamedObjective(self.runner(), self.frame, self.weights, self._largest)

    def runner(self, groups: tuple[Any, ...] = (), *, units: bool = False) -> ChunkRunner:
        """What brings sums to the rows.

        Parameters
        ----------
        groups : tuple
            Columns of clusters that the chunks are to have.
        units : bool
            Whether they are to have the sampling units of the design.

        Raises
        ------
        NotAvailableError
            After ``remove_data``, or for a pickled fit of a function's frames.
        """
        if self._runner is None:
            raise NotAvailableError(
                "the source of this fit is gone (remove_data, or a function that cannot be "
                "pickled): make the model again to read the rows."
            )
        if set(groups) - set(self._runner.reader.groups):
            self._runner.reader = labels_of_groups(self._runner, groups)
        reader = self._runner.reader
        if set(groups) != set(reader.groups):
            reader = replace(reader, groups={name: reader.groups[name] for name in groups})
        if units and self.design is not None:
            reader = replace(reader, units=self.design.reader)
        return (
            self._runner if reader is self._runner.reader else replace(self._runner, reader=reader)
        )

    @property
    def site(self) -> Site:
        """Where the rows are."""
        return self.runner().site

    def forget_source(self) -> None:
        """Forget where the rows come from, and the sample of them."""
        self._runner, self.sample, self._prepared = None, (), None

    def _working(self, params: Any) -> Array:
        return np.asarray(self.frame.to_working(np.asarray(params, dtype=np.float64)))

    def _plain_derivatives(self, params: Any) -> Derivatives:
        """Derivatives in the user's coordinates."""
        plain = replace(self.frame, shift=None, scale=None)
        objective = StreamedObjective(self.runner(), plain, self.weights, self._largest)
        return objective.derivatives(np.asarray(params, dtype=np.float64))

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        # Rows in memory are the data of others.
        state["sample"] = ()
        try:
            pickle.dumps(self._runner)
        except (pickle.PicklingError, AttributeError, TypeError):
            state["_runner"] = state["_prepared"] = None
        if state["_prepared"] is not None:
            census = replace(state["_prepared"].census, sample=())
            state["_prepared"] = replace(state["_prepared"], census=census)
        return state

    def fit_regularized(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: a streamed fit has no penalty."""
        raise NotAvailableError(
            "a streamed fit has no penalty; fit a part of the rows with WeightedLogit."
        )

    def fit_constrained(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: a streamed fit has no constraints."""
        raise NotAvailableError(
            "a streamed fit has no constraints; put them into the formula, as in I(x1 + x2), or "
            "fit a part of the rows with WeightedLogit."
        )
