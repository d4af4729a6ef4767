"""Example data."""

from importlib import resources
from typing import Final

import pandas as pd

__all__ = ["MID_PREVALENCE", "load_endometrial", "load_infert", "load_mid", "load_nhanes"]

MID_PREVALENCE: Final = 1042 / 303_772
"""Share of dyad-years with a dispute in the population that `load_mid` was sampled from."""


def load_endometrial() -> pd.DataFrame:
    """Endometrial cancer: a small study whose outcome one risk factor separates.

    Of 79 patients, all 13 with neovasculization have a high grade of the tumor: the
    maximum-likelihood estimate of its effect is infinite (quasi-complete separation).

    Returns
    -------
    DataFrame
        79 rows, one per patient, no missing values:

        - ``NV``: 1 if there is neovasculization, else 0;
        - ``PI``: pulsality index of the arteria uterina, from 0 to 49;
        - ``EH``: height of the endometrium, from 0.27 to 3.61;
        - ``HG``: 1 for a high histological grade (III, IV), 0 for a low one (0 to II).

    References
    ----------
    Heinze and Schemper (2002), A solution to the problem of separation in logistic regression,
    Statistics in Medicine 21, 2409-2419; collected by E. Asseryanis. The numbers are those of R's
    brglm2.

    Examples
    --------
    >>> from wlogit.datasets import load_endometrial
    >>> patients = load_endometrial()
    >>> patients.shape
    (79, 4)
    >>> patients.groupby("NV")["HG"].agg(["size", "sum"]).to_dict("index")
    {0: {'size': 66, 'sum': 17}, 1: {'size': 13, 'sum': 13}}
    """
    return _read("endometrial.csv", fractions=("EH",))


def load_infert() -> pd.DataFrame:
    """Infertility after abortion: a matched case-control study, 83 sets of one case and controls.

    Each woman with secondary infertility is matched to two of the same age, parity and education
    (to one in a single set), so that rows of a set are a cluster.

    Returns
    -------
    DataFrame
        248 rows, one per woman, no missing values:

        - ``case``: 1 for infertility, else 0;
        - ``induced``, ``spontaneous``: numbers of earlier abortions, 0, 1, or 2 for more;
        - ``age``, ``parity``: years, and number of births;
        - ``education``: schooling, "0-5yrs", "6-11yrs" or "12+ yrs";
        - ``stratum``: the matched set, 1 to 83.

    References
    ----------
    Trichopoulos et al. (1976), Induced abortion and secondary infertility, British Journal of
    Obstetrics and Gynaecology 83, 645-650. The numbers are those of R's datasets.

    Examples
    --------
    >>> from wlogit.datasets import load_infert
    >>> women = load_infert()
    >>> women.shape, int(women["case"].sum()), women["stratum"].nunique()
    ((248, 7), 83, 83)
    """
    return _read("infert.csv")


def load_mid() -> pd.DataFrame:
    """Militarized interstate disputes: a case-control sample of pairs of countries.

    King and Zeng (2001) keep all 1,042 dyad-years in which a dispute began and a random 2,084 of
    the 302,730 without one, so that a third of the rows are events where the population has
    0.34 percent (`MID_PREVALENCE`).

    Returns
    -------
    DataFrame
        3,126 rows, one per dyad-year, no missing values:

        - ``conflict``: 1 if a dispute began in the year, else 0;
        - ``major``: 1 if at least one of the two is a major power;
        - ``contig``: 1 if the two share a border;
        - ``power``: index of the balance of military power between the two, from 0 to 1;
        - ``maxdem``, ``mindem``: the higher and the lower democracy score of the two, from -10
          (autocracy) to 10 (democracy);
        - ``years``: years of peace since the last dispute of the two.

    References
    ----------
    King and Zeng (2001), Explaining Rare Events in International Relations, International
    Organization 55, 693-715.

    Examples
    --------
    >>> from wlogit.datasets import MID_PREVALENCE, load_mid
    >>> disputes = load_mid()
    >>> disputes.shape
    (3126, 7)
    >>> round(float(disputes["conflict"].mean()), 4), round(MID_PREVALENCE, 4)
    (0.3333, 0.0034)
    """
    return _read("mid.csv", fractions=("power",))


def load_nhanes() -> pd.DataFrame:
    """High cholesterol in the United States, 2009 and 2010: a stratified, clustered survey.

    NHANES draws counties within strata of the country, and people within counties, with
    unequal probabilities.

    Returns
    -------
    DataFrame
        8,591 rows, one per person:

        - ``SDMVSTRA``: stratum, 75 to 89;
        - ``SDMVPSU``: primary sampling unit, numbered from 1 within each stratum;
        - ``WTMEC2YR``: sampling weight, the people whom a row stands for;
        - ``HI_CHOL``: 1 if total cholesterol is above 240 mg/dl, else 0; missing in 745 rows;
        - ``race``: 1 Hispanic, 2 non-Hispanic white, 3 non-Hispanic black, 4 other;
        - ``agecat``: age group, "(0,19]", "(19,39]", "(39,59]" or "(59,Inf]";
        - ``RIAGENDR``: 1 male, 2 female.

    References
    ----------
    National Center for Health Statistics, National Health and Nutrition Examination Survey
    2009-2010. The extract, with its names of columns, is that of R's survey package.

    Examples
    --------
    >>> from wlogit.datasets import load_nhanes
    >>> people = load_nhanes()
    >>> people.shape, people["SDMVSTRA"].nunique()
    ((8591, 7), 15)
    >>> int(people["HI_CHOL"].isna().sum())
    745
    """
    return _read("nhanes.csv")


def _read(name: str, fractions: tuple[str, ...] = ()) -> pd.DataFrame:
    with resources.files(__name__).joinpath(name).open("rb") as file:
        # Fractions by Python's float: pandas 2 rounds some of them in the last bit.
        return pd.read_csv(file, converters=dict.fromkeys(fractions, float))
