"""The results of a streamed fit with its intercept at population scale."""

from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit.calibrated import CalibratedResults, calibrated
from wlogit.streaming.results import StreamedLogitResults


class StreamedCalibratedResults(CalibratedResults, StreamedLogitResults):
    """A streamed fit whose intercept has the class weights taken out; see `CalibratedResults`.

    The class weights are those of all rows, so that no row is read for it.
    """


def streamed_calibrated(fit: StreamedLogitResults) -> WeightedLogitResultsWrapper:
    """The results of a streamed fit at population scale; the fit itself where it is there already.

    Parameters
    ----------
    fit : StreamedLogitResults

    Raises
    ------
    NotAvailableError
        Without a constant that is free to move.
    """
    return calibrated(fit, StreamedCalibratedResults)
