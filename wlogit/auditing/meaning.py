"""What weights can mean, and what they must: from their values and the outcome."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from wlogit._typing import Array
from wlogit.auditing.peer import Peer
from wlogit.errors import WeightError
from wlogit.weights.columns import not_whole, row_name

Meaning = Literal["class", "sampling", "frequency"]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Weights as keywords of `WeightedLogit`, with why they are read so.

    Attributes
    ----------
    options : dict
    words : str
        What they were taken for.
    kind : str
        "none", "class", "sampling" or "frequency": of the weights that were in doubt.
    """

    options: dict[str, Any]
    words: str
    kind: str


def read_weights(peer: Peer, meaning: Meaning | None) -> Reading:
    """What the weights of a fit are taken for.

    Parameters
    ----------
    peer : Peer
    meaning : {"class", "sampling", "frequency"}, optional
        By default inferred: weights that are the same within each class are class weights, and
        others that are not whole numbers are sampling weights.

    Raises
    ------
    ValueError
        Weights that may mean several things.
    WeightError
        Weights that cannot mean what is said.
    """
    options: dict[str, Any] = {}
    if peer.frequency is not None:
        options["freq_weights"] = peer.frequency
    if peer.class_weight is not None:
        options["class_weight"] = peer.class_weight
    weight = peer.weight
    if weight is None or np.all(weight == weight[0]):
        return _without(peer, options)
    by_class = _by_class(peer, weight)
    why = f"as meaning={meaning!r} says"
    if meaning is None:
        meaning, why = _inferred(peer, weight, by_class)
    if meaning == "sampling":
        options["sampling_weights"] = weight
    elif meaning == "frequency":
        options["freq_weights"] = weight * options.get("freq_weights", 1.0)
    else:
        options["class_weight"] = _class_weights(peer, weight, by_class)
    beside = " beside class_weight" if peer.class_weight is not None else ""
    words = f"{peer.weight_name}{beside} is taken for {meaning} weights, {why}"
    return Reading(options, words, meaning)


def _without(peer: Peer, options: dict[str, Any]) -> Reading:
    if peer.class_weight is not None:
        return Reading(options, f"class_weight={_shown(peer)}", "class")
    return Reading(options, "there are no weights", "frequency" if options else "none")


def _shown(peer: Peer) -> str:
    if isinstance(peer.class_weight, str):
        return repr(peer.class_weight)
    weights = ", ".join(f"{peer.labels[k]!r}: {w:g}" for k, w in peer.class_weight.items())
    return f"{{{weights}}}"


def _inferred(
    peer: Peer, weight: Array, by_class: tuple[float, float] | None
) -> tuple[Meaning, str]:
    if by_class is not None and peer.class_weight is None:
        return "class", "for it is the same within each class"
    if _counts(weight):
        raise ValueError(
            f"{peer.weight_name} holds whole numbers, which may be counts or sampling weights: say "
            'meaning="frequency" (a row stands for so many cases) or meaning="sampling" (inverse '
            "sampling probabilities)."
        )
    return "sampling", "for it differs within classes and is not whole"


def _counts(weight: Array) -> bool:
    """Whether weights may be numbers of cases."""
    positive = weight[weight > 0.0]
    return not not_whole(weight).any() and bool(np.all(positive >= 0.5))


def _by_class(peer: Peer, weight: Array) -> tuple[float, float] | None:
    """The weights of non-events and events, if each class has but one."""
    outcome = peer.outcome
    if outcome.ndim != 1 or not np.all((outcome == 0.0) | (outcome == 1.0)):
        return None
    first = [float(weight[outcome == k][0]) for k in (0.0, 1.0) if np.any(outcome == k)]
    if len(first) < 2:
        return None
    same = np.abs(weight - np.where(outcome == 1.0, first[1], first[0])) <= 1e-9 * max(first)
    return (first[0], first[1]) if same.all() else None


def _class_weights(peer: Peer, weight: Array, by_class: tuple[float, float] | None) -> Any:
    if by_class is None or peer.class_weight is not None:
        other = int(np.argmax(weight != weight[0]))
        raise WeightError(
            f'meaning="class" needs one weight for each class; {peer.weight_name} differs within '
            f"classes (row {row_name(peer.index, other)} has {weight[other]:g}). Where sampling "
            'weights were multiplied into it, pass them apart, or say meaning="sampling".'
        )
    counts = np.ones(len(weight)) if peer.frequency is None else peer.frequency
    mass = [float(counts[peer.outcome == k].sum()) for k in (0.0, 1.0)]
    if abs(by_class[0] * mass[0] - by_class[1] * mass[1]) <= 1e-6 * by_class[0] * mass[0]:
        return "balanced"
    return {0: by_class[0], 1: by_class[1]}
