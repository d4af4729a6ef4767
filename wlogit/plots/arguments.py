"""What figures are given: one fit or several, with names, levels and thresholds."""

from collections.abc import Mapping, Sequence
from typing import Any

from wlogit.errors import NotAvailableError


def check_share(name: str, value: float) -> float:
    """A number strictly between 0 and 1.

    Raises
    ------
    ValueError
        Otherwise.
    """
    if not 0.0 < value < 1.0:
        raise ValueError(f"{name}={value!r} must lie between 0 and 1.")
    return float(value)


def require_member(results: Any, member: str, figure: str) -> None:
    """Raise TypeError where what is given cannot make a figure.

    Parameters
    ----------
    results : object
        Its own reason for not having the member stands.
    member : str
        What the figure reads.
    figure : str
        Its name.
    """
    try:
        getattr(results, member)
    except NotAvailableError:
        raise
    except AttributeError:
        raise TypeError(
            f"{figure} draws wlogit's results that have {member!r}, which "
            f"{type(results).__name__} does not."
        ) from None


def named_fits(results: Any, names: Sequence[str] | None) -> list[tuple[str, Any]]:
    """The fits of a figure with what its legend calls them.

    Parameters
    ----------
    results : results, list of results, or mapping of names to results
    names : sequence of str, optional
        By default what tells the fits apart: their weights, else covariance, else numbers.

    Raises
    ------
    ValueError
        No fits, or another number of names than of fits.
    """
    if isinstance(results, Mapping):
        names, results = (
            [str(name) for name in results] if names is None else names,
            [*results.values()],
        )
    fits = list(results) if isinstance(results, list | tuple) else [results]
    if not fits:
        raise ValueError("there are no results to draw; give one fit, or a list of fits.")
    if names is None:
        return list(zip(_default_names(fits), fits, strict=True))
    if isinstance(names, str) or len(names) != len(fits):
        given = 1 if isinstance(names, str) else len(names)
        raise ValueError(f"names= has {given} names for {len(fits)} fits; give a list of one each.")
    return list(zip(map(str, names), fits, strict=True))


def _default_names(fits: list[Any]) -> list[str]:
    weights = [getattr(getattr(fit, "weights", None), "kind", "none") for fit in fits]
    kinds = ["no weights" if kind == "none" else f"{kind} weights" for kind in weights]
    covariances = [str(getattr(fit, "cov_type", "")) for fit in fits]
    numbers = [f"({place})" for place in range(1, len(fits) + 1)]
    return next(names for names in (kinds, covariances, numbers) if len(set(names)) == len(fits))
