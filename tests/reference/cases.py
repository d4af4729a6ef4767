"""Reads the reference cases and says each of them in wlogit's words."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wlogit import ReplicateDesign, SurveyDesign, WeightedLogit

FOLDER = Path(__file__).parent / "r"
NESTED = (
    *("robust", "cluster", "cluster_twoway", "expanded", "dropped", "tests", "predict"),
    "compare",
)


@dataclass(frozen=True, eq=False)
class Case:
    """One model that R fitted."""

    content: dict[str, Any]

    @property
    def id(self) -> str:
        return self.content["id"]

    @property
    def kind(self) -> str:
        return self.content["weights"]["kind"]

    @property
    def is_likelihood(self) -> bool:
        return self.kind in ("none", "frequency", "grouped")

    @property
    def has_class_weights(self) -> bool:
        return self.kind in ("class", "product") or "balanced(" in self.content.get("design", "")

    @property
    def has_design(self) -> bool:
        """Whether a survey design says how the rows were drawn."""
        return "design" in self.content

    @property
    def tol(self) -> dict[str, float]:
        """Tolerances by their names in numpy, for p-values, and for the 50-digit values."""
        given = self.content["tol"]
        # Columns with correlation 1 - 5e-9: a double holds eight digits, seven of a sandwich.
        collinear = self.id == "T14_collinear"
        return {
            # Topic 13 states tolerances of the limits.
            "rtol": given.get("rtol", 1e-9),
            "atol": given.get("atol", 0.0),
            # Topic 6 does not state p_rtol; every other topic has this one.
            "p_rtol": given.get("p_rtol", 1e-7),
            "mp_rtol": 1e-8 if collinear else 1e-10,
            "mp_robust_rtol": 1e-7 if collinear else 1e-10,
        }

    @property
    def data(self) -> pd.DataFrame:
        return read_data(self.content["data"])

    @property
    def blocks(self) -> dict[str, Any]:
        """Everything that was computed, by dotted path."""
        prefix = "labels." if self.content["topic"] == 12 else ""
        blocks = dict(_flatten(self.content["expected"], prefix))
        for key, value in self.content.get("expected_mp50", {}).items():
            blocks[f"mp50.{key}"] = value
        return blocks

    def formula(self) -> tuple[str, str | None]:
        """The formula without its offset, and the offset column."""
        formula = self.content["formula_py"]
        if self.kind == "grouped":
            counts = self.content["weights"]
            formula = formula.replace("prop", f"{counts['successes']} + {counts['failures']}")
        offset = re.search(r" \+ offset\((\w+)\)", formula)
        if offset is None:
            return formula, None
        return formula.replace(offset[0], ""), offset[1]

    def weight_options(self) -> dict[str, Any]:
        """The weights as keywords of WeightedLogit."""
        weights = self.content["weights"]
        if self.kind == "frequency":
            return {"freq_weights": weights["column"]}
        if self.kind == "importance" or (self.kind == "sampling" and "column" in weights):
            return {"sampling_weights": weights["column"]}
        if self.kind == "sampling":
            balanced = {"class_weight": "balanced"} if self.has_class_weights else {}
            return {"design": self.design(), **balanced}
        if self.kind == "class":
            return {"class_weight": _class_weight(weights["spec"])}
        if self.kind == "product":
            class_weight = "balanced" if "W/(2 W_c)" in weights["class_counts"] else self._by_rows()
            return {"sampling_weights": weights["column"], "class_weight": class_weight}
        return {}

    @cache  # noqa: B019  as fit
    def design(self, *, whole: bool = False) -> SurveyDesign | ReplicateDesign:
        """The survey design; of the whole sample, or of the subpopulation that was fitted."""
        if "svrepdesign" in self.content["design"]:
            return self._replicates()
        given = dict(re.findall(r"(\w+)=~?(?:D\$)?([\w+]+)", self.content["design"]))
        named = {name: given[name] for name in ("weights", "strata") if name in given}
        for ours, theirs in (("psu", "id"), ("fpc", "fpc")):
            if given.get(theirs, "1") not in ("1", "NULL"):
                named[ours] = given[theirs].split("+")
        options = self.content.get("options") or {}
        design = SurveyDesign(
            self.data,
            **named,
            nest=given.get("nest") == "TRUE",
            lonely_psu=options.get("survey.lonely.psu", "fail"),
            lonely_in_domain=bool(options.get("survey.adjust.domain.lonely")),
        )
        subset = self.content.get("subset")
        if subset is None or whole:
            return design
        return design.subset(self.data.eval(subset.replace("&", "and")))

    def _replicates(self) -> ReplicateDesign:
        """Replicates as R made them; made here where that takes no random or Hadamard matrix."""
        rep, name = self.content["expected"]["rep"], self.id.removeprefix("T04_rep_")
        weights = {"nhanes_pairs.csv": "WTMEC2YR", "scd_long.csv": "n"}.get(
            self.content["data"], "pw"
        )
        given: dict[str, Any] = {"weights": weights, "mse": rep["mse"]}
        if name in ("jk1", "jk1_mse"):
            design = SurveyDesign(self.data, weights=weights, psu="dnum", fpc="fpc")
            return design.to_replicates("JK1", mse=rep["mse"])
        if name == "jkn":
            strata = {"strata": "SDMVSTRA", "psu": "SDMVPSU", "nest": True}
            return SurveyDesign(self.data, weights=weights, **strata).to_replicates("JKn")
        if name == "scd_brr_given":
            halves = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]])
            halves = 2.0 * np.vstack([halves, [[1, 0, 0, 1], [0, 1, 1, 0]]])
            factors = np.vstack([halves, halves])
            return ReplicateDesign(
                self.data, replicate_weights=factors, kind="BRR", combined=False, **given
            )
        table = read_data(f"rep_{name.removesuffix('_exported')}.csv")
        kind = {"brr": "BRR", "fay": "Fay"}.get(name, "other")
        if kind == "other":
            given |= {"scale": rep["scale"], "rscales": rep["rscales"]}
        rho = rep.get("rho") if kind == "Fay" else None
        return ReplicateDesign(self.data, replicate_weights=table, kind=kind, rho=rho, **given)

    def _by_rows(self) -> dict[int, float]:
        outcome = self.data[self.content["formula_py"].split("~")[0].strip()]
        return {
            label: len(outcome) / (2 * count) for label, count in outcome.value_counts().items()
        }

    def clusters(self, block: str) -> list[str]:
        """The cluster columns behind a block."""
        if block.startswith("cluster_twoway"):
            return list(self.content["expected"]["cluster_twoway"]["n_clusters"])
        return [self.content["cluster"]]

    @cache  # noqa: B019  cases live as long as the session
    def fit(self, **options: Any) -> Any:
        """Fit with the weights in their own meaning, or with the options given instead."""
        return self.model(**options).fit(disp=False)

    def model(self, **options: Any) -> WeightedLogit:
        """The model with the weights in their own meaning, or with the options given instead."""
        formula, offset = self.formula()
        options = options or self.weight_options()
        return WeightedLogit.from_formula(formula, self.data, offset=offset, **options)

    def fit_as_importance(self) -> Any:
        """Fit with counts taken as importance weights: ``vcovHC`` squares them in the meat."""
        if self.kind != "frequency":
            return self.fit()
        return self.fit(sampling_weights=self.content["weights"]["column"])


@cache
def load(name: str) -> Case:
    """One case by its id."""
    return Case(json.loads((FOLDER / "cases" / f"{name}.json").read_text(encoding="utf-8")))


def all_cases() -> list[Case]:
    """Every case, in the order of their ids."""
    return [load(path.stem) for path in sorted((FOLDER / "cases").glob("*.json"))]


def in_order_of_r(values: Any, names: list[str], results: Any) -> np.ndarray:
    """A vector or matrix over the coefficients of a fit, in the order of R's names."""
    positions = {_key(name): i for i, name in enumerate(results.model.exog_names)}
    order = [positions[_key(name)] for name in names]
    values = np.asarray(values)
    return values[order] if values.ndim == 1 else values[np.ix_(order, order)]


