"""What to say of a fit, apart from how it looks."""
