"""Members of the results, by what they are about."""
