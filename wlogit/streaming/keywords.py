"""Keywords that a streamed model has not."""

from collections.abc import Iterable, Sequence

from wlogit.keywords import reject_unknown

# Those of a fit in memory, and what takes their place.
INSTEAD = {
    "design": "a survey design is given by columns, strata=, psu= and fpc=, its weights by "
    "sampling_weights=",
    "subset": "filter the source, as in pyarrow.dataset.dataset(path).filter(...); for a "
    "subpopulation of a survey design set the outcome of other rows to missing",
    "groups": "columns of clusters are cluster=",
}


def refuse_keywords(unknown: Iterable[str], valid: Sequence[str]) -> None:
    """Refuse unknown keywords of `StreamedLogit.from_formula`, saying what to use instead.

    Parameters
    ----------
    unknown : iterable of str
    valid : sequence of str

    Raises
    ------
    TypeError
    """
    where, given = "StreamedLogit.from_formula", list(unknown)
    name = next((name for name in given if name in INSTEAD), None)
    if name is not None:
        raise TypeError(f"{where} got an unexpected keyword {name!r}: {INSTEAD[name]}.")
    reject_unknown(given, valid, where)
