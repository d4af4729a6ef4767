"""Whole tables as users have them, with the clean numbers that they were made from."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from tests.contracts.dataframe_columns import (
    FLAGS,
    INDEXES,
    MISSING,
    NAMES,
    NO_MISSING,
    NUMBERS,
    TEXTS,
    UNIQUE,
    UNSIGNED,
    WHOLE,
    Column,
    Drawn,
    as_flags,
    as_numbers,
    as_text,
    b_splines,
    hidden,
    indexes,
    indicators,
    written,
)
from tests.contracts.dataframe_truth import Weighed

# -------------------------------------------------------------------------------------- covariates


class Builder:
    """Draws the parts of a table in turn, and keeps what they mean."""

    def __init__(self, draw):
        self.draw = draw
        self.n = 2 * draw(st.integers(20, 40))
        self.rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        self.index_kind = draw(st.sampled_from(INDEXES))
        self.index = indexes(self.rng, self.n)[self.index_kind]
        self.columns, self.faults, self.odd = [], [], []
        self.eta = np.zeros(self.n)
        self.inside = np.ones(self.n, dtype=bool)
        if self.chance(20):
            self.inside = self.rng.random(self.n) < 0.9
        self.names = draw(st.lists(st.sampled_from(NAMES), min_size=4, max_size=4, unique=True))
        self.terms, self.blocks, self.labels = [], [], []

    def chance(self, percent):
        return self.draw(st.integers(0, 99)) >= 100 - percent

    def pick(self, options):
        return self.draw(st.sampled_from(options))

    def gone(self, allowed):
        """Rows with nothing in them."""
        if allowed and self.chance(40):
            return self.rng.random(self.n) < self.pick((0.03, 0.1))
        return np.zeros(self.n, dtype=bool)

    def add(self, name, clean, typed, levels=None):
        column = Column(name, clean, typed.set_axis(self.index), levels)
        self.columns.append(column)
        return column

    # -- numbers

    def number(self):
        name, dtype = self.names.pop(), self.pick(NUMBERS)
        values = (
            self.rng.integers(-6, 7, self.n) if dtype in WHOLE else self.rng.normal(size=self.n)
        )
        values = values * 1.0 if dtype in WHOLE else np.round(8.0 * values) / 8.0
        values = np.abs(values) if dtype in UNSIGNED else values
        values[self.gone(dtype not in NO_MISSING)] = np.nan
        if dtype.startswith(("float", ">f", "Sparse[float")) and self.chance(4):
            values[self.rng.integers(self.n)] = self.pick((np.inf, -np.inf))
            self.odd.append("infinite")
        column = self.add(name, values, as_numbers(values, dtype, self.pick(MISSING)))
        if dtype.startswith("Sparse"):
            self.odd.append(name)
        finite = np.where(np.isfinite(values), values, 0.0)
        self.eta += 0.5 * finite / max(finite.std(), 1e-9)
        return column

    def flag(self):
        name, dtype = self.names.pop(), self.pick(FLAGS)
        clean = (self.rng.random(self.n) < 0.5).astype(object)
        clean[self.gone(dtype not in {"bool", "Sparse[bool]"})] = None
        if dtype == "Sparse[bool]":
            self.odd.append(name)
        self.add(name, clean, as_flags(clean, dtype, self.pick(MISSING)), (False, True))
        return self.columns[-1]

    def text(self):
        name, dtype = self.names.pop(), self.pick(TEXTS)
        levels = self.draw(
            st.lists(
                st.sampled_from(
                    ["a", "b", "B", "", " ", "ä", "1", "nan", "None", "x]", "10", "T.a"]
                ),
                min_size=2,
                max_size=4,
                unique=True,
            )
        )
        clean = np.array(levels, dtype=object)[self.rng.integers(0, len(levels), self.n)]
        used = [level for level in levels if (clean == level).any()]
        clean[self.gone(True)] = None
        categories = dtype in ("category", "ordered")
        declared = used
        if categories and self.chance(15):
            declared = [*used, "never"]
        typed = as_text(clean, dtype, declared, self.pick(MISSING))
        present = [level for level in used if (clean[self.inside] == level).any()]
        order = declared if categories else sorted(present)
        return self.add(name, clean, typed, tuple(order))

    def coded(self):
        """Numbers or dates that are taken as categories by C()."""
        name = self.names.pop()
        dtype = self.pick((*NUMBERS, "category", "dates", "zoned", "durations", "periods"))
        codes = self.rng.integers(0, 3, self.n)
        clean = codes.astype(float)
        clean[self.gone(dtype not in NO_MISSING)] = np.nan
        if dtype in NUMBERS:
            typed = as_numbers(clean, dtype, self.pick(MISSING))
        elif dtype == "category":
            typed = pd.Series(pd.Categorical(clean, categories=[0.0, 1.0, 2.0]))
        else:
            dates = pd.to_datetime(pd.Series(clean), unit="D", origin="2020-01-01")
            if dtype == "zoned":
                dates = dates.dt.tz_localize("UTC")
            elif dtype == "durations":
                dates = dates - pd.Timestamp("2020-01-01")
            elif dtype == "periods":
                dates = dates.dt.to_period("D")
            typed = dates
        if dtype.startswith("Sparse") or dtype in ("dates", "zoned", "durations", "periods"):
            self.odd.append(name)
        there = clean[self.inside & ~np.isnan(clean)]
        levels = tuple(np.unique(there).tolist())
        if dtype == "category":
            levels = (0.0, 1.0, 2.0)
        return self.add(name, clean, typed, levels)

    # -- terms

    def block(self, term, values, labels):
        self.terms.append(term)
        self.blocks.append(values)
        self.labels += labels

    def covariates(self):
        """One to three terms, in a formula with a constant."""
        self.block("1", np.ones((self.n, 1)), [["Intercept"]])
        numbers, factors = [], []
        for kind in self.draw(
            st.lists(
                st.sampled_from(["number", "number", "flag", "text", "coded"]),
                min_size=1,
                max_size=3,
            )
        ):
            column = getattr(self, kind)()
            if kind == "number":
                numbers.append(column)
                self.numeric(column)
            else:
                factors.append(column)
                self.factor(column, as_code=kind == "coded")
        if numbers and factors and self.chance(25):
            self.product(numbers[0], factors[0])
        elif len(numbers) > 1 and self.chance(50):
            one, other = numbers[:2]
            code = f"{written(one.name)}:{written(other.name)}"
            values = (one.clean * other.clean)[:, None]
            self.block(code, values, [[written(one.name), written(other.name)]])

    def numeric(self, column):
        code, values = written(column.name), column.clean
        how = self.pick(("as it is",) * 4 + ("square", "exp", "center", "bs", "numpy"))
        if not np.isfinite(values).all() and how in ("center", "bs"):
            how = "as it is"
        plain = values[:, None]
        if how == "as it is":
            self.block(code, plain, [[code]])
        elif how == "square":
            self.block(
                f"{code} + I({code} ** 2)",
                np.column_stack([values, values**2]),
                [[code], [code, "** 2"]],
            )
        elif how == "exp":
            self.block(f"np.exp({code} / 4)", np.exp(plain / 4), [["np.exp", code]])
        elif how == "numpy":
            self.block(f"np.abs({code} + 1)", np.abs(plain + 1.0), [["np.abs", code]])
        elif how == "center":
            self.block(f"center({code})", plain - values[self.inside].mean(), [["center", code]])
        else:
            self.block(
                f"bs({code}, df=4)",
                b_splines(values, self.inside),
                [["bs(", code, f"[{j}]"] for j in range(4)],
            )

    def factor(self, column, *, as_code):
        code = written(column.name)
        code = f"C({code})" if as_code or self.chance(30) else code
        self.block(code, indicators(column)[:, 1:], [[code, "[T."]] * (len(column.levels) - 1))

    def product(self, number, factor):
        code = written(factor.name)
        code = next(term for term in self.terms if term in (code, f"C({code})"))
        plain = written(number.name)
        # With the number itself in the formula the factor is coded by contrasts.
        if plain in self.terms:
            values = indicators(factor)[:, 1:] * number.clean[:, None]
            self.block(f"{plain}:{code}", values, [[code, plain]] * values.shape[1])

    # -- outcome

    def outcome(self):
        name = self.names.pop()
        p = 1.0 / (1.0 + np.exp(-np.clip(self.eta - self.eta.mean(), -2.0, 2.0)))
        y = (self.rng.random(self.n) < p).astype(float)
        kind = self.pick(("numbers", "numbers", "flags", "text", "category", "fractions", "other"))
        options, labels = {}, (0, 1)
        if kind == "fractions":
            y = np.round(8.0 * self.rng.beta(2.0 * p, 2.0 * (1.0 - p))) / 8.0
        dtype = {
            "numbers": self.pick(NUMBERS),
            "other": self.pick([one for one in NUMBERS if one not in UNSIGNED]),
            "flags": self.pick(FLAGS),
            "text": self.pick([one for one in TEXTS if one not in ("category", "ordered")]),
            "category": self.pick(("category", "ordered")),
            "fractions": self.pick([one for one in NUMBERS if one not in WHOLE]),
        }[kind]
        y[self.gone(dtype not in {*NO_MISSING, "bool", "Sparse[bool]"})] = np.nan
        marker = self.pick(MISSING)
        if kind in ("numbers", "fractions"):
            typed = as_numbers(y, dtype, marker)
        elif kind == "other":
            labels = (-1, 1)
            options["event"] = 1
            typed = as_numbers(np.where(np.isnan(y), np.nan, 2.0 * y - 1.0), dtype, marker)
        elif kind == "flags":
            labels = (False, True)
            typed = as_flags([None if np.isnan(v) else bool(v) for v in y], dtype, marker)
        else:
            labels = self.pick((("no", "yes"), ("", "x"), ("0", "1"), ("a b", "ä")))
            texts = np.array([None if np.isnan(v) else labels[int(v)] for v in y], dtype=object)
            if kind == "category" and self.chance(50):
                # The last category is the event.
                y, labels = 1.0 - y, labels[::-1]
            typed = as_text(texts, dtype, labels, marker)
            if kind == "text" and self.chance(30):
                options["event"] = labels[0]
                y, labels = 1.0 - y, labels[::-1]
        if dtype.startswith("Sparse"):
            self.odd.append(name)
        self.add(name, y, typed)
        return name, y, labels, options, kind

    # -- weights and offset

    def per_row(self, name, values, dtypes=NUMBERS):
        """A number per row: a column, or a Series in another order, an array, a list."""
        dtype = self.pick(dtypes)
        missing = np.zeros(self.n, dtype=bool)
        if dtype not in NO_MISSING and self.chance(15):
            missing = self.rng.random(self.n) < 0.05
        given = np.where(missing, np.nan, values)
        typed = as_numbers(given, dtype, self.pick(MISSING)).set_axis(self.index)
        if dtype.startswith("Sparse"):
            self.odd.append(name)
        how = self.pick(("column", "column", "Series", "array", "list", "permuted"))
        if how == "column":
            self.columns.append(Column(name, given, typed))
            return given, name
        if how == "Series":
            return given, typed
        if how == "permuted":
            order = self.rng.permutation(self.n)
            moved = as_numbers(given[order], dtype).set_axis(self.index[order])
            if moved.index.equals(self.index):
                return given, typed
            if self.index_kind not in UNIQUE:
                self.faults.append(("duplicate labels",))
            return given, moved
        return given, typed.array.copy() if how == "array" else typed.tolist()

    def weights(self, y, labels, kind):
        """Options, their clean numbers, and the scheme of class weights."""
        n, options = self.n, {}
        m, a, scheme = np.ones(n), np.ones(n), None
        if self.chance(30):
            whole = [one for one in NUMBERS if one != "float16"]
            m, options["freq_weights"] = self.per_row(
                "count", self.rng.integers(0, 4, n) * 1.0, whole
            )
        if self.chance(35):
            a, options["sampling_weights"] = self.per_row(
                "weight", self.rng.integers(0 if self.chance(30) else 1, 9, n) * 1.0, NUMBERS
            )
        choice = self.pick(("none", "none", "none", "balanced", "mapping", "prevalence"))
        if choice == "balanced":
            scheme = options["class_weight"] = "balanced"
        elif choice == "mapping":
            scheme = (0.5, 3.0)
            options["class_weight"] = dict(zip(labels, scheme, strict=True))
        elif choice == "prevalence":
            scheme = options["prevalence"] = 0.2
        return m, a, scheme, options


@st.composite
def tables(draw):
    """Tables with a call and its truth."""
    b = Builder(draw)
    b.covariates()
    name, y, labels, options, kind = b.outcome()
    m, a, scheme, weighing = b.weights(y, labels, kind)
    options |= weighing
    offset = np.zeros(b.n)
    if b.chance(20):
        values = np.round(8.0 * b.rng.normal(0.0, 0.3, b.n)) / 8.0
        offset, options["offset"] = b.per_row(
            "shift", values, [d for d in NUMBERS if d not in WHOLE]
        )
    with np.errstate(invalid="ignore"):
        X = np.column_stack(b.blocks)
    complete = ~np.isnan(X).any(axis=1) & ~np.isnan(offset)
    complete &= b.inside
    kept = complete & ~np.isnan(y)
    if not b.inside.all():
        options["subset"] = b.inside if b.chance(50) else pd.Series(b.inside, index=b.index)
    for role, values in (("freq_weights", m), ("sampling_weights", a)):
        gone = np.isnan(values) & kept
        if gone.any():
            b.faults.append((role,))
    data = Weighed(X[kept], y[kept], offset[kept], m[kept], a[kept], scheme)
    frame = table(b)
    formula = f"{written(name)} ~ {' + '.join(b.terms)}"
    used = [column.name for column in b.columns if column.name in NAMES]
    b.faults += [(f"'{name}'", "hides") for name in hidden(formula, used)]
    return Drawn(
        frame,
        formula,
        options,
        draw(st.sampled_from([None, None, "HC0", "HC1", "HC3"])),
        data,
        kept,
        complete,
        X,
        offset,
        b.labels,
        kind != "fractions" and scheme is None and "sampling_weights" not in options,
        b.inside,
        b.faults,
        b.odd,
    )


def table(b):
    """The columns in any order, beside others that nothing reads."""
    columns = [(column.name, column.typed) for column in b.columns]
    if b.chance(30):
        spare = pd.Series([[i] for i in range(b.n)], index=b.index, dtype=object)
        columns += [(label, spare) for label in (5, None, ("x", 1), "spare", "spare")]
    order = b.rng.permutation(len(columns))
    frame = pd.concat([columns[i][1] for i in order], axis=1)
    labels = [columns[i][0] for i in order]
    frame.columns = pd.Index(labels, dtype=object, tupleize_cols=False)
    return frame