def number(value: Any) -> float:
    """A number of a case, where infinite is a string and undefined is null."""
    return float("nan") if value is None else float(value)


@cache
def read_data(name: str) -> pd.DataFrame:
    """A data set of the cases, its numbers to the last bit."""
    path = FOLDER / "data" / name
    missing = {"keep_default_na": False, "na_values": ["NA"]}
    rough = pd.read_csv(path, **missing)
    # pandas 2 rounds some numbers wrongly; Python's float does not.
    text = pd.read_csv(path, dtype=str, **missing)
    floats = rough.select_dtypes("float")
    return rough.assign(**{name: [float(value) for value in text[name]] for name in floats})


def _key(name: str) -> frozenset[str]:
    """A coefficient's name without what differs between R and patsy."""
    return frozenset(_part(part) for part in name.split(":"))


def _part(name: str) -> str:
    name = {"(Intercept)": "Intercept"}.get(name, name).replace(" ** ", "^")
    name = re.sub(r"^(?:factor|C)\((\w+)\)", r"\1", name)
    return re.sub(r"\[(?:T\.)?(.*)\]$", r"\1", name)


def _class_weight(spec: Any) -> Any:
    return spec if isinstance(spec, str) else {int(label): w for label, w in spec.items()}


def _flatten(expected: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in expected.items():
        nested = key in NESTED or path.startswith("tests.") or "_nobc" in key
        if nested and isinstance(value, dict):
            yield from _flatten(value, f"{path}{key}.")
        elif key == "svycontrast":
            yield from ((f"{path}{key}.{i}", contrast) for i, contrast in enumerate(value))
        else:
            yield f"{path}{key}", value
