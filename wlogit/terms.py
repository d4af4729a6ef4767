"""Terms of a model: those of its formula, or the columns of a design that was an array."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from wlogit._typing import IntArray
from wlogit.errors import DesignError


def columns_by_term(model: Any) -> dict[str, IntArray]:
    """Positions of the columns of each term; a term loses those dropped as aliased.

    Parameters
    ----------
    model : WeightedLogit or WeightedMNLogit
    """
    info = model.design_info
    if info is None:
        return {str(name): np.array([j]) for j, name in enumerate(model.exog_names)}
    kept = np.array(model.kept)
    return {
        term: np.flatnonzero((kept >= where.start) & (kept < where.stop))
        for term, where in info.term_name_slices.items()
    }


def named_columns(model: Any, name: str) -> IntArray | None:
    """Positions of the column or the term of a name, None where there is neither."""
    names = [str(column) for column in model.exog_names]
    if name in names:
        return np.array([names.index(name)])
    return columns_by_term(model).get(name)


def tested_columns(model: Any, names: Sequence[str]) -> IntArray:
    """Positions of all columns of some terms, ascending.

    Raises
    ------
    DesignError
        A name that is neither a term nor a column, or a term all of whose columns were dropped.
    """
    found: set[int] = set()
    for name in names:
        columns = named_columns(model, name)
        if columns is None:
            known = ", ".join(map(repr, columns_by_term(model)))
            raise DesignError(f"{name!r} is neither a term nor a column; there are {known}.")
        if not columns.size:
            raise DesignError(f"{name!r} has no column left: all were dropped as aliased.")
        found.update(int(column) for column in columns)
    return np.array(sorted(found), dtype=np.intp)


def relatives(model: Any, term: str) -> list[str]:
    """Terms of the formula that contain a term, such as its interactions.

    Parameters
    ----------
    model : WeightedLogit or WeightedMNLogit
    term : str
    """
    info = model.design_info
    if info is None:
        return []
    factors = {name: set(of.factors) for name, of in zip(info.term_names, info.terms, strict=True)}
    return [name for name, members in factors.items() if factors[term] < members]


def constant_term(model: Any) -> str | None:
    """The term, or column, that is the constant itself."""
    info = model.design_info
    if info is not None:
        named = (
            name for name, term in zip(info.term_names, info.terms, strict=True) if not term.factors
        )
        return next(named, None)
    position = model.data.const_idx
    return None if position is None else str(model.exog_names[position])


def unbalanced_factor(model: Any, term: str) -> str | None:
    """A factor in an interaction with a term whose codes do not sum to zero over its levels."""
    info = model.design_info
    own = set(_factors(info, term)) if info is not None else set()
    for relative in relatives(model, term):
        for subterm in info.term_codings[_term(info, relative)]:
            for factor, contrast in subterm.contrast_matrices.items():
                sums = contrast.matrix.sum(axis=0)
                if factor not in own and np.any(np.abs(sums) > 1e-8):
                    return str(factor.name())
    return None


def _term(info: Any, name: str) -> Any:
    return info.terms[info.term_names.index(name)]


def _factors(info: Any, name: str) -> Any:
    return _term(info, name).factors


def positions(names: list[Any], cols: Any) -> IntArray:
    """Places of some coefficients, given by number, mask or name; all of them for None.

    Raises
    ------
    ValueError
        A name that no coefficient has.
    """
    if cols is None:
        return np.arange(len(names))
    given = [cols] if np.ndim(cols) == 0 else cols
    unknown = [col for col in given if isinstance(col, str) and col not in names]
    if unknown:
        raise ValueError(
            f"there is no coefficient {unknown[0]!r}; the fit has {', '.join(map(str, names))}."
        )
    chosen = np.array([names.index(col) if isinstance(col, str) else col for col in given])
    return np.asarray(np.arange(len(names))[chosen])
