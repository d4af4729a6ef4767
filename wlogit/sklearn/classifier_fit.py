"""A fit as a classifier needs it, of two labels or of several."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, Generic, Self, TypeVar

import numpy as np

from wlogit._typing import Array
from wlogit.sklearn.plan import Plan
from wlogit.sklearn.problem import LabelsProblem, Problem
from wlogit.sklearn.start import Start

ProblemT = TypeVar("ProblemT", Problem, LabelsProblem)


@dataclass(frozen=True, slots=True, eq=False)
class ClassifierFit(ABC, Generic[ProblemT]):
    """Coefficients with what results are built from.

    Attributes
    ----------
    problem : Problem or LabelsProblem
    plan : Plan
    params : ndarray, shape (k,) or (k, J)
        Of every column of the design, on the scale of the class weights; for several labels a
        column for each.
    shift : float or ndarray, shape (J,)
        By what class weights moved the intercept.
    n_iter : int
    inference : object or None
        What results are built from, where it is known.
    free : bool or None
        Whether class weights move an intercept that is free; None to be found out.
    """

    problem: ProblemT
    plan: Plan
    params: Array
    shift: Array | float
    n_iter: int
    inference: Any = None
    free: bool | None = None

    @property
    @abstractmethod
    def end(self) -> Start:
        """Where it ended."""

    @abstractmethod
    def results(self) -> Any:
        """Results with inference."""

    def without_data(self) -> Self:
        """The fit without its rows."""
        problem = self.problem.without_data()
        return replace(self, problem=problem, inference=None, free=self.free_intercept)

    @property
    def alike(self) -> bool:
        """Whether class weights weigh the cases of every label alike."""
        return self.problem.alike

    @property
    def coef(self) -> Array:
        """Coefficients of the features, shape (p,) or (J, p)."""
        return self.params[1:].T if self.plan.fit_intercept else self.params.T

    @property
    def intercept(self) -> Array:
        """The intercept of every label, zero without one; shape () or (J,)."""
        first = self.params[0]
        return np.asarray(first if self.plan.fit_intercept else np.zeros_like(first))

    @property
    def free_intercept(self) -> bool:
        """Whether class weights move nothing but an intercept that is free."""
        if self.free is not None:
            return self.free
        if self.problem.class_weight is None:
            return True
        if self.plan.fit_intercept:
            return not self.plan.penalize_intercept
        if self.plan.penalized:
            return False
        # Features may hold a constant, or add up to one.
        model = self.problem.model(aliased="drop")
        return model.constant_combination is not None
