"""The member that writes a fit as a page."""

from os import PathLike

from wlogit.reporting.report.page import write_report


class PageViews:
    """A fit as a page for readers without Python."""

    def report(self, path: str | PathLike[str]) -> None:
        """Write the fit as one page of HTML: numbers, figures and plain words.

        The page needs nothing from the network and can be sent, read on a phone and printed. It
        holds data and weights, coefficients, tests, average effects, calibration, classification,
        influence, collinearity, notes and the versions of the software. What a fit does not have
        is said with the reason. All but the coefficients is at population scale: class weights
        are taken out, sampling weights and `prevalence` are not.

        Parameters
        ----------
        path : str or path-like
            The file, ``.html``; overwritten if it is there.

        Raises
        ------
        ImportError
            Without matplotlib, which the extra ``plots`` installs.
        NotAvailableError
            After ``remove_data``.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from wlogit import WeightedLogit
        >>> design = [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]]
        >>> results = WeightedLogit([0, 0, 1, 0, 1, 1], design).fit(disp=False)
        >>> with TemporaryDirectory() as folder:
        ...     results.report(Path(folder) / "fit.html")
        ...     Path(folder, "fit.html").read_text(encoding="utf-8")[:15]
        '<!DOCTYPE html>'
        """
        write_report(self, path)
