"""How the rows were drawn: strata, sampling units, replicate weights."""
