"""What is asked of ``get_margeff``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from wlogit.keywords import check_choice

At = Literal["overall", "mean", "median", "zero", "all"]
Method = Literal["dydx", "eyex", "dyex", "eydx"]
ScaleName = Literal["calibrated", "weighted"]
Vce = Literal["delta", "unconditional"]


@dataclass(frozen=True, slots=True)
class MarginRequest:
    """The arguments of ``get_margeff``."""

    at: str = "overall"
    method: str = "dydx"
    atexog: Any = None
    dummy: bool = False
    count: bool = False
    scale: str = "calibrated"
    vce: str = "delta"
    variables: Sequence[str] | str | None = None
    prevalence: float | None = None

    def checked(self) -> "MarginRequest":
        """With names in lower case, after checks that need no data.

        Raises
        ------
        ValueError
            Unknown names, or options that exclude each other.
        """
        request = replace(self, at=self.at.lower(), method=self.method.lower())
        check_choice("at", request.at, get_args(At))
        check_choice("method", request.method, get_args(Method))
        check_choice("scale", request.scale, get_args(ScaleName))
        check_choice("vce", request.vce, get_args(Vce))
        if request.prevalence is not None and request.scale != "calibrated":
            raise ValueError('prevalence= is for scale="calibrated", not "weighted".')
        if request.vce == "unconditional" and request.at not in ("overall", "all"):
            raise ValueError(
                f'vce="unconditional" is for averages over the sample, at="overall"; at='
                f"{request.at!r} is one point."
            )
        if request.variables is not None:
            request.check_variables()
        elif request.dummy or request.count:
            request.check_discrete()
        return request

    @property
    def at_every_row(self) -> bool:
        """Whether effects are those of each row, not averages."""
        return self.at == "all"

    @property
    def keeps_rows(self) -> bool:
        """Whether the effects of each row are wanted, or an error that needs them."""
        return self.at_every_row or self.vce == "unconditional"

    def check_discrete(self) -> None:
        """Refuse what statsmodels refuses for discrete changes."""
        if self.method in ("dyex", "eyex"):
            raise ValueError(f"{self.method} not allowed for discrete variables")
        if self.at in ("median", "zero"):
            raise ValueError(f"{self.at} not allowed for discrete variables")

    def check_variables(self) -> None:
        """Refuse what has no meaning for variables of a formula."""
        if self.at in ("median", "zero"):
            raise ValueError(
                f"at={self.at!r} is for columns of the design; effects of variables are taken at "
                '"overall", "mean" or "all", and atexog= sets variables to values.'
            )
        if self.dummy or self.count:
            raise ValueError(
                "dummy= and count= are for columns of the design; variables= takes discrete "
                "changes of factors and 0/1 variables by itself."
            )
        if self.atexog is not None and not isinstance(self.atexog, dict):
            raise ValueError(
                "with variables=, atexog must be a dictionary from names of variables to values."
            )
