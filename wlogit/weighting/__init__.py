"""What the weights of a fit do: to its precision, to its estimates, and to those of other fits."""
