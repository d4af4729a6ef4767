"""Models, and a call of every public method of statsmodels' Logit and of its results."""

import copy
import io
import re

import numpy as np
from statsmodels.discrete.discrete_model import Logit

from tests.contracts.logit_fits import FITS


def first(k, count=2):
    """Contrasts of the first coefficients."""
    return np.eye(k)[:count]


def k(r):
    return len(r.params)


def fresh(r):
    """A copy that may be changed."""
    return copy.deepcopy(r)


def extra(r):
    rng = np.random.default_rng(3)
    return rng.normal(size=(int(r.nobs), 2))


def null_options(r, **options):
    changed = fresh(r)
    changed.set_null_options(**options)
    return {"llnull": changed.llnull, "llr": changed.llr, "llr_pvalue": changed.llr_pvalue}


def saved(r):
    file = io.BytesIO()
    r.save(file)
    file.seek(0)
    return type(r).load(file).params


def without_data(r):
    changed = fresh(r)
    changed.remove_data()
    return {"bse": changed.bse, "llf": changed.llf, "intervals": changed.conf_int()}


def constrained(r, f):
    model = r.model
    first_name, second_name = model.exog_names[1:3]
    result = model.fit_constrained(f"{first_name} + {second_name} = 0.2", disp=False, **f.cov)
    return {
        name: getattr(result, name) for name in ("params", "bse", "llf", "df_model", "df_resid")
    }


def as_theirs(text):
    """With the one word that differs from statsmodels' tables as they have it."""
    return text.replace("<0.001", " 0.000")


def coefficient_lines(summary):
    """The rows of numbers of the coefficient table, without their spacing."""
    text = as_theirs(summary.as_text())
    number = r"\s+-?\d+\.\d+"
    rows = re.findall(rf"^.*\S(?:{number}){{6}}$", text, re.MULTILINE)
    return [re.sub(r"\s+", " ", row) for row in rows]


def heading(summary):
    """What the summary says of the model, by label; dates and the model's name apart."""
    entries = {}
    for row in summary.tables[0].data:
        cells = [str(cell).strip() for cell in row]
        entries |= dict(zip(cells[::2], cells[1::2], strict=False))
    return {name: entries[name] for name in entries if name.rstrip(":") in HEADING}


HEADING = (
    *("Dep. Variable", "Method", "converged", "Covariance Type", "No. Observations"),
    *("Df Residuals", "Df Model", "Pseudo R-squ.", "Log-Likelihood", "LL-Null", "LLR p-value"),
)


def heading2(summary):
    """The pairs of the heading of summary2."""
    cells = [str(cell).strip() for row in summary.tables[0].to_numpy() for cell in row]
    entries = dict(zip(cells[::2], cells[1::2], strict=False))
    apart = {"Date:", "Model:", "Method:", "No. Iterations:"}
    return {name: entry for name, entry in entries.items() if name and name not in apart}


def with_parts(found):
    """A prediction and what it offers."""
    return {
        "predicted": found.predicted,
        "se": found.se,
        "tvalues": found.tvalues,
        "conf_int": found.conf_int(alpha=0.1),
        "summary_frame": found.summary_frame(alpha=0.1),
        "t_test": found.t_test(),
        "var_pred": found.var_pred,
    }


def margins(r, **options):
    found = r.get_margeff(**options)
    if options.get("at") == "all":
        return {"margeff": found.margeff}
    return {
        "margeff": found.margeff,
        "margeff_se": found.margeff_se,
        "tvalues": found.tvalues,
        "pvalues": found.pvalues,
        "conf_int": found.conf_int(alpha=0.1),
        "margeff_cov": found.margeff_cov,
        "summary_frame": found.summary_frame(alpha=0.1),
        "summary": re.findall(r"-?\d+\.\d+", as_theirs(found.summary().tables[1].as_text())),
    }


INFLUENCE_APART = {
    "results": "the results themselves",
    "model_class": "the class itself",
    "scale": "an argument of the constructor",
    "plot_index": "a figure",
    "plot_influence": "a figure",
}


