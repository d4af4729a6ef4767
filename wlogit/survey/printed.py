"""How the numbers of a design print: counts of people, not powers of ten."""


def readable(value: float, digits: int) -> str:
    """A number to some digits, whole with thousands separators where it has as many before the dot.

    Parameters
    ----------
    value : float
    digits : int
    """
    whole = abs(value) >= 10.0 ** (digits - 1)
    return f"{value:,.0f}" if whole else f"{value:,.{digits}g}"
