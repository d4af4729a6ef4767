"""Replicate weights of a survey design."""

from typing import Any

from wlogit.survey.making import MadeKind, Options, factors_of_psus, make_replicates
from wlogit.survey.replicates import ReplicateDesign
from wlogit.survey.sampled_rows import SampledRows
from wlogit.survey.stages import LonelyPolicy, Stage


class Replicable(SampledRows):
    """A design whose PSUs can be left out, halved or drawn again."""

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Units, strata and sampling fractions of each stage."""
        raise NotImplementedError

    @property
    def lonely_psu(self) -> LonelyPolicy:
        """What strata with one PSU contribute."""
        raise NotImplementedError

    def to_replicates(
        self,
        kind: MadeKind,
        *,
        rho: float | None = None,
        n_replicates: int | None = None,
        seed: Any = None,
        mse: bool = False,
    ) -> ReplicateDesign:
        """The same sample with replicate weights, whose variances come from refits.

        Parameters
        ----------
        kind : {"JK1", "JKn", "BRR", "Fay", "bootstrap", "subbootstrap"}
            "JK1" leaves out each PSU of a sample without strata, "JKn" of one with strata; both
            keep the finite population correction. "BRR" takes one PSU of each pair, balanced over
            the replicates, "Fay" keeps part of the weight of the other: for strata of two PSUs,
            or an even number, which are paired in the order of their rows. "bootstrap" draws as
            many PSUs as a stratum has, from copies of them that make up the population where it
            is finite (Canty and Davison); "subbootstrap" one less, each counting more (Rao and
            Wu).
        rho : float, optional
            For "Fay": the part of its weight that the left-out half keeps.
        n_replicates : int, optional
            Of a bootstrap; by default 200.
        seed : int or numpy.random.Generator, optional
            Of a bootstrap.
        mse : bool
            Whether deviations are from the estimate; else from the mean of the replicates.

        Returns
        -------
        ReplicateDesign
            With the domain of this design.

        Raises
        ------
        DesignError
            A kind that does not fit the strata, which it names.

        Notes
        -----
        Factors and scales are those of ``as.svrepdesign`` of R's survey; its balanced half
        samples are those of another Hadamard matrix, and its draws of other random numbers.

        Examples
        --------
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 2, 2], strata=[1, 1, 2, 2])
        >>> design.to_replicates("BRR").replicate_weights
        array([[0., 2., 0., 2.],
               [2., 0., 2., 0.],
               [0., 4., 4., 0.],
               [4., 0., 0., 4.]])
        """
        rows = self._rows
        options = Options(kind, rho, n_replicates, seed, mse)
        psus, table, rule = make_replicates(
            self.stages,
            self.lonely_psu.kind,
            options,
            lambda row: f"the stratum of row {rows.name(row)}",
        )
        weights = self.sampling_weights
        factors = factors_of_psus(psus, table, weights)
        made = ReplicateDesign.made(rows, weights, factors, rule, self._named)
        made.weights_name = self.weights_name
        return made.subset(self._in_domain) if self._is_subset else made