def influence(r):
    """Every public member of the influence object."""
    found = r.get_influence()
    parts = {}
    for name in public(sm_influence()):
        if name not in INFLUENCE_APART:
            member = getattr(found, name)
            parts[name] = member() if callable(member) else member
    return parts | {"resid_score, studentized": found.resid_score(studentize=True)}


def sm_influence():
    return FITS[0].results(Logit).get_influence()


def public(thing):
    return [name for name in dir(getattr(thing, "_results", thing)) if not name.startswith("_")]


def score_test(r, **options):
    statistic, pvalue, *_ = r.score_test(**options)
    return {"statistic": statistic, "pvalue": pvalue}


RESULTS = {
    "conf_int": {
        "95 %": lambda r, f: r.conf_int(),
        "80 %": lambda r, f: r.conf_int(alpha=0.2),
    },
    "cov_params": {
        "all": lambda r, f: r.cov_params(),
        "contrasts": lambda r, f: r.cov_params(r_matrix=first(k(r))),
        "columns": lambda r, f: r.cov_params(column=[0, 2]),
    },
    "f_test": {"two": lambda r, f: r.f_test(first(k(r)))},
    "get_distribution": {
        "mean": lambda r, f: r.get_distribution().mean(),
        "var": lambda r, f: r.get_distribution().var(),
        "new": lambda r, f: r.get_distribution(f.new, **f.new_options).mean(),
    },
    "get_influence": {"": lambda r, f: influence(r)},
    "get_margeff": {
        **{
            at: lambda r, f, at=at: margins(r, at=at)
            for at in ("overall", "mean", "median", "zero", "all")
        },
        **{how: lambda r, f, how=how: margins(r, method=how) for how in ("dyex", "eydx", "eyex")},
        "at the mean, eyex": lambda r, f: margins(r, at="mean", method="eyex"),
        "dummy": lambda r, f: margins(r, dummy=True),
        "dummy, mean": lambda r, f: margins(r, dummy=True, at="mean"),
        "count": lambda r, f: margins(r, count=True),
        "dummy, count": lambda r, f: margins(r, dummy=True, count=True),
        "atexog": lambda r, f: margins(r, at="mean", atexog={1: 0.5}),
    },
    "get_prediction": {
        "mean": lambda r, f: with_parts(r.get_prediction()),
        "linear": lambda r, f: with_parts(r.get_prediction(which="linear")),
        "new": lambda r, f: with_parts(r.get_prediction(f.new, **f.new_options)),
        "average": lambda r, f: r.get_prediction(average=True).summary_frame(),
        "delta": lambda r, f: r.get_prediction().conf_int(method="delta"),
    },
    "info_criteria": {
        **{
            crit: lambda r, f, crit=crit: r.info_criteria(crit)
            for crit in ("aic", "bic", "tic", "gbic")
        },
        "aic, one more": lambda r, f: r.info_criteria("aic", dk_params=1),
        "bic, one more": lambda r, f: r.info_criteria("bic", dk_params=1),
    },
    "load": {"": lambda r, f: saved(r)},
    "save": {"": lambda r, f: saved(r)},
    "pred_table": {
        "half": lambda r, f: np.asarray(r.pred_table()),
        "0.3": lambda r, f: np.asarray(r.pred_table(0.3)),
    },
    "predict": {
        **{
            which: lambda r, f, which=which: r.predict(which=which)
            for which in ("mean", "linear", "var")
        },
        "new": lambda r, f: r.predict(f.new, **f.new_options),
        "new, linear": lambda r, f: r.predict(f.new, which="linear", **f.new_options),
    },
    "remove_data": {"": lambda r, f: without_data(r)},
    "score_test": {
        "extra": lambda r, f: score_test(r, exog_extra=extra(r)),
        "extra, nonrobust": lambda r, f: score_test(r, exog_extra=extra(r), cov_type="nonrobust"),
        "restricted": lambda r, f: score_test(
            r, params_constrained=np.asarray(r.params) * 0.9, k_constraints=1, cov_type="nonrobust"
        ),
        "separate": lambda r, f: score_test(
            r, exog_extra=extra(r), hypothesis="separate", cov_type="nonrobust"
        ),
    },
    "set_null_options": {
        "llnull": lambda r, f: null_options(r, llnull=-77.0),
        "attach": lambda r, f: null_options(r, attach_results=True),
    },
    "summary": {
        "coefficients": lambda r, f: coefficient_lines(r.summary()),
        "90 %": lambda r, f: coefficient_lines(r.summary(alpha=0.1)),
        "heading": lambda r, f: heading(r.summary()),
    },
    "summary2": {
        "coefficients": lambda r, f: r.summary2().tables[1],
        "heading": lambda r, f: heading2(r.summary2()),
    },
    "t_test": {
        "each": lambda r, f: r.t_test(np.eye(k(r))),
        "intervals": lambda r, f: r.t_test(first(k(r))).conf_int(0.1),
        "value": lambda r, f: r.t_test((first(k(r)), np.array([0.1, 0.2]))),
        "frame": lambda r, f: r.t_test(first(k(r))).summary_frame(),
        "t": lambda r, f: r.t_test(first(k(r)), use_t=True),
        "words": lambda r, f: r.t_test(f"{r.model.exog_names[0]} = {r.model.exog_names[1]}"),
    },
    "t_test_pairwise": {"": lambda r, f: r.t_test_pairwise("C(g)").result_frame},
    "wald_test": {
        "chi2": lambda r, f: r.wald_test(first(k(r)), use_f=False, scalar=True),
        "f": lambda r, f: r.wald_test(first(k(r)), use_f=True, scalar=True),
        "default": lambda r, f: r.wald_test(first(k(r)), scalar=True),
    },
    "wald_test_terms": {
        "all": lambda r, f: r.wald_test_terms(scalar=True).table,
        "factors": lambda r, f: r.wald_test_terms(skip_single=True, scalar=True).table,
    },
}
RESULTS_APART = {
    "cov_kwds": "options as given, not numbers",
    "initialize": "called by the constructor",
    "mle_retvals": "what the optimizer did; converged and fopt are compared below",
    "mle_settings": "how the optimizer was called",
    "model": "compared by itself",
}


