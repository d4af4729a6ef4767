"""Outcomes: one label against the other or against the rest, or all labels together."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from wlogit._typing import Array, IntArray
from wlogit.errors import WeightError
from wlogit.model import WeightedLogit
from wlogit.multinomial.model import WeightedMNLogit
from wlogit.sklearn.plan import SampleWeightIs
from wlogit.sklearn.sample import Sample
from wlogit.weights.class_weight import label_factors
from wlogit.weights.columns import not_whole
from wlogit.weights.labelled import LabelledOutcome
from wlogit.weights.multinomial import MultinomialWeights, resolve_label_weights
from wlogit.weights.outcome import Outcome
from wlogit.weights.resolve import resolve_weights
from wlogit.weights.weights import Weights

_ONE = np.ones(())
Aliased = Literal["drop", "keep"]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """An outcome of two classes and its weights.

    Attributes
    ----------
    sample : Sample
    codes : ndarray of int, shape (n,)
        One for events, zero for the others.
    labels : tuple
        Of the others and of the events.
    class_weight : "balanced", mapping or None
    keywords : dict
        ``sampling_weights`` and ``freq_weights``.
    alike : bool
        Whether class weights weigh the others alike.
    """

    sample: Sample
    codes: IntArray
    labels: tuple[Hashable, Hashable]
    class_weight: Any
    keywords: dict[str, Array]
    alike: bool = True

    def without_data(self) -> "Problem":
        """The problem without its rows."""
        return replace(self, sample=self.sample.without_data(), codes=self.codes[:0], keywords={})

    @property
    def weights(self) -> Weights:
        """What each row stands for."""
        response = self.codes.astype(np.float64)
        outcome = Outcome(response, _ONE, "binary", self.labels)
        return resolve_weights(
            outcome,
            class_weight=self.class_weight,
            freq_weights=self.keywords.get("freq_weights"),
            sampling_weights=self.keywords.get("sampling_weights"),
        )

    def model(self, *, aliased: Aliased) -> WeightedLogit:
        """The model of this outcome on all features."""
        return WeightedLogit(
            self._outcome(),
            self.sample.design,
            class_weight=self.class_weight,
            event=None if self._plain else self.labels[1],
            aliased=aliased,
            freq_weights=self.keywords.get("freq_weights"),
            sampling_weights=self.keywords.get("sampling_weights"),
        )

    @property
    def _plain(self) -> bool:
        """Whether the labels are the numbers zero and one."""
        return self.labels == (0, 1) and not isinstance(self.labels[1], bool)

    def _outcome(self) -> Any:
        sample = self.sample
        if self._plain:
            values = self.codes.astype(np.float64)
            if sample.index is None:
                return values
            return pd.Series(values, index=sample.index, name=sample.outcome_name)
        return sample.labelled(self.codes, self.labels)


@dataclass(frozen=True, slots=True, eq=False)
class LabelsProblem:
    """An outcome of several labels and its weights.

    Attributes
    ----------
    sample : Sample
    class_weight : "balanced", mapping or None
    keywords : dict
        ``sampling_weights`` and ``freq_weights``.
    """

    sample: Sample
    class_weight: Any
    keywords: dict[str, Array]

    @property
    def alike(self) -> bool:
        """Whether class weights weigh all cases of a label alike, as they do here."""
        return True

    def without_data(self) -> "LabelsProblem":
        """The problem without its rows."""
        return replace(self, sample=self.sample.without_data(), keywords={})

    @property
    def weights(self) -> MultinomialWeights:
        """What each row stands for."""
        outcome = LabelledOutcome(self.sample.codes, tuple(self.sample.classes.tolist()))
        return resolve_label_weights(
            outcome,
            class_weight=self.class_weight,
            freq_weights=self.keywords.get("freq_weights"),
            sampling_weights=self.keywords.get("sampling_weights"),
        )

    def model(self, *, aliased: Aliased) -> WeightedMNLogit:
        """The multinomial model of all labels on all features."""
        sample = self.sample
        return WeightedMNLogit(
            sample.labelled(sample.codes, sample.classes.tolist()),
            sample.design,
            class_weight=self.class_weight,
            aliased=aliased,
            freq_weights=self.keywords.get("freq_weights"),
            sampling_weights=self.keywords.get("sampling_weights"),
        )


def all_labels(sample: Sample, class_weight: Any, weight_is: SampleWeightIs) -> LabelsProblem:
    """All labels together."""
    return LabelsProblem(
        sample, sample.class_weights(class_weight), sample_weights(sample, weight_is)
    )


def two_labels(sample: Sample, class_weight: Any, weight_is: SampleWeightIs) -> Problem:
    """The second label against the first."""
    first, second = sample.classes.tolist()
    return Problem(
        sample,
        sample.codes,
        (first, second),
        sample.class_weights(class_weight),
        sample_weights(sample, weight_is),
    )


def one_against_rest(
    sample: Sample, position: int, class_weight: Any, weight_is: SampleWeightIs
) -> Problem:
    """One label against all others.

    Where these do not weigh alike, their weights are sampling weights of their rows.
    """
    labels = sample.classes.tolist()
    event, rest = labels[position], f"not {labels[position]}"
    codes = (sample.codes == position).astype(np.intp)
    keywords, alike = sample_weights(sample, weight_is), True
    if isinstance(class_weight, Mapping):
        by_label = sample.class_weights(class_weight)
        weights = np.array(label_factors(by_label, labels, np.ones(len(labels)).tolist())[0])
        others = np.delete(weights, position)
        alike = bool(np.all(others == others[0]))
        class_weight = {rest: float(others[0]) if alike else 1.0, event: float(weights[position])}
        if not alike:
            of_rows = np.where(codes == 1, 1.0, weights[sample.codes])
            keywords["sampling_weights"] = of_rows * keywords.get("sampling_weights", 1.0)
    return Problem(sample, codes, (rest, event), class_weight, keywords, alike)


def sample_weights(sample: Sample, weight_is: SampleWeightIs) -> dict[str, Array]:
    """The sample weights under the name of what they are.

    Raises
    ------
    WeightError
        Frequencies that are no whole numbers.
    """
    if sample.weight is None:
        return {}
    if weight_is == "sampling":
        return {"sampling_weights": sample.weight}
    wrong = not_whole(sample.weight)
    if wrong.any():
        raise WeightError(
            f"sample_weight has {sample.weight[wrong][0]:g}, but frequencies are whole numbers; "
            'give sample_weight_is="sampling" where they are something else.'
        )
    return {"freq_weights": sample.weight}
