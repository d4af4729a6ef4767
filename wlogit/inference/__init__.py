"""Statistics as functions of coefficients, covariance and cases."""
