"""What exists only because of statsmodels: its wrapper, optimisers, tables and refusals."""