def at(model):
    """Parameters away from the optimum, where the score is not zero."""
    return np.linspace(-0.4, 0.7, model.exog.shape[1])


MODEL = {
    **{
        name: {"": lambda m, f, name=name: getattr(m, name)(at(m))}
        for name in (
            *("loglike", "loglikeobs", "score", "score_obs", "score_factor"),
            *("hessian", "hessian_factor", "information", "predict"),
        )
    },
    "cdf": {"": lambda m, f: m.cdf(np.linspace(-40, 40, 9))},
    "pdf": {"": lambda m, f: m.pdf(np.linspace(-40, 40, 9))},
    "link": {
        "values": lambda m, f: m.link(np.linspace(0.1, 0.9, 5)),
        "derivative": lambda m, f: m.link.deriv(np.linspace(0.1, 0.9, 5)),
        "inverse": lambda m, f: m.link.inverse(np.linspace(-4, 4, 5)),
    },
    "family": {"variance": lambda m, f: m.family.variance(np.linspace(0.1, 0.9, 5))},
    "get_distribution": {"mean": lambda m, f: m.get_distribution(at(m)).mean()},
    "fit_constrained": {"": lambda m, f: constrained(m.fit(disp=False), f)},
    "fit": {
        "from elsewhere": lambda m, f: m.fit(at(m), disp=False).params,
        "optimizer": lambda m, f: {
            name: m.fit(disp=False).mle_retvals[name] for name in ("converged", "fopt", "warnflag")
        },
    },
    "from_formula": {"": lambda m, f: f.results(type(m)).params},
    "offset": {"": lambda m, f: np.asarray(m.offset)},
    "raise_on_perfect_prediction": {"": lambda m, f: m.raise_on_perfect_prediction},
}
MODEL_APART = {
    "cov_params_func_l1": "called by the penalized fit",
    "data": "statsmodels' holder of the arrays, compared as endog and exog",
    "fit_regularized": "stops where its solver does; the tests of penalized fits compare it",
    "initialize": "called by the constructor",
}
