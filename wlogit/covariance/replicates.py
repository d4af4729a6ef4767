"""What is known of the estimates in each replicate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wlogit._typing import Array


@dataclass(frozen=True, slots=True, eq=False)
class ReplicateEstimates:
    """Estimates in each replicate.

    Attributes
    ----------
    params : ndarray, shape (R, k)
        Coefficients in the user's coordinates; NaN where there is no estimate.
    left_out : mapping
        From the name of a replicate without an estimate to the reason.
    """

    params: Array
    left_out: Mapping[str, str]

    @property
    def n_replicates(self) -> int:
        """R, those left out included."""
        return len(self.params)

    def turned(self, basis: Array, fixed: Array) -> "ReplicateEstimates":
        """Estimates of ``fixed + basis b``.

        Parameters
        ----------
        basis : ndarray, shape (q, k)
        fixed : ndarray, shape (q,)
        """
        return replace(self, params=fixed + self.params @ basis.T)

    def describe_left_out(self, most: int = 3) -> str:
        """How many have no estimate, which and why; empty if all have.

        Parameters
        ----------
        most : int
            Names for each reason.
        """
        by_reason: dict[str, list[str]] = {}
        for name, reason in self.left_out.items():
            by_reason.setdefault(reason, []).append(name)
        parts = [
            f"{reason} in {', '.join(names[:most])}"
            + (f" and {len(names) - most} more" if len(names) > most else "")
            for reason, names in by_reason.items()
        ]
        count = f"{len(self.left_out)} of {self.n_replicates} replicates have no estimate"
        return f"{count} ({'; '.join(parts)})" if parts else ""


@dataclass(frozen=True, slots=True, eq=False)
class Refit:
    """How an estimate is made that is no plain maximum of the likelihood.

    Attributes
    ----------
    run : callable
        From weights to coefficients (k,), or the reason why there are none; of several labels,
        from their weights to coefficients in working coordinates, one label after the other.
    params : ndarray, shape (k,)
        The estimate itself.
    """

    run: Callable[[Any], "Array | str"]
    params: Array
